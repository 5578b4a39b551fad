"""Tiles with margins give the same as the whole."""

from __future__ import annotations

import numpy as np
import pytest

from semcodec.nets.tiling import parts, run_tiled, spans


def blur(image_HWC: np.ndarray) -> np.ndarray:
    """A 5x5 mean with zeros outside: receptive field of 2 pixels, border effects like a padded convolution."""
    padded = np.pad(image_HWC.astype(np.int64), ((2, 2), (2, 2), (0, 0)))
    height, width = image_HWC.shape[:2]
    return sum(padded[r : r + height, c : c + width] for r in range(5) for c in range(5))


@pytest.mark.parametrize("size", [(10, 10), (37, 64), (100, 23)])
def test_tiles_equal_the_whole_when_margins_cover_the_receptive_field(size: tuple[int, int]) -> None:
    image_HWC = np.random.default_rng(0).integers(0, 256, (*size, 3))
    assert np.array_equal(run_tiled(image_HWC, blur, core=8, margin=2), blur(image_HWC))


def test_a_margin_that_is_too_small_shows() -> None:
    image_HWC = np.random.default_rng(0).integers(0, 256, (40, 40, 3))
    assert not np.array_equal(run_tiled(image_HWC, blur, core=8, margin=1), blur(image_HWC))


def test_results_of_another_scale_are_put_where_they_belong() -> None:
    image_HWC = np.random.default_rng(0).integers(0, 256, (48, 64, 1))
    twice = run_tiled(image_HWC, lambda t: t.repeat(2, 0).repeat(2, 1), core=16, margin=4, scale_up=2)
    assert np.array_equal(twice, image_HWC.repeat(2, 0).repeat(2, 1))
    half = run_tiled(image_HWC, lambda t: t[::2, ::2], core=16, margin=4, scale_down=2)
    assert np.array_equal(half, image_HWC[::2, ::2])


def test_spans_keep_every_cell_once() -> None:
    kept = [cell for span in spans(53, core=10, margin=3) for cell in range(span.keep_start, span.keep_end)]
    assert kept == list(range(53))


@pytest.mark.parametrize("size", [(10, 10), (37, 64), (100, 23), (1, 300)])
@pytest.mark.parametrize("most", [1, 150, 700, 100_000])
def test_parts_of_a_number_of_cells_keep_every_cell_once(size: tuple[int, int], most: int) -> None:
    image_HWC = np.random.default_rng(0).integers(0, 256, (*size, 3))
    whole = np.zeros((*size, 3), np.int64)
    for part in parts(*size, margin=2, most=most, unit=2):
        tile = part.of(image_HWC)
        assert tile.shape[0] * tile.shape[1] <= max(most, 36)
        part.keep(blur(tile), whole)
    assert np.array_equal(whole, blur(image_HWC))


def test_parts_are_cut_where_the_least_is_computed_twice() -> None:
    (one,) = parts(30, 40, margin=5, most=1200, unit=2)
    assert (one.rows.end, one.cols.end) == (30, 40)
    across = parts(30, 200, margin=5, most=1800, unit=2)
    assert len({part.rows.start for part in across}) == 1 and len(across) == 4
