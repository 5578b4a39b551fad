"""The encoder in the loop, with the weightless painter: a Scene of words alone takes its colour from the seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from PIL import Image

import semcodec
from semcodec.errors import OtherPainterWarning
from semcodec.painters.stub import StubPainter
from semcodec.rate.tries import best_seed, hint_section, mean_squared_difference
from semcodec.types import PainterHint, Scene, Size

PHOTO_PX = (96, 64)


@dataclass(frozen=True)
class Flat:
    """Paints one grey: ten times the seed."""

    name: str = "flat"
    revision: str = "abcdef0123"

    def render(self, scene: Scene, *, size: Size | None = None, seed: int = 0) -> np.ndarray:
        size = size or scene.size
        return np.full((size.height_px, size.width_px, 3), 10 * seed, np.uint8)


@pytest.fixture(scope="module")
def photo(photo_path) -> Image.Image:
    return Image.open(photo_path).convert("RGB").resize(PHOTO_PX)


def test_the_nearest_seed_is_found():
    grey = np.full((8, 8, 3), 72, np.uint8)
    scene = Scene(Size(8, 8))
    assert best_seed(grey, scene, Flat(), 16) == 7
    assert best_seed(grey, scene, Flat(), 4) == 3
    assert best_seed(grey, scene, Flat(), 1) == 0
    assert (
        best_seed(grey, scene, Flat(), 16, lambda original, painted: -mean_squared_difference(original, painted)) == 15
    )


def test_the_file_says_which_seed_it_was(photo: Image.Image):
    encoded = semcodec.encode(
        photo, bytes=150, painter=Flat(), tries=16, distance=lambda a, b: abs(float(b[0, 0, 0]) - 90)
    )
    assert len(encoded.data) <= 150
    assert semcodec.read(encoded.data).scene.painter == PainterHint("flat", "abcdef0", 9, 16)
    assert encoded.bytes_by_layer["painter"] == len(hint_section(Flat(), 16).payload) == 4 + 1 + len("flat")


def test_the_painter_that_was_tried_paints_the_best_seed_unless_another_is_asked_for(photo: Image.Image):
    data = semcodec.encode(
        photo, bytes=150, painter=Flat(), tries=16, distance=lambda a, b: abs(float(b[0, 0, 0]) - 90)
    ).data
    assert (semcodec.decode(data, painter=Flat()) == 90).all()
    assert (semcodec.decode(data, painter=Flat(), seed=2) == 20).all()


def test_another_painter_or_revision_warns_and_paints(photo: Image.Image):
    data = semcodec.encode(photo, bytes=150, painter=Flat(), tries=16).data
    with pytest.warns(OtherPainterWarning, match=r"the painter flat \(revision abcdef0\); painted by the embedded one"):
        assert semcodec.decode(data).shape == (64, 96, 3)
    with pytest.warns(OtherPainterWarning, match="painted by stub"):
        semcodec.decode(data, painter=StubPainter())
    with pytest.warns(OtherPainterWarning, match="painted by flat"):
        assert (semcodec.decode(data, painter=Flat(revision="0123456789")) == 0).all()


def test_without_a_painter_nothing_is_written_or_said(photo: Image.Image):
    encoded = semcodec.encode(photo, bytes=150)
    assert "painter" not in encoded.bytes_by_layer
    semcodec.decode(encoded.data, painter=StubPainter())


def test_cutting_takes_the_hint_away(photo: Image.Image):
    data = semcodec.encode(photo, bytes=150, caption="macaws", painter=Flat(), tries=2).data
    shorter = semcodec.read(semcodec.cut(data, bytes=100)).scene
    assert shorter.painter is None
    assert shorter.words.text == "macaws"


def test_a_hint_too_large_for_the_budget_is_named(photo: Image.Image):
    with pytest.raises(semcodec.SemcodecError, match="of them for the painter hint"):
        semcodec.encode(photo, bytes=20, painter=Flat())


@pytest.mark.parametrize("tries", [0, (1 << 15) + 1])
def test_a_number_of_tries_that_cannot_be_written_is_refused(photo: Image.Image, tries: int):
    with pytest.raises(ValueError, match=r"tries are not within 1\.\.32768"):
        semcodec.encode(photo, bytes=150, painter=Flat(), tries=tries)
