"""Which coded sizes of a base look best at libaom's fastest speed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from semcodec.container.header import working_size
from semcodec.painters.base import BasePainter
from semcodec.pictures import encoded_base, resized
from semcodec.rate.base_sizes import best_looking, squared_error
from semcodec.types import FileHeader, Scene, Size


@pytest.fixture(scope="module")
def photo_HWC(photo_path: Path) -> np.ndarray:
    with Image.open(photo_path) as whole:
        return np.asarray(whole.convert("RGB").resize((384, 256)))


def in_sizes(photo_HWC: np.ndarray) -> dict[int, np.ndarray]:
    size = Size(photo_HWC.shape[1], photo_HWC.shape[0])
    return {step: resized(photo_HWC, working_size(FileHeader(size, step))) for step in (2, 4, 6, 8, 10)}


def test_few_bytes_want_a_small_picture_and_many_a_large_one(photo_HWC: np.ndarray) -> None:
    small = in_sizes(photo_HWC)
    steps = [best_looking(small, room, count=1)[0].step for room in (120, 500, 2500)]
    assert steps[0] >= steps[1] >= steps[2] and steps[0] > steps[2]


def test_what_looks_best_is_among_the_nearest_enlarged(photo_HWC: np.ndarray) -> None:
    size, small, room = Size(384, 256), in_sizes(photo_HWC), 500
    looks = best_looking(small, room, count=5)
    errors = []
    for look in looks:
        quantiser = {"cq-level": str(look.fineness.quantiser)}
        base = encoded_base(small[look.step], quality=50, speed=9, advanced=quantiser)
        errors.append(squared_error(photo_HWC, BasePainter().render(Scene(size, base=base))))
    assert len(looks) >= 4 and min(errors[:2]) == min(errors)


def test_a_size_of_which_nothing_fits_is_left_out(photo_HWC: np.ndarray) -> None:
    left = {look.step for look in best_looking(in_sizes(photo_HWC), 150, count=5)}
    assert 10 in left and 2 not in left
    assert not best_looking(in_sizes(photo_HWC), 12, count=5)


def test_errors_are_exact() -> None:
    black, white = np.zeros((2, 5, 3), np.uint8), np.full((2, 5, 3), 255, np.uint8)
    assert squared_error(black, white) == squared_error(white, black) == 255**2
    assert squared_error(white, white) == 0
