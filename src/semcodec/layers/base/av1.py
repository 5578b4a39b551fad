"""The part of AV1's syntax that a base picture leaves out, bit by bit (AV1 Bitstream & Decoding Process, 5.5).

A base is the content of one OBU_FRAME. What stands around it in an AV1 stream follows from its coded size and from six
bits, so it is built anew: profile 0, 8 bits, 4:2:0, BT.709 primaries, sRGB transfer, BT.601 matrix, full range, a
reduced still picture header, no superres, no film grain. With this header a frame cannot change its size.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator

from semcodec.types import BasePicture, Size


class Tool(enum.IntFlag):
    """Bits of the byte of tools, each a bit of the sequence header."""

    SUPERBLOCK_128 = 1
    FILTER_INTRA = 2
    INTRA_EDGE_FILTER = 4
    CDEF = 8
    RESTORATION = 16
    SEPARATE_UV_DELTA_Q = 32


ALL_TOOLS = sum(Tool)
MAX_SIDE_PX = 8192
_OBU_SEQUENCE_HEADER, _OBU_TEMPORAL_DELIMITER, _OBU_FRAME = 1, 2, 6
_HAS_SIZE = 2
_ANY_LEVEL = 31
PRIMARIES, TRANSFER, MATRIX = 1, 13, 6  # as ITU-T H.273 numbers them
_Fields = list[tuple[int, int]]  # value, bits


class NoBaseError(Exception):
    """An AV1 stream that is no base picture: it has other obligatory values, or other units than one still has."""


def temporal_unit(base: BasePicture) -> bytes:
    """The AV1 stream of a base picture: temporal delimiter, sequence header, frame, each with its size."""
    return (
        _obu(_OBU_TEMPORAL_DELIMITER, b"")
        + _obu(_OBU_SEQUENCE_HEADER, sequence_header(base.coded, base.tools))
        + _obu(_OBU_FRAME, base.frame)
    )


def sequence_header(coded: Size, tools: int) -> bytes:
    """The content of the sequence header OBU, trailing bits and all."""
    fields = _fields(coded, tools)
    bits, width = 0, 0
    for value, num_bits in [*fields, (1, 1)]:
        bits, width = bits << num_bits | value, width + num_bits
    padding = -width % 8
    return (bits << padding).to_bytes((width + padding) >> 3, "big")


def base_in(stream: bytes) -> BasePicture:
    """The base picture of an AV1 stream of one still. Raises `NoBaseError`."""
    coded, tools, frame = None, 0, None
    for kind, content in _obus(stream):
        if kind == _OBU_SEQUENCE_HEADER:
            coded, tools = _read_sequence_header(content)
        elif kind == _OBU_FRAME and frame is None:
            frame = content
        elif kind != _OBU_TEMPORAL_DELIMITER:
            raise NoBaseError(f"an open bitstream unit of kind {kind} has no place in a base picture")
    if coded is None or not frame:
        raise NoBaseError("a sequence header or a frame is missing")
    return BasePicture(coded, tools, frame)


def _fields(coded: Size, tools: int, level: int = _ANY_LEVEL) -> _Fields:
    width, height = coded.width_px - 1, coded.height_px - 1
    width_bits, height_bits = max(1, width.bit_length()), max(1, height.bit_length())

    def tool(which: Tool) -> tuple[int, int]:
        return int(bool(tools & which)), 1

    return [
        (0, 3),  # seq_profile
        (1, 1),  # still_picture
        (1, 1),  # reduced_still_picture_header
        (level, 5),  # seq_level_idx[0]: no bounds
        (width_bits - 1, 4),
        (height_bits - 1, 4),
        (width, width_bits),  # max_frame_width_minus_1
        (height, height_bits),
        tool(Tool.SUPERBLOCK_128),
        tool(Tool.FILTER_INTRA),
        tool(Tool.INTRA_EDGE_FILTER),
        (0, 1),  # enable_superres
        tool(Tool.CDEF),
        tool(Tool.RESTORATION),
        (0, 1),  # high_bitdepth
        (0, 1),  # mono_chrome
        (1, 1),  # color_description_present_flag
        (PRIMARIES, 8),
        (TRANSFER, 8),
        (MATRIX, 8),
        (1, 1),  # color_range
        (0, 2),  # chroma_sample_position
        tool(Tool.SEPARATE_UV_DELTA_Q),
        (0, 1),  # film_grain_params_present
    ]


def _read_sequence_header(content: bytes) -> tuple[Size, int]:
    """Coded size and tools. What a base cannot say is found by writing the header again."""
    bits, left = int.from_bytes(content, "big"), 8 * len(content)

    def take(num_bits: int) -> int:
        nonlocal left
        left -= num_bits
        if left < 0:
            raise NoBaseError("the sequence header ends early")
        return bits >> left & ((1 << num_bits) - 1)

    take(5)
    level, width_bits, height_bits = take(5), take(4) + 1, take(4) + 1
    coded = Size(take(width_bits) + 1, take(height_bits) + 1)
    tools = take(1) * Tool.SUPERBLOCK_128 | take(1) * Tool.FILTER_INTRA | take(1) * Tool.INTRA_EDGE_FILTER
    take(1)
    tools |= take(1) * Tool.CDEF | take(1) * Tool.RESTORATION
    take(3 + 3 * 8 + 1 + 2)
    tools |= take(1) * Tool.SEPARATE_UV_DELTA_Q
    wanted = int.from_bytes(sequence_header(coded, tools), "big")
    place = 8 * len(content) - 10  # of the level, which says nothing about the picture
    if len(content) != len(sequence_header(coded, tools)) or bits ^ wanted != (level ^ _ANY_LEVEL) << place:
        raise NoBaseError("the sequence header has values that a base picture cannot have")
    return coded, int(tools)


def _obu(kind: int, content: bytes) -> bytes:
    return bytes([kind << 3 | _HAS_SIZE]) + leb128(len(content)) + content


def _obus(stream: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(stream):
        head, at = stream[at], at + 1
        if head & ~(15 << 3) != _HAS_SIZE:
            raise NoBaseError("an open bitstream unit has no size, or an extension")
        length = shift = 0
        while at < len(stream):
            byte, at = stream[at], at + 1
            length, shift = length | (byte & 127) << shift, shift + 7
            if byte < 128:
                break
        if at + length > len(stream):
            raise NoBaseError("an open bitstream unit ends early")
        yield head >> 3, stream[at : at + length]
        at += length


def leb128(value: int) -> bytes:
    out = bytearray()
    while value >= 128:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)
