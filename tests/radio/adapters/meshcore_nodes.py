"""MeshCore companions in range of each other, as far as their TCP port shows: the frames are real."""

from __future__ import annotations

import socketserver
import threading
from collections import deque

APP_START, SYNC_NEXT_MESSAGE, SEND_CHANNEL_DATA = 1, 10, 62
OK, ERROR, SELF_INFO, NO_MORE_MSGS, CHANNEL_DATA_RECV, MESSAGES_WAITING = 0, 1, 5, 10, 27, 0x83
NUM_CHANNELS = 2


class Mesh(socketserver.ThreadingTCPServer):
    """Every connection is a companion of its own; what one sends, all others keep until it is fetched."""

    daemon_threads = allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Companion)
        self.companions: list[_Companion] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        return self.server_address[1]


class _Companion(socketserver.StreamRequestHandler):
    server: Mesh

    def handle(self) -> None:
        self.lock, self.waiting = threading.Lock(), deque[bytes]()
        self.server.companions.append(self)
        while self.rfile.read(1) == b"\x3c":
            self._obey(self.rfile.read(int.from_bytes(self.rfile.read(2), "little")))

    def _obey(self, command: bytes) -> None:
        if command[0] == APP_START:
            self.say(bytes([SELF_INFO, 1, 20, 22]) + bytes(32 + 8 + 4) + bytes(8) + bytes([8, 8]) + b"tester")
        elif command[0] == SYNC_NEXT_MESSAGE:
            self.say(self.waiting.popleft() if self.waiting else bytes([NO_MORE_MSGS]))
        elif command[0] == SEND_CHANNEL_DATA and command[1] < NUM_CHANNELS and command[2] == 0xFF:
            self.say(bytes([OK]))
            for other in self.server.companions:
                if other is not self:
                    other.hear(command[1], command[3:5], command[5:])
        else:
            self.say(bytes([ERROR, 2]))

    def hear(self, channel: int, data_type: bytes, data: bytes) -> None:
        self.waiting.append(bytes([CHANNEL_DATA_RECV, 20, 0, 0, channel, 2]) + data_type + bytes([len(data)]) + data)
        self.say(bytes([MESSAGES_WAITING]))

    def say(self, frame: bytes) -> None:
        with self.lock:
            self.wfile.write(b"\x3e" + len(frame).to_bytes(2, "little") + frame)
