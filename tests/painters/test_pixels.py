"""The painter of small grids: colours as they are, and what is missing as the mean of its neighbours."""

from __future__ import annotations

import numpy as np
import pytest

from semcodec.contracts import PartPainter
from semcodec.errors import NoPictureError
from semcodec.painters.pixels import PixelPainter
from semcodec.types import PixelGrid, Scene, Size

COLOURS = np.random.default_rng(3).integers(0, 256, (5, 9, 3)).astype(np.uint8)


def grid_with(known: np.ndarray) -> PixelGrid:
    return PixelGrid(256, np.where(known[:, :, None], COLOURS, 0).astype(np.uint8), known)


def test_a_grid_of_the_pictures_size_is_the_picture() -> None:
    whole = np.ones((5, 9), dtype=np.bool_)
    assert isinstance(PixelPainter(), PartPainter)
    assert (PixelPainter().render(Scene(Size(9, 5), pixels=grid_with(whole))) == COLOURS).all()


def test_a_flat_grid_is_flat_at_every_size() -> None:
    grid = PixelGrid(256, np.full((2, 1, 3), (20, 200, 20), dtype=np.uint8), np.ones((2, 1), dtype=np.bool_))
    painted = PixelPainter().render(Scene(Size(1, 300), pixels=grid))
    assert painted.shape == (300, 1, 3) and (painted == (20, 200, 20)).all()
    assert PixelPainter().render(Scene(Size(1, 300), pixels=grid), size=Size(40, 3)).shape == (3, 40, 3)


def test_a_part_is_what_the_whole_shows_there() -> None:
    scene = Scene(Size(90, 50), pixels=grid_with(np.ones((5, 9), dtype=np.bool_)))
    whole, part = PixelPainter().render(scene), PixelPainter().render_part(scene, (13, 7, 40, 21))
    assert np.abs(whole[7:28, 13:53].astype(int) - part).max() <= 1


def test_a_scene_without_a_grid_cannot_be_painted() -> None:
    with pytest.raises(NoPictureError):
        PixelPainter().render(Scene(Size(3, 3)))
