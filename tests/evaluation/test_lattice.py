"""Planted grids are found at their period and nowhere else, and pictures without one are not accused."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageFilter

from semcodec.evaluation.measures.lattice import Lattice

PERIODS = (2, 4, 8, 16)


@pytest.fixture(scope="module")
def original(photo_path) -> np.ndarray:
    return np.asarray(Image.open(photo_path).convert("RGB"))


@pytest.fixture(scope="module")
def lattice(original) -> Lattice:
    return Lattice(original)


@pytest.fixture(scope="module")
def smooth(original) -> np.ndarray:
    """As a codec without texture would show it."""
    return np.asarray(Image.fromarray(original).filter(ImageFilter.GaussianBlur(2)))


def plant(image_HWC: np.ndarray, period: int, levels: float) -> np.ndarray:
    """Lines of one pixel across the picture, `levels` brighter, every `period` px in both directions."""
    y, x = np.mgrid[: image_HWC.shape[0], : image_HWC.shape[1]]
    lines = (x % period == 0) | (y % period == 0)
    return np.clip(image_HWC + levels * lines[..., None], 0, 255).round().astype(np.uint8)


def test_the_original_itself_is_at_one(lattice, original):
    assert lattice(original) == pytest.approx(dict.fromkeys(PERIODS, 1.0))


@pytest.mark.parametrize("period", PERIODS)
def test_a_planted_grid_shows_at_its_period(lattice, smooth, period):
    before, after = lattice(smooth), lattice(plant(smooth, period, 6))
    assert before[period] < 1.2
    assert after[period] > 3
    assert after[period] > 3 * before[period]
    # Its overtones have shorter periods; longer periods see nothing of it.
    assert all(after[longer] < 1.2 * max(before[longer], 0.5) for longer in PERIODS if longer > period)


def test_a_checkerboard_is_a_grid_of_two_pixels(lattice, smooth):
    y, x = np.mgrid[: smooth.shape[0], : smooth.shape[1]]
    board = np.clip(smooth + 3.0 * ((x + y) % 2)[..., None], 0, 255).astype(np.uint8)
    assert lattice(board)[2] > 5


def test_a_coloured_grid_counts_too(lattice, smooth):
    coloured = smooth.copy()
    coloured[..., 2] = plant(smooth, 8, 6)[..., 2]
    assert lattice(coloured)[8] > 2


def test_grain_without_a_grid_is_no_lattice(lattice, original, smooth):
    rng = np.random.Generator(np.random.Philox(3))
    for spread in (2, 6):
        grainy = np.clip(smooth + rng.normal(0, spread, original.shape), 0, 255).round().astype(np.uint8)
        assert max(lattice(grainy).values()) < 1.5


def test_a_smooth_picture_has_less_than_the_original(lattice, smooth):
    assert all(lattice(smooth)[period] < 0.5 for period in (2, 4))


def test_a_grid_outside_flat_areas_is_not_looked_for(original, lattice):
    flat = plant(np.full((128, 256, 3), 120, np.uint8), 200, 0)
    flat[:, 128:] = original[:128, :128]
    busy = flat.copy()
    busy[:, 192:] = plant(flat, 4, 8)[:, 192:]
    assert Lattice(flat)(busy) == pytest.approx(Lattice(flat)(flat))


def test_an_original_of_one_colour_has_a_measure():
    grey = np.full((96, 96, 3), 128, np.uint8)
    found = Lattice(grey)(plant(grey, 4, 3))
    assert found[4] > 100
    assert found[8] == pytest.approx(1, rel=0.3)


def test_pictures_smaller_than_a_block_are_refused():
    with pytest.raises(ValueError, match="at least 64 px"):
        Lattice(np.zeros((63, 200, 3), np.uint8))
