"""A part of a picture at another size is that part of the whole."""

from __future__ import annotations

import numpy as np
import pytest

from semcodec.pictures import resized, resized_part
from semcodec.types import Roi, Size


@pytest.mark.parametrize("size", [Size(300, 200), Size(257, 400), Size(100, 90), Size(256, 171), Size(1000, 3)])
@pytest.mark.parametrize("share", [(0, 0, 1, 1), (0.1, 0.2, 0.3, 0.4), (0, 0.5, 1, 0.2), (0.9, 0.9, 0.1, 0.1)])
def test_a_part_is_that_part_of_the_whole(size: Size, share: tuple[float, ...]) -> None:
    source = np.random.default_rng(0).integers(0, 256, (171, 256, 3), dtype=np.uint8)
    asked: list[Roi] = []

    def part_of(roi: Roi) -> np.ndarray:
        left, top, width, height = roi
        asked.append(roi)
        assert left >= 0 and top >= 0 and left + width <= 256 and top + height <= 171
        return source[top : top + height, left : left + width]

    left, width = int(share[0] * size.width_px), max(1, int(share[2] * size.width_px))
    top, height = int(share[1] * size.height_px), max(1, int(share[3] * size.height_px))
    whole = resized_part(part_of, Size(256, 171), size, (0, 0, size.width_px, size.height_px))
    part = resized_part(part_of, Size(256, 171), size, (left, top, width, height))
    difference = np.abs(part.astype(int) - whole[top : top + height, left : left + width])
    assert part.shape == (height, width, 3) and difference.max() <= 1 and (difference > 0).mean() < 0.005
    if share[2] < 0.5 and size.width_px > 50:
        assert asked[1][2] < 0.6 * 256, "less is asked for than all"


def test_the_whole_is_nearly_what_resizing_in_one_go_gives() -> None:
    smooth = np.add.outer(np.arange(171), np.arange(256))[..., None] * np.ones(3) / 2
    source, size = smooth.astype(np.uint8), Size(300, 200)
    whole = resized_part(lambda roi: source, Size(256, 171), size, (0, 0, 300, 200))
    assert np.abs(whole.astype(int) - resized(source, size)).max() <= 1
