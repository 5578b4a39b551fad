"""The part of AV1's syntax that a base picture leaves out, bit by bit (AV1 Bitstream & Decoding Process, 5.5).

A base is the content of one OBU_FRAME. What stands around it in an AV1 stream follows from its coded size and from six
bits, so it is built anew: profile 0, 8 bits, 4:2:0, BT.709 primaries, sRGB transfer, BT.601 matrix, full range, a
reduced still picture header, no superres, no film grain. With this header a frame cannot change its size.
"""

from __future__ import annotations

import enum

from semcodec.layers.base.obus import (
    ANY_LEVEL,
    MATRIX,
    PRIMARIES,
    TRANSFER,
    Kind,
    NoBaseError,
    header_of,
    obu,
    obus_in,
)
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
_Fields = list[tuple[int, int]]  # value, bits


def temporal_unit(base: BasePicture) -> bytes:
    """The AV1 stream of a base picture: temporal delimiter, sequence header, frame, each with its size."""
    return (
        obu(Kind.TEMPORAL_DELIMITER, b"")
        + obu(Kind.SEQUENCE_HEADER, sequence_header(base.coded, base.tools))
        + obu(Kind.FRAME, base.frame)
    )


def sequence_header(coded: Size, tools: int) -> bytes:
    """The content of the sequence header OBU, trailing bits and all."""
    return header_of(_fields(coded, tools))


def base_in(stream: bytes) -> BasePicture:
    """The base picture of an AV1 stream of one still. Raises `NoBaseError`."""
    coded, tools, frame = None, 0, None
    for kind, content in obus_in(stream):
        if kind == Kind.SEQUENCE_HEADER:
            coded, tools = _read_sequence_header(content)
        elif kind == Kind.FRAME and frame is None:
            frame = content
        elif kind != Kind.TEMPORAL_DELIMITER:
            raise NoBaseError(f"an open bitstream unit of kind {kind} has no place in a base picture")
    if coded is None or not frame:
        raise NoBaseError("a sequence header or a frame is missing")
    return BasePicture(coded, tools, frame)


def _fields(coded: Size, tools: int, level: int = ANY_LEVEL) -> _Fields:
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
    if len(content) != len(sequence_header(coded, tools)) or bits ^ wanted != (level ^ ANY_LEVEL) << place:
        raise NoBaseError("the sequence header has values that a base picture cannot have")
    return coded, int(tools)
