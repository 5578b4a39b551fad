"""Coarser grids of a grid, in integers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from semcodec.layers.pixels.decode import fill_gaps, unpack_pixels
from semcodec.layers.pixels.fit import fit_grid
from semcodec.layers.pixels.resample import resample
from semcodec.pictures import resized
from semcodec.types import FileHeader, PixelGrid, Section, Size

COLOURS = np.random.default_rng(3).integers(0, 256, (5, 9, 3)).astype(np.uint8)


def grid_with(known: np.ndarray) -> PixelGrid:
    return PixelGrid(256, np.where(known[:, :, None], COLOURS, 0).astype(np.uint8), known)


def test_a_missing_cell_has_the_mean_of_the_cells_that_it_lies_between() -> None:
    known = np.zeros((5, 9), dtype=np.bool_)
    known[0, 0] = known[0, 8] = True
    filled = fill_gaps(grid_with(known)).astype(int)
    assert (filled[0, 4] == (COLOURS[0, 0].astype(int) + COLOURS[0, 8] + 1) >> 1).all()
    assert (filled[4, 0] == COLOURS[0, 0]).all(), "below there is none"
    known[:] = False
    known[0, 0] = True
    assert (fill_gaps(grid_with(known)) == COLOURS[0, 0]).all()


@pytest.mark.parametrize("size", [Size(1, 1), Size(9, 5), Size(4, 3), Size(200, 1), Size(1, 16384), Size(18, 10)])
def test_a_flat_grid_is_flat_at_every_size(size: Size) -> None:
    flat = np.full((5, 9, 3), (255, 0, 77), dtype=np.uint8)
    found = resample(flat, size)
    assert found.shape == (size.height_px, size.width_px, 3) and (found == (255, 0, 77)).all()


def test_the_longest_strip_becomes_the_mean_of_its_cells() -> None:
    """(The weights of a window of 16,384 cells stay within 64 bits.)"""
    strip = np.random.default_rng(1).integers(0, 256, (16384, 1, 3)).astype(np.uint8)
    assert np.abs(resample(strip, Size(1, 1)).astype(int) - strip.astype(int).mean(axis=0)).max() < 3


def test_the_same_bytes_come_out_everywhere() -> None:
    """Written down, so that another machine that computes otherwise is found out."""
    ramp = np.arange(24, dtype=np.uint8).reshape(2, 4, 3) * 10
    assert resample(ramp, Size(2, 1)).tobytes() == bytes.fromhex("4e 58 62 84 8e 98")
    assert resample(ramp, Size(5, 2))[0].tobytes() == bytes.fromhex("00 09 13 13 1d 27 2d 37 41 47 51 5b 5b 65 6f")


def photo_at(photo_path: Path, size: Size) -> np.ndarray:
    with Image.open(photo_path) as photo:
        small = photo.convert("RGB").resize((size.width_px, size.height_px), Image.Resampling.LANCZOS)
    return np.asarray(small)


def error_of(image_HWC: np.ndarray, size: Size, max_bytes: int, resize: object) -> float:
    chosen = fit_grid(image_HWC, size, max_bytes, resize)  # type: ignore[arg-type]
    assert 0 < len(chosen.payload) <= max_bytes
    grid, problem = unpack_pixels(Section(5, 1, chosen.payload), FileHeader(size, chosen.step))
    assert problem is None and grid is not None
    return float(np.square(resized(grid.colours_RKC, size).astype(float) - image_HWC).mean())


def test_a_grid_in_integers_is_about_as_near_as_with_the_windows_of_pillow(photo_path: Path) -> None:
    ratios = []
    for size in (Size(12, 8), Size(31, 21), Size(100, 16), Size(20, 20)):
        image_HWC = photo_at(photo_path, size)
        for max_bytes in (20, 60, 150, 400):
            exact, others = (error_of(image_HWC, size, max_bytes, resize) for resize in (resample, resized))
            ratios.append((exact + 1) / (others + 1))
    assert np.prod(ratios) ** (1 / len(ratios)) < 1.05 and max(ratios) < 2


def test_finer_grids_than_a_file_has_are_not_tried(photo_path: Path) -> None:
    size = Size(31, 21)
    image_HWC = photo_at(photo_path, size)
    assert fit_grid(image_HWC, size, 4000, resample).step == 0
    assert fit_grid(image_HWC, size, 4000, resample, least_step=3).step == 3
