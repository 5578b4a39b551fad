"""Detail is carried on along the motion of what was sent."""

from __future__ import annotations

import numpy as np
import pytest

from semcodec.clips.steady import Steady
from semcodec.pictures.luma import luma_of
from semcodec.pictures.motion import motion, read_at

RNG = np.random.Generator(np.random.Philox(11))
TEXTURE = np.kron(RNG.integers(0, 256, (40, 50, 3)), np.ones((4, 4, 1))).astype(np.uint8)


def window(down: int, right: int) -> np.ndarray:
    return np.ascontiguousarray(TEXTURE[20 + down : 20 + down + 96, 20 + right : 20 + right + 128])


@pytest.mark.parametrize(("down", "right"), [(0, 0), (3, -5), (-6, 2)])
def test_motion_of_a_whole_picture_is_found_in_every_block_but_at_the_edges(down: int, right: int):
    found = motion(luma_of(window(down, right)), luma_of(window(0, 0)))
    assert np.abs(found[0][1:-1, 1:-1] - down).max() < 0.5
    assert np.abs(found[1][1:-1, 1:-1] - right).max() < 0.5


def test_what_is_read_further_on_is_the_picture_moved():
    moved = read_at(window(0, 0).astype(np.float32), np.float32(2), np.float32(3) + np.zeros((96, 128), np.float32))
    assert np.abs(moved[:-2, :-3] - window(2, 3)[:-2, :-3]).max() < 1e-3


def test_noise_of_the_restorer_is_less_along_the_motion():
    steady, errors = Steady(), []
    for at in range(6):
        plain = window(at, 2 * at)
        restored = np.clip(plain.astype(int) + RNG.integers(-30, 31, plain.shape), 0, 255).astype(np.uint8)
        shown = steady.steadied(plain, plain, restored)
        errors.append(np.abs(shown.astype(int) - plain).mean() / np.abs(restored.astype(int) - plain).mean())
    assert errors[0] == 1
    assert max(errors[2:]) < 0.8


def test_what_was_sent_anew_is_shown_as_it_is_restored():
    """After a cut nothing of the frames before is left."""
    steady = Steady()
    dark, bright = np.full((64, 64, 3), 10, np.uint8), np.full((64, 64, 3), 200, np.uint8)
    steady.steadied(dark, dark, dark + 40)
    assert (steady.steadied(bright, bright, bright + 5) == bright + 5).all()


def test_frames_of_any_size_and_of_another_than_was_decoded():
    steady = Steady()
    for _ in range(2):
        plain, decoded = np.full((33, 47, 3), 90, np.uint8), np.full((9, 13, 3), 90, np.uint8)
        assert steady.steadied(decoded, plain, plain + 9).shape == (33, 47, 3)
