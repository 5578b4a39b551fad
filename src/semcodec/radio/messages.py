"""What stations say to each other beside packets: envelopes and requests. `docs/radio.md` is normative.

```text
 mark      1 byte    F5 envelope, F6 request (none of them occurs in UTF-8 text; packets begin with F8 to FF)
 version   1 byte    1
 file      2 bytes   the number of the packets that it is about
 body
 check     2 bytes   CRC-16 (GENIBUS) of all bytes before it, as in packets
```

An envelope's body is a varint, how many packets there are (0: the preview is the file), a varint, how many bytes the
file has, the first 4 bytes of its SHA-256, and the preview: a .semc file without its magic. A request's body is what is
wanted (1 byte), and for `Want.THESE` ranges: a varint of numbers that are left out, a varint of numbers that are
wanted, less 1.
"""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from semcodec.container.decode import ByteReader
from semcodec.container.encode import varint_bytes
from semcodec.container.packets import CHECK_BYTES, FILE_BYTES, Packet, check_of
from semcodec.container.packets.decode import unpack_packet
from semcodec.errors import FormatError, NotAPacketError, PacketError, UnsupportedVersionError
from semcodec.ids import MAGIC

ENVELOPE_MARK, REQUEST_MARK = 0xF5, 0xF6
MESSAGE_VERSION = 1
DIGEST_BYTES = 4
MOST_NUMBER = (1 << 28) - 1  # of a varint

Ranges = tuple[tuple[int, int], ...]  # of packet numbers, (first, last) each


class Want(enum.IntEnum):
    """What a request asks for."""

    NOTHING = 0  # nothing more: all is there, or none of it is wanted
    ALL = 1
    THESE = 2
    ENVELOPE = 3


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is sent before a picture. `preview` is a .semc file: the size, the words and a thumb of the picture.

    `num_packets` is 0 where the preview is the whole file. `digest`: the first bytes of the file's SHA-256.
    """

    file_id: int
    num_packets: int
    num_bytes: int
    digest: bytes
    preview: bytes

    def is_of(self, data: bytes) -> bool:
        """Whether these are the bytes of the file that was announced."""
        return len(data) == self.num_bytes and digest_of(data) == self.digest


@dataclass(frozen=True, slots=True)
class Request:
    """`ranges` are the numbers of `Want.THESE`, in rising order."""

    file_id: int
    want: Want
    ranges: Ranges = ()


def digest_of(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()[:DIGEST_BYTES]


def pack_envelope(envelope: Envelope) -> bytes:
    assert envelope.preview.startswith(MAGIC), "a preview is a file"
    counts = varint_bytes(envelope.num_packets) + varint_bytes(envelope.num_bytes)
    return _framed(ENVELOPE_MARK, envelope.file_id, counts + envelope.digest + envelope.preview[len(MAGIC) :])


def pack_request(request: Request, *, most_bytes: int) -> bytes:
    """Of more ranges than fit into `most_bytes` the first ones."""
    body, end = bytearray([request.want]), 0
    room = most_bytes - len(_framed(REQUEST_MARK, 0, b""))
    for first, last in request.ranges:
        piece = varint_bytes(first - end) + varint_bytes(last - first)
        if len(body) + len(piece) > room:
            break
        body += piece
        end = last + 1
    return _framed(REQUEST_MARK, request.file_id, bytes(body))


def unpack_message(data: bytes) -> Envelope | Request:
    """Raises `NotAPacketError` for what is no message, another `FormatError` for a damaged or a newer one."""
    mark = data[0] if data else -1
    if mark not in (ENVELOPE_MARK, REQUEST_MARK):
        shown = data[:2].hex(" ") or "nothing"
        raise NotAPacketError(f"no message: it begins with {shown} at offset 0", offset=0)
    framed, check = data[:-CHECK_BYTES], data[-CHECK_BYTES:]
    if check != check_of(framed):
        at = len(framed)
        raise PacketError(f"a damaged message: the check at its end (offset {at}) does not hold", offset=at)
    reader = ByteReader(framed)
    reader.take(1, "a message")
    version = reader.take(1, "a message's version")[0]
    if version != MESSAGE_VERSION:
        raise UnsupportedVersionError(
            f"a message of version {version} (offset 1); this build reads version {MESSAGE_VERSION}", offset=1
        )
    file_id = int.from_bytes(reader.take(FILE_BYTES, "a message's file number"), "big")
    return _envelope(reader, file_id) if mark == ENVELOPE_MARK else _request(reader, file_id)


def read_datagram(data: bytes) -> Envelope | Request | Packet | None:
    """A message or a packet; None: a whole .semc file, which some links carry as one datagram. Raises FormatError."""
    if data.startswith(MAGIC):
        return None
    if data[:1] and data[0] in (ENVELOPE_MARK, REQUEST_MARK):
        return unpack_message(data)
    return unpack_packet(data)


def ranges_of(numbers: Iterable[int]) -> Ranges:
    """Numbers as ranges, in rising order."""
    found: list[tuple[int, int]] = []
    for number in sorted(set(numbers)):
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return tuple(found)


def numbers_of(ranges: Sequence[tuple[int, int]], *, below: int) -> Iterator[int]:
    """The numbers of ranges, as far as they are below `below`: a stranger's range may have millions."""
    for first, last in ranges:
        yield from range(first, min(last + 1, below))


def _framed(mark: int, file_id: int, body: bytes) -> bytes:
    framed = bytes([mark, MESSAGE_VERSION]) + file_id.to_bytes(FILE_BYTES, "big") + body
    return framed + check_of(framed)


def _envelope(reader: ByteReader, file_id: int) -> Envelope:
    num_packets = reader.varint("an envelope's count of packets")
    num_bytes = reader.varint("an envelope's count of bytes")
    digest = reader.take(DIGEST_BYTES, "an envelope's digest")
    if not reader.num_left:
        raise PacketError(f"a damaged envelope: it has no preview (offset {reader.offset})", offset=reader.offset)
    preview = MAGIC + reader.take_up_to(reader.num_left)
    envelope = Envelope(file_id, num_packets, num_bytes, digest, preview)
    if not num_packets and not envelope.is_of(preview):
        raise PacketError("a damaged envelope: it announces no packets, and its preview is not the file", offset=0)
    return envelope


def _request(reader: ByteReader, file_id: int) -> Request:
    at = reader.offset
    number = reader.take(1, "what a request wants")[0]
    if number not in Want.__members__.values():
        raise FormatError(f"a request for what this build does not know: {number} (offset {at})", offset=at)
    want, end = Want(number), 0
    ranges: list[tuple[int, int]] = []
    while want is Want.THESE and reader.num_left:
        first = end + reader.varint("a request's numbers")
        last = first + reader.varint("a request's numbers")
        if last > MOST_NUMBER or (ranges and first == end):
            raise PacketError(
                f"a damaged request: a range that no request has (offset {reader.offset})", offset=reader.offset
            )
        ranges.append((first, last))
        end = last + 1
    if want is Want.THESE and not ranges:
        raise PacketError(f"a damaged request: it names no packet (offset {reader.offset})", offset=reader.offset)
    if reader.num_left:
        raise PacketError(f"a damaged request: bytes stand behind it (offset {reader.offset})", offset=reader.offset)
    return Request(file_id, want, tuple(ranges))
