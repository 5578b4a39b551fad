"""The frame of a packet, written. Encoder only."""

from __future__ import annotations

from semcodec.container.encode import pack_header, varint_bytes
from semcodec.container.packets import (
    CHECK_BYTES,
    FILE_BYTES,
    MARK,
    FirstBody,
    Packet,
    PacketKind,
    RepairBody,
    check_of,
)
from semcodec.ids import MAGIC


def pack_packet(packet: Packet) -> bytes:
    first = packet.kind == PacketKind.FIRST
    head = bytes([MARK + packet.kind]) + packet.file_id.to_bytes(FILE_BYTES, "big")
    framed = head + varint_bytes(packet.num_packets if first else packet.number) + packet.body
    return framed + check_of(framed)


def num_frame_bytes(number: int) -> int:
    """Bytes of a packet that are not its body. `number` as it is written: how many packets, in the first."""
    return 1 + FILE_BYTES + len(varint_bytes(number)) + CHECK_BYTES


def pack_first_body(body: FirstBody) -> bytes:
    header = pack_header(body.header)[len(MAGIC) :]
    return header + bytes([body.family]) + varint_bytes(len(body.front)) + body.front + body.tokens


def pack_chunk(offset: int, chunk: bytes) -> bytes:
    """The body of a front or back packet."""
    return varint_bytes(offset) + chunk


def pack_repair_body(body: RepairBody) -> bytes:
    return varint_bytes(body.num_packets) + varint_bytes(body.num_sent) + body.shard
