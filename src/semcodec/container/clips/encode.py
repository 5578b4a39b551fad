"""The frame of a clip, written. Encoder only."""

from __future__ import annotations

from math import gcd

from semcodec.container.clips import LAST, ClipHeader, Record, check_of
from semcodec.container.encode import varint_bytes
from semcodec.ids import CLIP_FORMAT_VERSION, CLIP_MAGIC


def pack_clip_header(header: ClipHeader) -> bytes:
    numerator, denominator = header.rate
    assert gcd(numerator, denominator) == 1, f"{numerator}/{denominator} is not in lowest terms"
    fields = (header.size.width_px - 1, header.size.height_px - 1, numerator, denominator, header.num_frames - 1)
    data = CLIP_MAGIC + bytes([CLIP_FORMAT_VERSION << 4]) + b"".join(map(varint_bytes, fields))
    return data + check_of(data)


def pack_record(record: Record, *, is_last: bool) -> bytes:
    head = bytes([record.kind | (LAST if is_last else 0)]) + varint_bytes(len(record.payload))
    data = head + record.payload
    return data + check_of(data)


def num_record_bytes(num_payload_bytes: int) -> int:
    """Of a record with a payload of that many bytes."""
    return 1 + len(varint_bytes(num_payload_bytes)) + num_payload_bytes + len(check_of(b""))


def signed(value: int) -> int:
    """A whole number as one of 0 or more: 0, -1, 1, -2, 2 ... to 0, 1, 2, 3, 4 ..."""
    return (value << 1) if value >= 0 else (-value << 1) - 1
