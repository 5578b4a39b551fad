"""`semcodec.cut` to a region of interest, on a real photograph."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import semcodec
from semcodec.errors import BudgetError, RoiError, UnknownFamilyError
from semcodec.models import DEFAULT_FAMILY
from semcodec.types import MISSING

CAPTION = "Two macaws."
BEAK = (400, 90, 140, 120)  # of the blue and yellow one, in pixels of the picture


@pytest.fixture(scope="module")
def photo(photo_path: Path) -> np.ndarray:
    return np.asarray(Image.open(photo_path).convert("RGB"))


@pytest.fixture(scope="module")
def full(photo: np.ndarray) -> bytes:
    return semcodec.encode(photo, bytes=3000, caption=CAPTION, language="en").data


def num_tokens_in(data: bytes, roi: tuple[int, int, int, int]) -> int:
    """Tokens of all scales whose cell begins inside the region."""
    pyramid = semcodec.tokens(data)
    left, top, width_px, height_px = roi
    count = 0
    for digits_RKD in pyramid.digits:
        there = (digits_RKD != MISSING).all(axis=2)
        rows, cols = there.shape
        y, x = np.arange(rows) * 512 // rows, np.arange(cols) * 768 // cols
        inside = ((y >= top) & (y < top + height_px))[:, None] & ((x >= left) & (x < left + width_px))[None]
        count += int((there & inside).sum())
    return count


@pytest.mark.parametrize("budget", [2500, 1000, 500, 120, 60])
def test_a_file_cut_to_a_region_is_whole_keeps_its_words_and_has_more_of_the_region(full: bytes, budget: int) -> None:
    kept, plain = semcodec.cut(full, bytes=budget, roi=BEAK), semcodec.cut(full, bytes=budget)
    assert len(kept) <= budget
    assert semcodec.read(kept).problems == ()
    words = semcodec.read_words(kept)
    assert words is not None and words.text == CAPTION
    for mine, theirs in zip(semcodec.tokens(kept).digits, semcodec.tokens(full).digits, strict=True):
        there = mine != MISSING
        assert np.array_equal(mine[there], theirs[there])
    assert num_tokens_in(kept, BEAK) >= num_tokens_in(plain, BEAK)


def test_the_region_of_a_file_that_was_cut_to_it_is_painted_better(full: bytes, photo: np.ndarray) -> None:
    left, top, width_px, height_px = BEAK

    def error(data: bytes) -> float:
        painted = semcodec.decode(data)[top : top + height_px, left : left + width_px]
        return float(np.square(painted.astype(float) - photo[top : top + height_px, left : left + width_px]).mean())

    assert error(semcodec.cut(full, bytes=700, roi=BEAK)) < 0.8 * error(semcodec.cut(full, bytes=700))


def test_a_file_that_fits_is_left_alone(full: bytes) -> None:
    assert semcodec.cut(full, bytes=5000, roi=BEAK) == full


def test_what_reaches_beyond_the_picture_is_cut_off_and_what_lies_outside_is_refused(full: bytes) -> None:
    inside = semcodec.cut(full, bytes=600, roi=(700, 400, 68, 112))
    assert semcodec.cut(full, bytes=600, roi=(700, 400, 999, 999)) == inside
    with pytest.raises(RoiError, match="outside the picture of 768x512"):
        semcodec.cut(full, bytes=600, roi=(768, 0, 10, 10))


def test_a_region_without_bytes_is_not_enough(full: bytes) -> None:
    with pytest.raises(ValueError, match="give both"):
        semcodec.cut(full, roi=BEAK)
    with pytest.raises(ValueError, match="give both"):
        semcodec.cut(full, roi=BEAK, strip=True)


def test_the_least_size_that_a_cut_to_a_region_names_is_one_that_works(photo: np.ndarray) -> None:
    data = semcodec.encode(photo, bytes=400).data
    with pytest.raises(BudgetError) as caught:
        semcodec.cut(data, bytes=9, roi=BEAK)
    least = caught.value.least_bytes
    assert len(semcodec.cut(data, bytes=least, roi=BEAK)) <= least


def test_tokens_of_an_unknown_family_have_no_region(full: bytes) -> None:
    foreign = full.replace(bytes([0x82, DEFAULT_FAMILY]), b"\x82\xfa", 1)
    assert foreign != full
    with pytest.raises(UnknownFamilyError, match="family 250"):
        semcodec.cut(foreign, bytes=500, roi=BEAK)
