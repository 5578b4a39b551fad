"""The gain of structure, block by block."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageFilter

from semcodec.layers.tokens.grid import Grid
from semcodec.rate.structure import structure_gain


@pytest.fixture(scope="module")
def photo(photo_path) -> np.ndarray:
    with Image.open(photo_path) as whole:
        return np.asarray(whole.convert("RGB").crop((300, 100, 500, 236)))


def blurred(image_HWC: np.ndarray) -> np.ndarray:
    return np.asarray(Image.fromarray(image_HWC).filter(ImageFilter.GaussianBlur(5)))


def grid_of(image_HWC: np.ndarray, stride: int, block: int) -> Grid:
    return Grid(-(-image_HWC.shape[0] // stride), -(-image_HWC.shape[1] // stride), block)


def test_a_painting_that_is_the_same_gains_nothing(photo: np.ndarray) -> None:
    soft = blurred(photo)
    assert not structure_gain(photo, soft, soft, 16, grid_of(photo, 16, 2)).any()


def test_blocks_gain_where_the_painting_became_sharp_and_nowhere_else(photo: np.ndarray) -> None:
    soft = blurred(photo)
    partly = soft.copy()
    partly[32:64, 64:96] = photo[32:64, 64:96]
    grid = grid_of(photo, 16, 2)
    gain = structure_gain(photo, soft, partly, 16, grid).reshape(grid.block_rows, grid.block_cols)
    assert np.unravel_index(gain.argmax(), gain.shape) == (1, 2)
    far = np.ones_like(gain, dtype=bool)
    far[:3, 1:4] = False  # windows of the neighbours reach into the block
    assert np.abs(gain[far]).max() < 0.01 and gain[1, 2] > 2


def test_what_went_wrong_counts_against_a_block(photo: np.ndarray) -> None:
    grid = grid_of(photo, 8, 4)
    assert (structure_gain(photo, photo, blurred(photo), 8, grid) < 0).any()


def test_noise_in_a_smooth_sky_is_no_structure() -> None:
    rng = np.random.default_rng(1)
    sky = np.full((96, 96, 3), 180, dtype=np.uint8)
    noisy = (sky + rng.integers(-1, 2, (96, 96, 1))).astype(np.uint8)
    assert np.abs(structure_gain(sky, noisy, sky, 16, Grid(6, 6, 2))).max() < 0.1 * 16 * 16


@pytest.mark.parametrize(("height", "width"), [(1, 1), (9, 70), (31, 33)])
def test_any_size_has_a_number_for_every_block(height: int, width: int) -> None:
    image = np.random.default_rng(0).integers(0, 255, (height, width, 3)).astype(np.uint8)
    for stride, block in ((64, 1), (16, 2), (8, 4)):
        grid = grid_of(image, stride, block)
        gain = structure_gain(image, image // 2, image, stride, grid)
        assert gain.shape == (grid.block_rows * grid.block_cols,) and np.isfinite(gain).all()
