"""The part of AV1's syntax that a base clip leaves out, bit by bit (AV1 Bitstream & Decoding Process, 5.3 to 5.9).

A unit of a base clip is what one temporal unit shows: the open bitstream units of its frames, the last of them without
a size. Temporal delimiters are left out, and so is the sequence header, which follows from the coded size and two bytes
of tools: profile 0, 4:2:0, order hints of 7 bits, no superres, no film grain; the colours are those of base pictures.

```text
 tools     2 bytes   bits of the sequence header, high byte first
```
"""

from __future__ import annotations

import enum
from collections.abc import Sequence

from semcodec.layers.base.obus import (
    ANY_LEVEL,
    MATRIX,
    MAX_SIDE_PX,
    PRIMARIES,
    TRANSFER,
    Kind,
    NoBaseError,
    Obu,
    header_of,
    obu,
    obus_in,
)
from semcodec.layers.base.quantizer import Bits, skip_uniform_tiles
from semcodec.types import Size


class ClipTool(enum.IntFlag):
    """Bits of the two bytes of tools, each a bit of the sequence header. The first ones are those of base pictures."""

    SUPERBLOCK_128 = 1
    FILTER_INTRA = 2
    INTRA_EDGE_FILTER = 4
    CDEF = 8
    RESTORATION = 16
    SEPARATE_UV_DELTA_Q = 32
    INTERINTRA = 64
    MASKED_COMPOUND = 128
    WARPED_MOTION = 256
    DUAL_FILTER = 512
    JOINT_COMPOUND = 1024
    REF_FRAME_MVS = 2048
    TEN_BITS = 4096


ALL_CLIP_TOOLS = sum(ClipTool)
NUM_TOOL_BYTES = 2
_ORDER_HINT_BITS = 7
_IN_A_UNIT = (Kind.FRAME_HEADER, Kind.TILE_GROUP, Kind.FRAME)
_LEFT_OUT = (Kind.TEMPORAL_DELIMITER, Kind.METADATA, Kind.PADDING)


def tools_of(tools: bytes) -> int:
    """The tools as bits. Raises `NoBaseError`."""
    bits = int.from_bytes(tools, "big")
    if len(tools) != NUM_TOOL_BYTES or bits & ~ALL_CLIP_TOOLS:
        raise NoBaseError("it asks for tools that there are not")
    return bits


def unit_of(obus: Sequence[Obu]) -> bytes:
    """Open bitstream units of one temporal unit as a unit of a base clip."""
    *others, (kind, content) = obus
    return b"".join(obu(*other) for other in others) + bytes([kind << 3]) + content


def obus_of(unit: bytes) -> tuple[Obu, ...]:
    """What a unit of a base clip holds, each (kind, content). Raises `NoBaseError`."""
    obus = tuple(obus_in(unit, open_end=True))
    if not obus:
        raise NoBaseError("a unit is empty")
    for kind, content in obus:
        if kind not in _IN_A_UNIT:
            raise NoBaseError(f"an open bitstream unit of kind {kind} has no place in it")
        if not content:
            raise NoBaseError("an open bitstream unit is empty")
    return obus


def temporal_unit(unit: bytes, coded: Size, tools: int, *, is_first: bool) -> bytes:
    """A unit as the temporal unit that decoders read; the first one begins with the sequence header.

    Raises:
        NoBaseError: it is not laid out as units are.
    """
    header = obu(Kind.SEQUENCE_HEADER, clip_sequence_header(coded, tools)) if is_first else b""
    return obu(Kind.TEMPORAL_DELIMITER, b"") + header + b"".join(obu(*one) for one in obus_of(unit))


def units_in(temporal_units: Sequence[bytes]) -> tuple[Size, int, tuple[bytes, ...]]:
    """Coded size, tools and units of an AV1 stream. Raises `NoBaseError` where a base clip cannot say what it is."""
    sequence: bytes | None = None
    units = []
    for stream in temporal_units:
        kept = []
        for kind, content in obus_in(stream, open_end=True):
            if kind == Kind.SEQUENCE_HEADER:
                if sequence not in (None, content):
                    raise NoBaseError("the sequence header changes on the way")
                sequence = content
            elif kind not in _LEFT_OUT:
                kept.append((kind, content))
        units.append(unit_of(kept) if kept else b"")
    if sequence is None:
        raise NoBaseError("a sequence header is missing")
    for unit in units:
        obus_of(unit)
    coded, tools = read_clip_sequence_header(sequence)
    return coded, tools, tuple(units)


def clip_sequence_header(coded: Size, tools: int, level: int = ANY_LEVEL) -> bytes:
    """The content of the sequence header OBU, trailing bits and all."""
    return header_of(_fields(coded, tools, level))


