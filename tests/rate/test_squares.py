"""What squares of outlines are sent with, by the price of a bit."""

from __future__ import annotations

import numpy as np
import pytest

from semcodec.layers.structure.encode import pack_structure
from semcodec.models import default_models
from semcodec.rate.squares import Squares
from semcodec.types import MISSING, Size

CANVAS = Size(208, 150)


@pytest.fixture(scope="module")
def map_HW() -> np.ndarray:
    """A ring, on a canvas of which no side is a multiple of a token's."""
    rows, cols = np.mgrid[:75, :104]
    return (255 * (np.abs(np.hypot(rows - 37, cols - 40) - 25) < 1.5)).astype(np.uint8)


@pytest.fixture(scope="module")
def squares(map_HW: np.ndarray) -> Squares:
    models = default_models()
    return Squares.of(map_HW, CANVAS, models.structure_encoder(), models.structure_decoder(1))


def test_a_dearer_bit_makes_fewer_bytes_and_a_worse_drawing(map_HW: np.ndarray, squares: Squares) -> None:
    sizes, lost = [], []
    for price in (0.001, 0.05, 1.0):
        pyramid = squares.at(price)
        section = pack_structure(pyramid)
        assert section is not None
        sizes.append(len(section.payload))
        drawn_HW = default_models().structure_decoder(1).draw(pyramid.digits, CANVAS)
        lost.append(np.square(drawn_HW / 255.0 - map_HW / 255.0).sum())
    assert sizes[0] > sizes[1] > sizes[2] and lost[0] < lost[1] < lost[2]


def test_finer_blocks_that_say_nothing_are_not_sent(squares: Squares) -> None:
    assert (squares.at(100.0).digits[1] == MISSING).all()
    assert (squares.at(100.0).digits[0] != MISSING).all()
    assert (squares.at(0.001).digits[1] != MISSING).any()


def test_the_whole_is_what_the_encoder_gives_at_most(map_HW: np.ndarray, squares: Squares) -> None:
    most = default_models().structure_encoder().encode(map_HW, CANVAS, 1.0)
    assert all(np.array_equal(mine, theirs) for mine, theirs in zip(squares.whole.digits, most, strict=True))
