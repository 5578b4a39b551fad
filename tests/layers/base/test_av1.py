"""The AV1 syntax around a base picture: the very bytes that Pillow writes, and what is no base."""

from __future__ import annotations

import pytest

from semcodec.layers.base.av1 import ALL_TOOLS, Tool, base_in, sequence_header, temporal_unit
from semcodec.layers.base.obus import NoBaseError
from semcodec.types import BasePicture, Size

# Pillow 13.0 with libaom 3.14.1, 45x37 pixels at speed 6. The level (bits 5 to 9) is 0 there, and 31 in ours.
PILLOWS = bytes.fromhex("18156c91a2021a0d08")
FRAME = bytes(range(200))


def test_the_sequence_header_is_pillows_but_for_the_level() -> None:
    tools = Tool.FILTER_INTRA | Tool.INTRA_EDGE_FILTER | Tool.CDEF
    mine = sequence_header(Size(45, 37), tools)
    assert int.from_bytes(mine, "big") ^ int.from_bytes(PILLOWS, "big") == 31 << (8 * len(mine) - 10)


def test_a_stream_is_a_delimiter_a_sequence_header_and_a_frame_each_with_its_size() -> None:
    stream = temporal_unit(BasePicture(Size(45, 37), 14, FRAME))
    assert stream[:4] == b"\x12\x00\x0a\x09"
    assert stream[13:16] == b"\x32\xc8\x01"  # 200 in two bytes
    assert stream[16:] == FRAME


@pytest.mark.parametrize("sides", [(1, 1), (2, 1), (1, 300), (57, 38), (256, 257), (8192, 8192)])
def test_a_base_comes_back_out_of_its_stream(sides: tuple[int, int]) -> None:
    for tools in range(ALL_TOOLS + 1):
        base = BasePicture(Size(*sides), tools, FRAME)
        assert base_in(temporal_unit(base)) == base


def test_any_level_is_taken() -> None:
    stream = b"\x0a\x09" + PILLOWS + b"\x32\x02\x10\x20"
    assert base_in(stream) == BasePicture(Size(45, 37), 14, b"\x10\x20")


@pytest.mark.parametrize(
    ("stream_hex", "says"),
    [
        ("12000a0918156c91a2021a0d08", "missing"),
        ("32021020", "missing"),
        ("0a0918156c91a2021a0d0c32021020", "values"),  # film grain
        ("0a0918156c91e2021a0d0832021020", "values"),  # superres
        ("0a0938156c91a2021a0d0832021020", "values"),  # profile 1
        ("0a0918156c91a2021a0d0032021020", "values"),  # no trailing bit
        ("0a0a18156c91a2021a0d080032021020", "values"),  # a byte more
        ("0a0318156c32021020", "ends early"),
        ("0a0918156c91a2021a0d0832031020", "ends early"),
        ("0a0918156c91a2021a0d082a00", "kind 5"),
        ("0a0918156c91a2021a0d08320210203200", "kind 6"),  # a second frame
        ("0e000918156c91a2021a0d0832021020", "extension"),
    ],
)
def test_what_a_base_cannot_say_is_no_base(stream_hex: str, says: str) -> None:
    with pytest.raises(NoBaseError, match=says):
        base_in(bytes.fromhex(stream_hex))