def _fields(coded: Size, tools: int, level: int) -> list[tuple[int, int]]:
    """Value and bits of each field."""
    width, height = coded.width_px - 1, coded.height_px - 1
    width_bits, height_bits = max(1, width.bit_length()), max(1, height.bit_length())

    def tool(which: ClipTool) -> tuple[int, int]:
        return int(bool(tools & which)), 1

    return [
        (0, 3),  # seq_profile
        (0, 2),  # still_picture, reduced_still_picture_header
        (0, 2),  # timing_info_present_flag, initial_display_delay_present_flag
        (0, 5),  # operating_points_cnt_minus_1
        (0, 12),  # operating_point_idc[0]
        (level, 5),  # seq_level_idx[0]: 31 has no bounds
        (0, int(level > 7)),  # seq_tier[0]
        (width_bits - 1, 4),
        (height_bits - 1, 4),
        (width, width_bits),  # max_frame_width_minus_1
        (height, height_bits),
        (0, 1),  # frame_id_numbers_present_flag
        tool(ClipTool.SUPERBLOCK_128),
        tool(ClipTool.FILTER_INTRA),
        tool(ClipTool.INTRA_EDGE_FILTER),
        tool(ClipTool.INTERINTRA),
        tool(ClipTool.MASKED_COMPOUND),
        tool(ClipTool.WARPED_MOTION),
        tool(ClipTool.DUAL_FILTER),
        (1, 1),  # enable_order_hint
        tool(ClipTool.JOINT_COMPOUND),
        tool(ClipTool.REF_FRAME_MVS),
        (3, 2),  # seq_choose_screen_content_tools, seq_choose_integer_mv
        (_ORDER_HINT_BITS - 1, 3),
        (0, 1),  # enable_superres
        tool(ClipTool.CDEF),
        tool(ClipTool.RESTORATION),
        tool(ClipTool.TEN_BITS),
        (0, 1),  # mono_chrome
        (1, 1),  # color_description_present_flag
        (PRIMARIES, 8),
        (TRANSFER, 8),
        (MATRIX, 8),
        (1, 1),  # color_range
        (0, 2),  # chroma_sample_position
        tool(ClipTool.SEPARATE_UV_DELTA_Q),
        (0, 1),  # film_grain_params_present
    ]


def read_clip_sequence_header(content: bytes) -> tuple[Size, int]:
    """Coded size and tools. Level, tier and colours say nothing about the frames, and are not looked at.

    Raises:
        NoBaseError: it has values that a base clip cannot have.
    """
    bits = Bits(content)
    fixed = bits.take(24)  # up to operating_point_idc[0]
    if bits.take(5) > 7:
        bits.take()
    width_bits, height_bits = bits.take(4) + 1, bits.take(4) + 1
    coded = Size(bits.take(width_bits) + 1, bits.take(height_bits) + 1)
    fixed |= bits.take()
    tools = 0

    def tool(which: ClipTool) -> None:
        nonlocal tools
        tools |= bits.take() * which

    for which in (ClipTool.SUPERBLOCK_128, ClipTool.FILTER_INTRA, ClipTool.INTRA_EDGE_FILTER, ClipTool.INTERINTRA):
        tool(which)
    for which in (ClipTool.MASKED_COMPOUND, ClipTool.WARPED_MOTION, ClipTool.DUAL_FILTER):
        tool(which)
    fixed |= bits.take() ^ 1
    tool(ClipTool.JOINT_COMPOUND)
    tool(ClipTool.REF_FRAME_MVS)
    fixed |= bits.take(2) ^ 3 | bits.take(3) ^ (_ORDER_HINT_BITS - 1) | bits.take()
    tool(ClipTool.CDEF)
    tool(ClipTool.RESTORATION)
    tool(ClipTool.TEN_BITS)
    fixed |= bits.take()
    if bits.take():
        bits.take(24)
    bits.take(1 + 2)
    tool(ClipTool.SEPARATE_UV_DELTA_Q)
    fixed |= bits.take()
    if fixed or not bits.is_inside or max(coded.width_px, coded.height_px) > MAX_SIDE_PX:
        raise NoBaseError("the sequence header has values that a base clip cannot have")
    return coded, tools


def key_quantizer(unit: bytes, coded: Size, tools: int) -> int | None:
    """`base_q_idx` of the key frame that a unit begins with, 0 (finest) to 255; None where it begins with none, or its
    header is not laid out as usual.
    """
    kind, content = next(obus_in(unit, open_end=True), (0, b""))
    bits = Bits(content)
    if kind != Kind.FRAME or bits.take(4) != 1:  # show_existing_frame, frame_type: key, show_frame
        return None
    keeps_cdf = bits.take()  # disable_cdf_update
    has_screen_content = bits.take()
    if has_screen_content:
        bits.take()  # force_integer_mv
    if bits.take():  # frame_size_override_flag
        return None
    bits.take(_ORDER_HINT_BITS)
    if bits.take():  # render_and_frame_size_different
        return None
    if has_screen_content:
        bits.take()  # allow_intrabc
    if not keeps_cdf:
        bits.take()  # disable_frame_end_update_cdf
    if not bits.take():  # uniform_tile_spacing_flag
        return None
    skip_uniform_tiles(bits, coded, 7 if tools & ClipTool.SUPERBLOCK_128 else 6)
    quantizer = bits.take(8)
    return quantizer if bits.is_inside else None
