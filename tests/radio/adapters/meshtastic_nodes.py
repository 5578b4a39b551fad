"""Meshtastic nodes in range of each other, as far as their TCP port shows: the framing and the protobufs are real."""

from __future__ import annotations

import socketserver
import threading

from meshtastic.protobuf import channel_pb2, config_pb2, mesh_pb2, portnums_pb2

MARK = b"\x94\xc3"


class Mesh(socketserver.ThreadingTCPServer):
    """Every connection is a node of its own; what one sends, all others hear."""

    daemon_threads = allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Node)
        self.nodes: list[_Node] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        return self.server_address[1]


class _Node(socketserver.StreamRequestHandler):
    server: Mesh

    def handle(self) -> None:
        self.number = 0xA1B20000 + len(self.server.nodes)
        self.lock = threading.Lock()
        self.server.nodes.append(self)
        while head := self._next_head():
            said = mesh_pb2.ToRadio()
            said.ParseFromString(self.rfile.read(int.from_bytes(head, "big")))
            if said.HasField("want_config_id"):
                self._introduce(said.want_config_id)
            elif said.HasField("packet"):
                self._send(said.packet)

    def _next_head(self) -> bytes:
        last = b""
        while byte := self.rfile.read(1):  # (32 bytes that wake a sleeping node come first)
            if last + byte == MARK:
                return self.rfile.read(2)
            last = byte
        return b""

    def _introduce(self, config_id: int) -> None:
        self.say(my_info=mesh_pb2.MyNodeInfo(my_node_num=self.number))
        user = mesh_pb2.User(id=f"!{self.number:08x}", long_name="Tester", short_name="T")
        self.say(node_info=mesh_pb2.NodeInfo(num=self.number, user=user))
        for index in range(3):
            self.say(channel=channel_pb2.Channel(index=index))
        self.say(config=config_pb2.Config(lora=config_pb2.Config.LoRaConfig(hop_limit=3)))
        self.say(config_complete_id=config_id)

    def _send(self, packet: mesh_pb2.MeshPacket) -> None:
        self.say(queueStatus=mesh_pb2.QueueStatus(free=8, maxlen=16, mesh_packet_id=packet.id))
        setattr(packet, "from", self.number)
        for other in self.server.nodes:
            if other is not self:
                other.say(packet=packet)

    def hear_text(self, text: str) -> None:
        """Somebody chats in the channel."""
        packet = mesh_pb2.MeshPacket(to=0xFFFFFFFF, id=7)
        setattr(packet, "from", 0x99)
        packet.decoded.portnum, packet.decoded.payload = portnums_pb2.PortNum.TEXT_MESSAGE_APP, text.encode()
        self.say(packet=packet)

    def say(self, **fields: object) -> None:
        data = mesh_pb2.FromRadio(**fields).SerializeToString()
        with self.lock:
            self.wfile.write(MARK + len(data).to_bytes(2, "big") + data)
