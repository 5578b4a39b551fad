"""A TNC that speaks KISS, on a serial port or a TCP port (Dire Wolf, `soundmodem`): packet radio.

KISS (Chepponis and Karn, "The KISS TNC", 1987): frames stand between FEND, what looks like FEND or FESC within is
escaped, and the first byte has the port in its high and the command in its low half, 0 for data. What we send is not
AX.25 unless `call` names a station: then a UI frame (AX.25 2.2, section 3) goes out in its name, as licences ask for.
"""

from __future__ import annotations

import threading
from typing import Any

from semcodec.radio.adapters.address import Address
from semcodec.radio.adapters.require import require
from semcodec.radio.transport import Datagram, Inbox, TransportError

FEND, FESC, TFEND, TFESC = 0xC0, 0xDB, 0xDC, 0xDD
MAX_BYTES = 255
MOST_FRAME_BYTES = 4096  # what is longer is noise
TCP_PORT = 8001
_UI, _NO_LAYER_3 = 0x03, 0xF0
_OPTIONS = "baud (serial), port (of the TNC, 0 to 15), mtu, call (N0CALL-1), to (the destination, SEMC)"


def escaped(data: bytes) -> bytes:
    return data.replace(b"\xdb", b"\xdb\xdd").replace(b"\xc0", b"\xdb\xdc")


def framed(data: bytes, *, port: int = 0) -> bytes:
    """A frame with data for a TNC's port."""
    return bytes([FEND]) + escaped(bytes([port << 4]) + data) + bytes([FEND])


class Unframer:
    """Frames out of a stream of bytes, wherever that is cut."""

    def __init__(self) -> None:
        self._frame = bytearray()
        self._is_inside = self._is_escaped = self._is_broken = False

    def feed(self, data: bytes) -> list[bytes]:
        """The frames that end in these bytes, with their first byte."""
        found = []
        for byte in data:
            if byte == FEND:
                if self._frame and not self._is_broken and not self._is_escaped:
                    found.append(bytes(self._frame))
                self._frame.clear()
                self._is_inside, self._is_escaped, self._is_broken = True, False, False
            elif self._is_inside and not self._is_broken:
                self._take(byte)
        return found

    def _take(self, byte: int) -> None:
        if self._is_escaped:
            self._is_escaped = False
            self._is_broken = byte not in (TFEND, TFESC)
            self._frame.append(FEND if byte == TFEND else FESC)
        elif byte == FESC:
            self._is_escaped = True
        else:
            self._frame.append(byte)
        self._is_broken = self._is_broken or len(self._frame) > MOST_FRAME_BYTES


def ax25_address(call: str, *, last: bool) -> bytes:
    """Seven bytes: six letters or digits, shifted, and the number behind the hyphen. Raises ValueError."""
    name, _, number = call.upper().partition("-")
    if not (1 <= len(name) <= 6 and name.isascii() and name.isalnum()) or not (number or "0").isdecimal():
        raise ValueError(f"{call} is no call sign: write N0CALL or N0CALL-1")
    if int(number or 0) > 15:
        raise ValueError(f"{call}: the number of a call sign is at most 15")
    mark = 0x60 if last else 0xE0  # (of a command: set in the destination, not in the source)
    return bytes(ord(char) << 1 for char in name.ljust(6)) + bytes([mark | int(number or 0) << 1 | last])


def read_ax25(frame: bytes) -> tuple[str, bytes] | None:
    """(sender, data) of a UI frame; None for any other. Digipeaters between are passed over."""
    end = next((at for at in range(6, min(len(frame), 70), 7) if frame[at] & 1), None)
    if end is None or end < 13 or frame[end + 1 : end + 3] != bytes([_UI, _NO_LAYER_3]):
        return None
    name = bytes(byte >> 1 for byte in frame[7:13]).decode("ascii", "replace").strip()
    number = frame[13] >> 1 & 15
    return f"{name}-{number}" if number else name, frame[end + 3 :]


class KissTransport:
    """`stream` is what pyserial opens; reads end after its timeout."""

    link = ""
    reaches = True

    def __init__(
        self, stream: Any, name: str, *, port: int = 0, max_bytes: int = MAX_BYTES, header: bytes = b""
    ) -> None:
        """`header`: of the AX.25 frames; empty: the frames are bare datagrams."""
        self.name, self.max_bytes = name, max_bytes
        self._stream, self._port, self._header = stream, port, header
        self._inbox, self._is_open = Inbox(), True
        self._reader = threading.Thread(target=self._read, name=f"kiss {name}", daemon=True)
        self._reader.start()

    def send(self, data: bytes) -> None:
        try:
            self._stream.write(framed(self._header + data, port=self._port))
            self._stream.flush()
        except OSError as gone:
            raise TransportError(f"{self.name} is gone: {gone}") from gone

    def receive(self, timeout_s: float) -> Datagram | None:
        return self._inbox.get(timeout_s)

    def close(self) -> None:
        self._is_open = False
        self._reader.join(timeout=2)
        self._stream.close()

    def _read(self) -> None:
        unframer = Unframer()
        try:
            while self._is_open:
                for frame in unframer.feed(self._stream.read(max(1, self._stream.in_waiting))):
                    self._take(frame)
        except (OSError, TypeError) as gone:  # (pyserial reads from None when its port is closed)
            if self._is_open:
                self._inbox.fail(TransportError(f"{self.name} is gone: {gone}"))

    def _take(self, frame: bytes) -> None:
        if frame[0] != self._port << 4:
            return
        found = read_ax25(frame[1:]) if self._header else ("", frame[1:])
        if found is not None:
            self._inbox.put(found[1], found[0])


def opened(address: Address) -> KissTransport:
    """`kiss:///dev/ttyUSB0?baud=9600` or `kiss://localhost:8001`. Raises `TransportError`, `MissingExtraError`."""
    serial = require("serial", package="pyserial")
    host = address.host(TCP_PORT)
    where = f"socket://{host[0]}:{host[1]}" if host is not None else address.path
    if not where:
        raise TransportError(f"{address.text}: name a serial port (kiss:///dev/ttyUSB0) or a host (kiss://localhost)")
    baud, port = address.option("baud", int, 9600), address.option("port", int, 0)
    call, to = address.option("call", str, ""), address.option("to", str, "SEMC")
    max_bytes = address.option("mtu", int, MAX_BYTES)
    address.done(_OPTIONS)
    if not 0 <= port <= 15:
        raise TransportError(f"{address.text}: the ports of a TNC are 0 to 15")
    header = b""
    try:
        if call:
            header = ax25_address(to, last=False) + ax25_address(call, last=True) + bytes([_UI, _NO_LAYER_3])
        stream = serial.serial_for_url(where, baudrate=baud, timeout=0.1)
    except (OSError, ValueError) as refused:
        raise TransportError(f"{address.text} cannot be opened: {refused}") from refused
    return KissTransport(stream, address.text, port=port, max_bytes=max_bytes, header=header)
