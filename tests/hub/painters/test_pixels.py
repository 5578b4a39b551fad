"""What networks paint when they misbehave."""

from __future__ import annotations

import numpy as np
import pytest

from semcodec.errors import ModelError
from semcodec.hub.painters.pixels import picture_from
from semcodec.types import Size

SIZE = Size(12, 8)
KNOWN = np.full((8, 12, 3), 77, np.uint8)


def taken(images: object, *, known: np.ndarray | None = KNOWN) -> tuple[np.ndarray, list[str]]:
    said: list[str] = []
    return picture_from(images, SIZE, known_HWC=known, name="m", warn=said.append), said


def test_floats_become_a_picture_and_nothing_is_said():
    picture, said = taken(np.full((1, 8, 12, 3), 0.5, np.float32))
    assert picture.dtype == np.uint8
    assert (picture == 128).all()
    assert said == []


def test_values_outside_0_to_1_are_clipped():
    picture, _ = taken(np.array([-3.0, 0.5, 9.0], np.float32) * np.ones((1, 8, 12, 1), np.float32))
    assert picture[0, 0].tolist() == [0, 128, 255]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_the_known_picture_stands_where_values_are_no_numbers(bad: float):
    images = np.zeros((1, 8, 12, 3), np.float32)
    images[0, :2, :, 1] = bad
    picture, said = taken(images)
    assert (picture[:2] == 77).all()
    assert (picture[2:] == 0).all()
    assert "25% with values that are not numbers" in said[0]


def test_without_a_known_picture_no_numbers_are_an_error():
    with pytest.raises(ModelError, match=r"values that are not numbers.*float32"):
        taken(np.full((1, 8, 12, 3), np.nan, np.float32), known=None)


def test_a_wrong_size_is_resized_and_said():
    images = np.ones((1, 16, 16, 3), np.float32)
    images[0, 0] = np.nan
    picture, said = taken(images)
    assert picture.shape == (8, 12, 3)
    assert "painted 16x16 where 12x8 was asked for" in said[0]
    assert (picture[4:] == 255).all()


@pytest.mark.parametrize("shape", [(8, 12, 3), (0, 8, 12, 3), (1, 8, 12, 4), (1, 0, 12, 3)])
def test_what_is_no_rgb_picture_is_an_error(shape: tuple[int, ...]):
    with pytest.raises(ModelError, match="no RGB picture"):
        taken(np.zeros(shape, np.float32))
