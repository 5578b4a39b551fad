"""From wishes to bytes and working sizes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semcodec.container.header import working_size
from semcodec.layers.tokens.decode import check_grids
from semcodec.layers.tokens.family import find_family
from semcodec.layers.tokens.grid import grids
from semcodec.limits import DEFAULT_LIMITS
from semcodec.models import DEFAULT_FAMILY
from semcodec.rate.budget import (
    MAX_WORKING_PIXELS,
    bytes_for_bpp,
    bytes_for_quality,
    can_be_worked_on,
    step_for_budget,
)
from semcodec.types import FileHeader, Size

KODAK = Size(768, 512)


def test_quality_50_is_a_kilobyte_for_a_kodak_picture() -> None:
    assert bytes_for_quality(50, KODAK) == 983
    assert bytes_for_bpp(0.02, KODAK) == 983


@given(low=st.floats(0, 100), high=st.floats(0, 100))
def test_quality_is_monotone(low: float, high: float) -> None:
    low, high = sorted((low, high))
    assert bytes_for_quality(low, KODAK) <= bytes_for_quality(high, KODAK)


@pytest.mark.parametrize("quality", [-1, 100.5, float("nan")])
def test_quality_outside_its_range_is_refused(quality: float) -> None:
    with pytest.raises(ValueError, match=r"not within 0\.\.100"):
        bytes_for_quality(quality, KODAK)


@given(small=st.integers(1, 10**5), more=st.integers(0, 10**5), width=st.integers(1, 12000))
def test_more_bytes_never_mean_a_smaller_working_size(small: int, more: int, width: int) -> None:
    size = Size(width, 8000)
    more_step, step = (step_for_budget(size, n, coarsest_stride=128) for n in (small + more, small))
    assert more_step <= step


def test_no_budget_makes_the_working_picture_larger_than_memory_allows() -> None:
    header = FileHeader(Size(10_000, 10_000), step_for_budget(Size(10_000, 10_000), 10**9, coarsest_stride=128))
    working = working_size(header)
    assert 20_000_000 < working.width_px * working.height_px <= 27_000_000


def test_a_strip_counts_as_wide_as_the_networks_see_it() -> None:
    """One pixel high is 128 high for them: a file of a kilobyte must not ask for 134 megapixels."""
    size = Size(1 << 20, 1)
    step = step_for_budget(size, 10**9, coarsest_stride=128)
    assert can_be_worked_on(size, step, 128) and not can_be_worked_on(size, step - 1, 128)
    assert 13_000_000 < working_size(FileHeader(size, step)).width_px * 128 <= 27_000_000


def test_what_may_be_worked_on_passes_the_default_limits_of_a_reader() -> None:
    """So every file that we write can be read without raising one."""
    assert MAX_WORKING_PIXELS <= DEFAULT_LIMITS.max_working_pixels
    family = find_family(DEFAULT_FAMILY)
    for width, height in ((5099, 5099), (MAX_WORKING_PIXELS // 128, 128), (MAX_WORKING_PIXELS // 128, 1)):
        all_grids = grids(Size(width, height), family.strides, family.blocks)
        check_grids(all_grids, family, DEFAULT_LIMITS)
