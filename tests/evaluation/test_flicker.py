"""Flicker: still errors are none, errors that come and go are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from semcodec.evaluation.measures.flicker import Flicker, Flickering


@pytest.fixture(scope="module")
def clip(photo_path: Path) -> list[np.ndarray]:
    """A pan of 3 px a frame."""
    photo = np.asarray(Image.open(photo_path).convert("RGB"))
    return [np.ascontiguousarray(photo[100:228, 200 + 3 * n : 392 + 3 * n]) for n in range(5)]


class Brightness:
    def features(self, image_HWC: np.ndarray) -> float:
        return float(image_HWC.mean())

    def distance(self, a: Any, b: Any) -> float:
        return abs(float(a) - float(b))


def measured(original: list[np.ndarray], shown: list[np.ndarray], judge: Brightness | None = None) -> Flickering:
    flicker = Flicker(judge)
    for pair in zip(original, shown, strict=True):
        flicker.add(*pair)
    return flicker.result()


def test_the_original_flickers_as_much_as_itself(clip: list[np.ndarray]) -> None:
    found = measured(clip, clip, Brightness())
    assert found.warping_error == found.original_warping_error < 3
    assert found.distance_of_differences == 0
    assert found.seen > 0.8


def test_light_that_comes_and_goes_flickers_and_light_that_stays_does_not(clip: list[np.ndarray]) -> None:
    dimmed = [np.clip(frame.astype(int) // 2, 0, 255).astype(np.uint8) for frame in clip]
    blinking = [dim if n % 2 else frame for n, (frame, dim) in enumerate(zip(clip, dimmed, strict=True))]
    still, moving = measured(clip, dimmed, Brightness()), measured(clip, blinking, Brightness())
    assert still.warping_error < 1.1 * still.original_warping_error
    assert moving.warping_error > 10 * still.warping_error
    assert moving.distance_of_differences is not None and still.distance_of_differences is not None
    assert moving.distance_of_differences > 10 * still.distance_of_differences


def test_a_clip_that_stands_still_where_the_original_moves_is_told_from_it(clip: list[np.ndarray]) -> None:
    assert measured(clip, [clip[0]] * len(clip)).warping_error > 3 * measured(clip, clip).warping_error


def test_pixels_that_leave_the_picture_are_not_compared(clip: list[np.ndarray]) -> None:
    fast = [np.ascontiguousarray(np.roll(clip[0], 40 * n, axis=1)) for n in range(2)]
    assert measured(fast, fast).seen < 0.85


def test_frames_of_other_sizes_and_single_frames_are_refused(clip: list[np.ndarray]) -> None:
    flicker = Flicker()
    with pytest.raises(ValueError, match="the original is"):
        flicker.add(clip[0], clip[0][:10])
    flicker.add(clip[0], clip[0])
    with pytest.raises(ValueError, match="at least two"):
        flicker.result()
