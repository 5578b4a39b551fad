"""Which pictures are sent as a grid of colours, and how a budget is filled."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from semcodec.container.header import working_size
from semcodec.layers.pixels.decode import unpack_pixels
from semcodec.rate.pixels import are_better_sent_as_pixels, best_pixels
from semcodec.types import FileHeader, Section, Size


@pytest.fixture(scope="module")
def photo_HWC(photo_path: Path) -> np.ndarray:
    with Image.open(photo_path) as image:
        return np.asarray(image.convert("RGB").resize((31, 21), Image.Resampling.LANCZOS))


def error_of(image_HWC: np.ndarray, max_bytes: int) -> float:
    chosen = best_pixels(image_HWC, max_bytes)
    assert 0 < len(chosen.payload) <= max_bytes
    header = FileHeader(Size(image_HWC.shape[1], image_HWC.shape[0]), chosen.step)
    grid, problem = unpack_pixels(Section(5, 1, chosen.payload), header)
    assert problem is None and grid is not None
    picture = Image.fromarray(grid.colours_RKC).resize((header.size.width_px, header.size.height_px))
    return float(np.square(np.asarray(picture).astype(float) - image_HWC).mean())


def test_the_shorter_side_decides() -> None:
    assert are_better_sent_as_pixels(Size(1, 1)) and are_better_sent_as_pixels(Size(65535, 31))
    assert are_better_sent_as_pixels(Size(31, 4000)) and not are_better_sent_as_pixels(Size(32, 32))


def test_more_bytes_are_a_better_picture_up_to_the_exact_one(photo_HWC: np.ndarray) -> None:
    errors = [error_of(photo_HWC, num_bytes) for num_bytes in (3, 10, 30, 100, 300, 1000, 3000)]
    assert errors == sorted(errors, reverse=True)
    assert errors[0] > 1000 > errors[3] > errors[-1] == 0


def test_a_flat_picture_takes_one_cell_however_many_bytes_are_allowed() -> None:
    chosen = best_pixels(np.full((9, 200, 3), 77, dtype=np.uint8), 4000)
    assert working_size(FileHeader(Size(200, 9), chosen.step)) == Size(1, 1)
    assert len(chosen.payload) <= 6


def test_where_nothing_fits_the_least_size_is_told_and_does(photo_HWC: np.ndarray) -> None:
    for too_few in (-5, 0, 1):
        chosen = best_pixels(photo_HWC, too_few)
        assert not chosen.payload and chosen.least_bytes > too_few
    assert best_pixels(photo_HWC, chosen.least_bytes).payload
    assert not best_pixels(photo_HWC, chosen.least_bytes - 1).payload
