"""The header: golden bytes, the working size, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semcodec.container.decode import ByteReader, unpack_header
from semcodec.container.encode import pack_header
from semcodec.container.header import LARGEST_SIDE_PX, LAST_STEP, working_size
from semcodec.errors import FormatError, LimitError, NotSemcError, TruncatedError, UnsupportedVersionError
from semcodec.limits import Limits
from semcodec.types import FileHeader, Size

GENEROUS = Limits(max_pixels=1 << 50, max_side_px=1 << 30)


def unpacked(data: bytes, limits: Limits = GENEROUS) -> FileHeader:
    return unpack_header(ByteReader(data), limits)


def test_the_header_of_a_kodak_picture_is_seven_literal_bytes() -> None:
    #           magic    v l r step    width-1          height-1
    #           C5 EC    0001 0 0 000000 00001011111111 00000111111111
    assert pack_header(FileHeader(Size(768, 512))) == b"\xc5\xec\x10\x00\xbf\xc1\xff"


def test_a_side_above_16384_adds_two_bytes() -> None:
    assert len(pack_header(FileHeader(Size(16384, 16384)))) == 7
    assert pack_header(FileHeader(Size(16385, 1))) == b"\xc5\xec\x18\x00\x00\x00\x00\x01\x00"


@given(width=st.integers(1, LARGEST_SIDE_PX), height=st.integers(1, LARGEST_SIDE_PX), step=st.integers(0, LAST_STEP))
def test_every_header_comes_back(width: int, height: int, step: int) -> None:
    header = FileHeader(Size(width, height), step)
    assert unpacked(pack_header(header)) == header


def test_four_steps_halve_the_working_size_and_no_side_vanishes() -> None:
    assert working_size(FileHeader(Size(768, 512), 0)) == Size(768, 512)
    assert working_size(FileHeader(Size(768, 512), 4)) == Size(384, 256)
    assert working_size(FileHeader(Size(768, 512), 1)) == Size(646, 431)
    assert working_size(FileHeader(Size(5, 16384), LAST_STEP)) == Size(1, 1)


@given(width=st.integers(1, 20000), step=st.integers(0, LAST_STEP - 1))
def test_a_larger_step_never_gives_a_larger_working_size(width: int, step: int) -> None:
    sizes = [working_size(FileHeader(Size(width, 1), s)).width_px for s in (step, step + 1)]
    assert sizes[0] >= sizes[1] >= 1


GOOD = pack_header(FileHeader(Size(640, 480)))


@pytest.mark.parametrize(
    ("data", "error", "says"),
    [
        (b"", NotSemcError, "begins with nothing"),
        (b"\x89PNG\r\n", NotSemcError, "begins with 89 50"),
        (b"\xc5", TruncatedError, "magic number"),
        (GOOD[:4], TruncatedError, "ends inside the header: 5 bytes are needed at offset 2, 2 are left"),
        (GOOD[:2] + b"\x20" + GOOD[3:], UnsupportedVersionError, "file format 2 at offset 2"),
        (GOOD[:2] + b"\x14" + GOOD[3:], FormatError, "reserved bit at offset 2"),
        (GOOD[:2] + b"\x18" + GOOD[3:], TruncatedError, "high bits"),
        (GOOD[:2] + b"\x18" + GOOD[3:] + b"\0\0", FormatError, "large form"),
    ],
)
def test_a_bad_header_is_refused_with_its_reason(data: bytes, error: type[FormatError], says: str) -> None:
    with pytest.raises(error, match=says) as caught:
        unpacked(data)
    assert type(caught.value) is error


def test_limits_are_asked_before_anything_else_happens() -> None:
    with pytest.raises(LimitError, match=r"100000x100000 has 10000000000 pixels.*Limits\(max_pixels"):
        unpacked(pack_header(FileHeader(Size(100_000, 100_000))), Limits())
    with pytest.raises(LimitError, match=r"side of 2000 pixels .*above max_side_px=1000"):
        unpacked(pack_header(FileHeader(Size(2000, 2))), Limits(max_side_px=1000))
