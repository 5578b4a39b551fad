"""Any size: canvases, tiles that cover and overlap, and seams that fade."""

from __future__ import annotations

import numpy as np
import pytest

from semcodec.hub.painters.painter import tile_seed
from semcodec.hub.painters.tiles import canvas_size, native_canvas, padded, paint_tiles, plan_tiles
from semcodec.types import Size

SIZES = [Size(1, 1), Size(128, 128), Size(160, 120), Size(300, 77), Size(513, 129), Size(64, 900), Size(1000, 1000)]


@pytest.mark.parametrize("canvas", SIZES, ids=str)
@pytest.mark.parametrize("multiple_px", [8, 16, 32])
def test_tiles_cover_the_canvas_and_are_of_sides_that_the_network_takes(canvas: Size, multiple_px: int):
    tiles = plan_tiles(canvas, 128, multiple_px)
    covered = np.zeros((canvas.height_px, canvas.width_px), bool)
    for tile in tiles:
        assert tile.height % multiple_px == tile.width % multiple_px == 0
        covered[tile.slices] = True
    assert covered.all()
    assert [tile.index for tile in tiles] == list(range(len(tiles)))


def test_neighbours_overlap_by_about_a_quarter():
    tiles = plan_tiles(Size(1000, 128), 128, 8)
    lefts = [tile.left for tile in tiles]
    overlaps = [128 - (b - a) for a, b in zip(lefts, lefts[1:], strict=False)]
    assert len(tiles) > 8
    assert min(overlaps) >= 32 - 8


def test_a_picture_near_the_native_area_is_one_tile():
    assert len(plan_tiles(Size(768, 512), 512, 8)) == 1
    assert len(plan_tiles(Size(1024, 768), 512, 8)) > 1


def test_small_pictures_are_painted_at_the_native_area():
    assert canvas_size(Size(100, 100), 512) == Size(512, 512)
    assert canvas_size(Size(2000, 1000), 512) == Size(2000, 1000)
    assert native_canvas(Size(2000, 1000), 512, 8) == Size(728, 360)
    longest = native_canvas(Size(10_000, 10), 512, 8)
    assert longest.width_px <= 4 * longest.height_px + 8


@pytest.mark.parametrize("canvas", SIZES, ids=str)
def test_tiles_of_a_picture_put_together_are_the_picture(canvas: Size):
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 256, (canvas.height_px, canvas.width_px, 3), dtype=np.uint8)
    tiles = plan_tiles(canvas, 128, 16)
    whole = padded(picture, tiles)
    assert np.array_equal(paint_tiles(tiles, canvas, lambda tile: whole[tile.slices]), picture)


def test_seams_fade():
    tiles = plan_tiles(Size(400, 128), 128, 8)
    levels = [0, 200, 0, 200]
    painted = paint_tiles(
        tiles, Size(400, 128), lambda tile: np.full((tile.height, tile.width, 3), levels[tile.index], np.uint8)
    )
    steps = np.abs(np.diff(painted[64, :, 0].astype(int)))
    assert painted.max() == 200
    assert steps.max() < 20, "a hard edge between tiles would be a step of 200"


def test_tiles_have_noise_of_their_own_that_follows_from_the_seed():
    seeds = {tile_seed(seed, index) for seed in range(3) for index in range(50)}
    assert tile_seed(7, 0) == 7
    assert len(seeds) == 150
    assert tile_seed(7, 3) == tile_seed(7, 3) != tile_seed(8, 3)
