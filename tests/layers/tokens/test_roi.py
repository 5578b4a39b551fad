"""A region of interest: clipping, and the blocks that show it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semcodec.errors import RoiError
from semcodec.layers.tokens.grid import grids
from semcodec.layers.tokens.roi import clipped_roi, touched_blocks
from semcodec.types import Size

from .conftest import BLOCKS, STRIDES


def test_a_region_inside_the_picture_stays_as_it_is() -> None:
    assert clipped_roi((3, 4, 20, 10), Size(40, 30)) == (3, 4, 20, 10)


def test_what_reaches_beyond_the_picture_is_cut_off() -> None:
    assert clipped_roi((-5, 20, 100, 100), Size(40, 30)) == (0, 20, 40, 10)


@pytest.mark.parametrize("roi", [(40, 0, 5, 5), (0, 30, 5, 5), (-5, 0, 5, 5), (0, -9, 5, 5)])
def test_a_region_wholly_outside_is_refused_and_the_picture_s_size_is_said(roi: tuple[int, int, int, int]) -> None:
    with pytest.raises(RoiError, match="outside the picture of 40x30"):
        clipped_roi(roi, Size(40, 30))


@pytest.mark.parametrize("roi", [(1, 1, 0, 5), (1, 1, 5, 0), (1, 1, -5, 5)])
def test_a_region_without_area_is_refused(roi: tuple[int, int, int, int]) -> None:
    with pytest.raises(RoiError, match="is empty"):
        clipped_roi(roi, Size(40, 30))


@given(data=st.data(), width=st.integers(1, 90), height=st.integers(1, 90), eighths=st.integers(1, 8))
def test_a_block_is_touched_if_one_of_its_working_pixels_shows_a_pixel_of_the_region(
    data: st.DataObject, width: int, height: int, eighths: int
) -> None:
    size = Size(width, height)
    working = Size(max(1, width * eighths // 8), max(1, height * eighths // 8))
    left, top = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    roi = (left, top, data.draw(st.integers(1, width - left)), data.draw(st.integers(1, height - top)))
    for stride, grid in zip(STRIDES, grids(working, STRIDES, BLOCKS), strict=True):
        side = stride * grid.block

        def seen(begin: int, num_px: int, display: int, worked: int, side: int = side) -> set[int]:
            # Working pixel n shows the display pixels from n * display / worked to (n + 1) * display / worked.
            return {
                n // side
                for n in range(worked)
                if n * display < (begin + num_px) * worked and (n + 1) * display > begin * worked
            }

        rows = seen(roi[1], roi[3], height, working.height_px)
        cols = seen(roi[0], roi[2], width, working.width_px)
        expected = sorted(row * grid.block_cols + col for row in rows for col in cols)
        assert touched_blocks(roi, size, working, stride, grid) == expected
