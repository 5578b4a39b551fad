"""The frame of a packet: what is read of it before anything is decoded. `docs/packets.md` is normative.

```text
 kind and magic   1 byte    F8 to FB: F8 + kind (none of them occurs in UTF-8 text)
 file             2 bytes   the same in all packets of a file, and most likely in those of no other
 number           varint    1, 2, ...; in the first packet, how many packets there are
 body
 check            2 bytes   CRC-16 (GENIBUS) of all bytes before it
```

| kind | body |
|---|---|
| 0 first | header without its magic, family of the tokens (0: none), varint: bytes of the front, front, token stream |
| 1 front | varint: offset in the front, bytes of the front |
| 2 tokens | token stream |
| 3 back | varint: offset in the back, bytes of the back |

*Front* and *back* are the sections before and behind the tokens, each with its length.
"""

from __future__ import annotations

import enum
from binascii import crc_hqx
from collections.abc import Sequence
from dataclasses import dataclass

from semcodec.container.bits import ByteReader, varint_bytes
from semcodec.container.header import pack_header, unpack_header
from semcodec.container.sections import read_file, write_file
from semcodec.errors import FormatError, NotAPacketError, PacketError, TruncatedError
from semcodec.ids import MAGIC, LayerId
from semcodec.limits import Limits
from semcodec.types import FileHeader, Section, Size

MIN_PACKET_BYTES = 40  # the least MTU: a header, a plan and a few tokens fit
MAX_PACKET_BYTES = (1 << 16) - 1
CHECK_BYTES = 2
_MARK, _KINDS = 0xF8, 4
_FILE_BYTES = 2
_CHECK_BITS = 0xFFFF
_ANY_HEADER = FileHeader(Size(1, 1))
_TOKENS_HEAD = Section(LayerId.TOKENS, 0, b"")


class PacketKind(enum.IntEnum):
    FIRST = 0
    FRONT = 1
    TOKENS = 2
    BACK = 3


@dataclass(frozen=True, slots=True)
class Packet:
    """`number` is 0 in the first packet, whose `num_packets` counts all of the file (0 in the others). `offset`: of the
    body in the packet.
    """

    kind: PacketKind
    file_id: int
    number: int
    body: bytes
    num_packets: int = 0
    offset: int = 0


def pack_packet(packet: Packet) -> bytes:
    first = packet.kind == PacketKind.FIRST
    head = bytes([_MARK + packet.kind]) + packet.file_id.to_bytes(_FILE_BYTES, "big")
    framed = head + varint_bytes(packet.num_packets if first else packet.number) + packet.body
    return framed + _check(framed)


def num_frame_bytes(number: int) -> int:
    """Bytes of a packet that are not its body. `number` as it is written: how many packets, in the first."""
    return 1 + _FILE_BYTES + len(varint_bytes(number)) + CHECK_BYTES


def unpack_packet(data: bytes) -> Packet:
    """Raises `NotAPacketError` for what is none, another `FormatError` for a damaged one."""
    kind = data[0] - _MARK if data else -1
    if not 0 <= kind < _KINDS:
        shown = data[:2].hex(" ") or "nothing"
        marks = f"{_MARK:02x} to {_MARK + _KINDS - 1:02x}"
        raise NotAPacketError(f"no packet: it begins with {shown} at offset 0, a packet with {marks}", offset=0)
    if len(data) > MAX_PACKET_BYTES:
        raise NotAPacketError(f"no packet: it goes on behind offset {MAX_PACKET_BYTES}", offset=MAX_PACKET_BYTES)
    framed, check = data[:-CHECK_BYTES], data[-CHECK_BYTES:]
    if check != _check(framed):
        raise PacketError(
            f"a damaged packet: the check at its end (offset {len(framed)}) does not hold", offset=len(framed)
        )
    reader = ByteReader(framed)
    reader.take(1, "a packet")
    file_id = int.from_bytes(reader.take(_FILE_BYTES, "a packet's file number"), "big")
    number = reader.varint("a packet's number")
    if not number:
        raise PacketError(
            f"a damaged packet: its number or count is 0 (offset {1 + _FILE_BYTES})", offset=1 + _FILE_BYTES
        )
    first = kind == PacketKind.FIRST
    body = framed[reader.offset :]
    return Packet(PacketKind(kind), file_id, 0 if first else number, body, number if first else 0, reader.offset)


@dataclass(frozen=True, slots=True)
class FirstBody:
    """`family` is 0 where the file has no tokens; `tokens_offset` is where their stream begins in the packet."""

    header: FileHeader
    family: int
    front: bytes
    tokens: bytes
    tokens_offset: int = 0


def pack_first_body(body: FirstBody) -> bytes:
    header = pack_header(body.header)[len(MAGIC) :]
    return header + bytes([body.family]) + varint_bytes(len(body.front)) + body.front + body.tokens


def unpack_first_body(packet: Packet, limits: Limits) -> FirstBody:
    """Raises `FormatError` or `LimitError`; offsets count from the packet's start."""
    at = packet.offset - len(MAGIC)
    reader = ByteReader(bytes(at) + MAGIC + packet.body)
    reader.take(at, "a packet")
    header = unpack_header(reader, limits)
    family = reader.take(1, "the first packet's family")[0]
    front = reader.take(reader.varint("the length of the front"), "the front")
    tokens_offset = reader.offset
    return FirstBody(header, family, front, reader.take_up_to(reader.num_left), tokens_offset)


def pack_chunk(offset: int, chunk: bytes) -> bytes:
    """The body of a front or back packet."""
    return varint_bytes(offset) + chunk


def unpack_chunk(packet: Packet) -> tuple[int, bytes]:
    """(offset, bytes). Raises `FormatError`."""
    reader = ByteReader(packet.body)
    offset = reader.varint("a packet's offset in the sections")
    return offset, reader.take_up_to(reader.num_left)


def pack_sections(sections: Sequence[Section]) -> bytes:
    """Sections one after the other, all with their length."""
    framed = write_file(_ANY_HEADER, [*sections, _TOKENS_HEAD])
    return framed[len(pack_header(_ANY_HEADER)) : -2]


def unpack_sections(data: bytes, limits: Limits) -> tuple[list[Section], FormatError | None]:
    """The sections as far as the bytes go (the last may be `cut_short`), and what is wrong but their ending early."""
    _, sections, problem = read_file(pack_header(_ANY_HEADER) + data, limits)
    return list(sections), None if isinstance(problem, TruncatedError) else problem


def _check(framed: bytes) -> bytes:
    # Turned over at its end, or zeros behind a packet would not show.
    return (crc_hqx(framed, _CHECK_BITS) ^ _CHECK_BITS).to_bytes(CHECK_BYTES, "big")
