"""Outlines within their bytes, and what is drawn of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import semcodec
from semcodec.errors import BudgetError, NoPictureError
from semcodec.layers.structure import canvas_of
from semcodec.models import default_models
from semcodec.rate.outlines import best_outlines
from semcodec.types import Size


@pytest.fixture(scope="module")
def photo(photo_path: Path) -> Image.Image:
    return Image.open(photo_path).convert("RGB")


@pytest.fixture(scope="module")
def image_HWC() -> np.ndarray:
    """A bright disc and a bar on a dark ground: outlines whose places are known."""
    rows, cols = np.mgrid[:240, :320]
    is_disc = (rows - 120) ** 2 + (cols - 100) ** 2 < 60**2
    is_bar = (cols > 220) & (cols < 280) & (rows > 40) & (rows < 200)
    grey = np.where(is_disc, 220, np.where(is_bar, 160, 40))
    return np.repeat(grey[:, :, None], 3, axis=2).astype(np.uint8)


@pytest.mark.parametrize("max_bytes", [40, 80, 400])
def test_a_ceiling_holds(image_HWC: np.ndarray, max_bytes: int) -> None:
    section = best_outlines(image_HWC, max_bytes, default_models())
    assert 0 < len(section.payload) <= max_bytes


def test_few_bytes_are_used_where_they_say_more(photo: Image.Image) -> None:
    section = best_outlines(np.asarray(photo), 150, default_models())
    assert 140 <= len(section.payload) <= 150


def test_what_is_drawn_lies_where_the_outlines_are(image_HWC: np.ndarray) -> None:
    data = semcodec.encode(image_HWC, bytes=700, structure=200, caption="shapes").data
    outlines_HW = semcodec.decode_structure(data).astype(float)
    assert outlines_HW.shape == (240, 320)
    rows, cols = np.mgrid[:240, :320]
    from_disc = np.abs(np.hypot(rows - 120, cols - 100) - 60)
    beyond = (from_disc > 20) & (cols < 190)
    assert outlines_HW[from_disc < 3].mean() > 4 * outlines_HW[beyond].mean() + 20
    assert semcodec.decode_structure(data, size=Size(64, 48)).shape == (48, 64)


def test_outlines_count_and_can_stand_beside_words_alone(image_HWC: np.ndarray) -> None:
    encoded = semcodec.encode(image_HWC, bytes=500, structure=90, picture="tokens")
    assert len(encoded.data) <= 500 and 0 < encoded.bytes_by_layer["structure"] <= 90
    words = semcodec.encode(image_HWC, profile="text", caption="a disc and a bar", structure=90)
    assert set(words.bytes_by_layer) == {"text", "structure"}
    assert [prefix.gives for prefix in semcodec.info(words.data).prefixes] == ["words", "outlines"]


def test_a_file_without_outlines_says_how_to_have_some(image_HWC: np.ndarray) -> None:
    with pytest.raises(NoPictureError, match="--structure"):
        semcodec.decode_structure(semcodec.encode(image_HWC, bytes=200).data)
    with pytest.raises(ValueError, match="structure 0 is no number of bytes"):
        semcodec.encode(image_HWC, structure=0)
    with pytest.raises(BudgetError, match="too few for outlines"):
        semcodec.encode(image_HWC, structure=1)


def test_a_large_picture_costs_as_much_as_a_small_one(photo: Image.Image) -> None:
    large = photo.resize((photo.width * 2, photo.height * 2))
    sections = [best_outlines(np.asarray(picture), 4000, default_models()) for picture in (photo, large)]
    sizes = [len(section.payload) for section in sections]
    assert max(sizes) < 1.5 * min(sizes)
    assert canvas_of(Size(large.width, large.height)) == canvas_of(Size(photo.width, photo.height))
