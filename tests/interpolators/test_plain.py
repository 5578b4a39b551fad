"""Hold and fade: what every player can do between two key frames."""

from __future__ import annotations

import numpy as np
import pytest

from semcodec.contracts import Interpolator
from semcodec.interpolators.plain import Fade, Hold

RNG = np.random.default_rng(7)
FIRST, LAST = RNG.integers(0, 256, (2, 9, 13, 3), dtype=np.uint8)


@pytest.mark.parametrize("interpolator", [Fade(), Hold()])
def test_each_is_an_interpolator_and_gives_a_picture_for_each_time(interpolator: Interpolator):
    assert isinstance(interpolator, Interpolator)
    pictures = list(interpolator.between(FIRST, LAST, [0.25, 0.5, 0.75]))
    assert len(pictures) == 3
    assert all(picture.shape == FIRST.shape and picture.dtype == np.uint8 for picture in pictures)


def test_a_fade_goes_from_the_first_to_the_last():
    near, middle, far = (p.astype(int) for p in Fade().between(FIRST, LAST, [1 / 256, 0.5, 255 / 256]))
    assert np.abs(near - FIRST).max() <= 1
    assert np.abs(far - LAST).max() <= 1
    assert np.abs(2 * middle - FIRST - LAST).max() <= 1


def test_a_fade_of_two_equal_pictures_is_that_picture():
    assert all((p == FIRST).all() for p in Fade().between(FIRST, FIRST, [0.1, 0.3, 0.9]))


def test_hold_shows_the_first():
    assert all((p == FIRST).all() for p in Hold().between(FIRST, LAST, [0.1, 0.9]))
