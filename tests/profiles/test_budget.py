"""From wishes to bytes and working sizes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semcodec.container import working_size
from semcodec.profiles.budget import bytes_for_bpp, bytes_for_quality, step_for_budget
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
    assert step_for_budget(Size(width, 8000), small + more) <= step_for_budget(Size(width, 8000), small)


def test_no_budget_makes_the_working_picture_larger_than_memory_allows() -> None:
    header = FileHeader(Size(10_000, 10_000), step_for_budget(Size(10_000, 10_000), 10**9))
    working = working_size(header)
    assert 20_000_000 < working.width_px * working.height_px <= 26_000_000
