"""The AV1 syntax around a base clip: the very bytes that SVT-AV1 writes, and what is no base clip."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semcodec.layers.base.av1_clip import (
    ALL_CLIP_TOOLS,
    clip_sequence_header,
    key_quantizer,
    obus_of,
    read_clip_sequence_header,
    temporal_unit,
    tools_of,
    unit_of,
    units_in,
)
from semcodec.layers.base.obus import NoBaseError
from semcodec.types import Size

# SVT-AV1 4.1, three flat frames of 64x64 pixels, 10 bits: the second unit holds a frame that is shown in the third one.
SVTS = (
    bytes.fromhex("12000a0a00000002afff8d5f3808320f1000e68237ddb6c3000008018b49af"),
    bytes.fromhex("120032152802002492491def03fff7dc300000c0001895ca8032123002040924003be000000200000c00191160"),
    bytes.fromhex("12001a0188"),
)
CODED, TOOLS = Size(64, 64), 6492
UNITS = (
    bytes.fromhex("301000e68237ddb6c3000008018b49af"),
    bytes.fromhex("32152802002492491def03fff7dc300000c0001895ca80303002040924003be000000200000c00191160"),
    bytes.fromhex("1888"),
)


def test_units_are_what_stands_between_delimiters_the_last_without_its_size():
    assert units_in(SVTS) == (CODED, TOOLS, UNITS)


def test_a_stream_is_built_anew_with_a_sequence_header_of_our_colours():
    header = clip_sequence_header(CODED, TOOLS)
    assert header.hex() == "000000f957ffc6af9d010d0684"
    first, *others = (temporal_unit(unit, CODED, TOOLS, is_first=at == 0) for at, unit in enumerate(UNITS))
    assert first == b"\x12\x00\x0a\x0d" + header + SVTS[0][14:]
    assert others == list(SVTS[1:])
    assert units_in([first, *others]) == (CODED, TOOLS, UNITS)


@given(st.integers(1, 8192), st.integers(1, 8192), st.integers(0, ALL_CLIP_TOOLS))
def test_a_sequence_header_says_size_and_tools(width: int, height: int, tools: int):
    coded = Size(width, height)
    assert read_clip_sequence_header(clip_sequence_header(coded, tools)) == (coded, tools)


def test_the_quantiser_stands_in_the_key_frame():
    assert key_quantizer(UNITS[0], CODED, TOOLS) == 205
    assert key_quantizer(UNITS[1], CODED, TOOLS) is None
    assert key_quantizer(UNITS[0][:3], CODED, TOOLS) is None


@pytest.mark.parametrize(
    ("unit_hex", "says"),
    [
        ("", "a unit is empty"),
        ("30", "unit is empty"),
        ("0a010030ff", "kind 1"),
        ("1200", "kind 2"),
        ("3210ff", "ends early"),
        ("32", "no size"),
        ("32ffffffffffffff", "no size"),
        ("36", "extension"),
        ("b0ff", "extension"),
    ],
)
def test_what_no_unit_is(unit_hex: str, says: str):
    with pytest.raises(NoBaseError, match=says):
        obus_of(bytes.fromhex(unit_hex))


@given(st.binary(max_size=40))
def test_any_bytes_are_a_unit_or_are_refused(data: bytes):
    try:
        obus = obus_of(data)
    except NoBaseError:
        return
    assert obus_of(unit_of(obus)) == obus


@pytest.mark.parametrize("tools", [b"", b"\0", b"\x20\0", b"\0\0\0"])
def test_tools_that_there_are_not(tools: bytes):
    with pytest.raises(NoBaseError, match="tools"):
        tools_of(tools)


def test_the_sequence_header_stays_and_has_what_a_base_clip_has():
    other = temporal_unit(UNITS[0], Size(64, 63), TOOLS, is_first=True)
    with pytest.raises(NoBaseError, match="changes"):
        units_in([SVTS[0], other])
    with pytest.raises(NoBaseError, match="missing"):
        units_in(SVTS[1:])
    still = b"\x12\0\x0a\x0a" + bytes([SVTS[0][4] | 16]) + SVTS[0][5:]  # still_picture
    with pytest.raises(NoBaseError, match="values"):
        units_in([still])
