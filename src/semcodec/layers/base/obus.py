"""Open bitstream units, of which every AV1 stream is made, and the bits of a sequence header (AV1, 5.3 and 5.5)."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator

MAX_SIDE_PX = 8192
PRIMARIES, TRANSFER, MATRIX = 1, 13, 6  # as ITU-T H.273 numbers them
ANY_LEVEL = 31  # seq_level_idx without bounds
_HAS_SIZE = 2
Obu = tuple[int, bytes]  # kind, content


class Kind(enum.IntEnum):
    SEQUENCE_HEADER = 1
    TEMPORAL_DELIMITER = 2
    FRAME_HEADER = 3
    TILE_GROUP = 4
    METADATA = 5
    FRAME = 6
    PADDING = 15


class NoBaseError(Exception):
    """An AV1 stream that is no base: it has other obligatory values, or other units than one still has."""


def obu(kind: int, content: bytes) -> bytes:
    """With its size."""
    return bytes([kind << 3 | _HAS_SIZE]) + leb128(len(content)) + content


def obus_in(stream: bytes, *, open_end: bool = False) -> Iterator[Obu]:
    """`open_end`: the last one may have no size: it goes on to the end. Raises `NoBaseError`."""
    at = 0
    while at < len(stream):
        head, at = stream[at], at + 1
        if head & ~(15 << 3 | _HAS_SIZE):
            raise NoBaseError("an open bitstream unit has an extension, or bits that are reserved")
        if not head & _HAS_SIZE:
            if not open_end:
                raise NoBaseError("an open bitstream unit has no size")
            yield head >> 3, stream[at:]
            return
        length = shift = 0
        while True:
            if at == len(stream) or shift > 28:
                raise NoBaseError("an open bitstream unit has no size")
            byte, at = stream[at], at + 1
            length, shift = length | (byte & 127) << shift, shift + 7
            if byte < 128:
                break
        if at + length > len(stream):
            raise NoBaseError("an open bitstream unit ends early")
        yield head >> 3, stream[at : at + length]
        at += length


def header_of(fields: Iterable[tuple[int, int]]) -> bytes:
    """Fields, each a value and how many bits it has, with the bit that ends them, filled up to a whole byte."""
    bits = width = 0
    for value, num_bits in [*fields, (1, 1)]:
        bits, width = bits << num_bits | value, width + num_bits
    padding = -width % 8
    return (bits << padding).to_bytes((width + padding) >> 3, "big")


def leb128(value: int) -> bytes:
    out = bytearray()
    while value >= 128:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)
