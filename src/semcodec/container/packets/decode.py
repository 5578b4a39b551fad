"""The frame of a packet, read. Decoder only."""

from __future__ import annotations

from semcodec.container.decode import ByteReader, read_sections, unpack_header
from semcodec.container.packets import (
    CHECK_BYTES,
    FILE_BYTES,
    MARK,
    MAX_PACKET_BYTES,
    NUM_KINDS,
    FirstBody,
    Packet,
    PacketKind,
    RepairBody,
    check_of,
)
from semcodec.errors import FormatError, NotAPacketError, PacketError, TruncatedError
from semcodec.ids import MAGIC
from semcodec.limits import Limits
from semcodec.types import Section

_HEADER_BYTES = 7  # of the file that is put together: offsets are told as they will be there


def unpack_packet(data: bytes) -> Packet:
    """Raises `NotAPacketError` for what is none, another `FormatError` for a damaged one."""
    kind = data[0] - MARK if data else -1
    if not 0 <= kind < NUM_KINDS:
        shown = data[:2].hex(" ") or "nothing"
        marks = f"{MARK:02x} to {MARK + NUM_KINDS - 1:02x}"
        raise NotAPacketError(f"no packet: it begins with {shown} at offset 0, a packet with {marks}", offset=0)
    if len(data) > MAX_PACKET_BYTES:
        raise NotAPacketError(f"no packet: it goes on behind offset {MAX_PACKET_BYTES}", offset=MAX_PACKET_BYTES)
    framed, check = data[:-CHECK_BYTES], data[-CHECK_BYTES:]
    if check != check_of(framed):
        raise PacketError(
            f"a damaged packet: the check at its end (offset {len(framed)}) does not hold", offset=len(framed)
        )
    reader = ByteReader(framed)
    reader.take(1, "a packet")
    file_id = int.from_bytes(reader.take(FILE_BYTES, "a packet's file number"), "big")
    number = reader.varint("a packet's number")
    if not number:
        raise PacketError(
            f"a damaged packet: its number or count is 0 (offset {1 + FILE_BYTES})", offset=1 + FILE_BYTES
        )
    first = kind == PacketKind.FIRST
    body = framed[reader.offset :]
    return Packet(PacketKind(kind), file_id, 0 if first else number, body, number if first else 0, reader.offset)


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


def unpack_chunk(packet: Packet) -> tuple[int, bytes]:
    """(offset, bytes). Raises `FormatError`."""
    reader = ByteReader(packet.body)
    offset = reader.varint("a packet's offset in the sections")
    return offset, reader.take_up_to(reader.num_left)


def unpack_repair_body(packet: Packet) -> RepairBody:
    """Raises `FormatError` where k, n and the packet's number contradict each other, or no shard is there."""
    reader = ByteReader(packet.body)
    num_packets = reader.varint("how many packets are repaired")
    num_sent = reader.varint("how many packets are sent")
    if not 0 < num_packets <= packet.number < num_sent:
        raise PacketError(
            f"a damaged repair packet: it says that it is number {packet.number}, behind {num_packets} packets of the "
            f"file, and one of {num_sent} (offset {packet.offset})",
            offset=packet.offset,
        )
    if not reader.num_left:
        at = packet.offset + reader.offset
        raise PacketError(f"a damaged repair packet: it ends before its shard (offset {at})", offset=at)
    return RepairBody(num_packets, num_sent, reader.take_up_to(reader.num_left))


def unpack_sections(data: bytes, limits: Limits) -> tuple[list[Section], FormatError | None]:
    """The sections as far as the bytes go (the last may be `cut_short`), and what is wrong but their ending early."""
    reader = ByteReader(bytes(_HEADER_BYTES) + data)
    reader.take(_HEADER_BYTES, "a header")
    sections, problem = read_sections(reader, limits)
    return list(sections), None if isinstance(problem, TruncatedError) else problem
