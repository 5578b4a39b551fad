"""What moves is moved, and what stands stays."""

from __future__ import annotations

import numpy as np
import pytest

from semcodec.contracts import Interpolator
from semcodec.interpolators.compensated import Compensated
from semcodec.interpolators.plain import Fade

RNG = np.random.Generator(np.random.Philox(7))
TEXTURE = np.kron(RNG.integers(0, 256, (60, 80, 3)), np.ones((8, 8, 1))).astype(np.uint8)


def window(down: int, right: int) -> np.ndarray:
    return np.ascontiguousarray(TEXTURE[100 + down : 340 + down, 100 + right : 420 + right])


def wrong(made: np.ndarray, truth: np.ndarray) -> float:
    inside = (slice(60, -60), slice(60, -60))
    return float(np.abs(made[inside].astype(int) - truth[inside]).mean())


@pytest.mark.parametrize(("down", "right"), [(4, -6), (16, 24), (-48, 40)])
def test_a_picture_that_moves_is_shown_on_its_way(down: int, right: int):
    times = [0.25, 0.5, 0.75]
    shown = Compensated().between(window(0, 0), window(down, right), times)
    faded = Fade().between(window(0, 0), window(down, right), times)
    for time, made, blend in zip(times, shown, faded, strict=True):
        truth = window(round(time * down), round(time * right))
        assert made.dtype == np.uint8
        assert wrong(made, truth) < 0.3 * wrong(blend, truth)


def test_what_stands_still_stays_as_it_is():
    assert all(np.array_equal(made, window(0, 0)) for made in Compensated().between(window(0, 0), window(0, 0), [0.3]))


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (7, 3), (24, 30), (400, 2)])
def test_pictures_of_any_size_have_something_between_them(shape: tuple[int, int]):
    first, last = (RNG.integers(0, 256, (*shape, 3)).astype(np.uint8) for _ in range(2))
    (made,) = Compensated().between(first, last, [0.5])
    assert made.shape == first.shape


def test_it_is_an_interpolator_and_nothing_between_is_nothing():
    assert isinstance(Compensated(), Interpolator)
    assert list(Compensated().between(window(0, 0), window(1, 1), [])) == []
