"""What detectors say is decoded, cleared of doubles and matched as it should be."""

from __future__ import annotations

import numpy as np
import pytest

from semcodec.evaluation.measures.detection import (
    SIDE_PX,
    STRIDES,
    Found,
    boxes_from,
    cells,
    decoded,
    iou,
    letterbox,
    matches,
    once_each,
)

NUM_CLASSES = 3


def found(*things: tuple[tuple[float, float, float, float], float, int]) -> Found:
    boxes = np.array([box for box, _, _ in things], np.float32).reshape(-1, 4)
    return Found(boxes, np.array([s for _, s, _ in things], np.float32), np.array([c for _, _, c in things], np.intp))


def raw_with(stride: int, row: int, col: int, sides: tuple[float, float], kind: int, score: float) -> np.ndarray:
    """The network's outputs for one thing, whose centre is in the middle of a cell; `sides` in pixels."""
    raw = np.zeros((sum((SIDE_PX // s) ** 2 for s in STRIDES), 5 + NUM_CLASSES), np.float32)
    first = sum((SIDE_PX // s) ** 2 for s in STRIDES if s < stride)
    at = first + row * (SIDE_PX // stride) + col
    raw[at, :4] = (0.5, 0.5, np.log(sides[0] / stride), np.log(sides[1] / stride))
    raw[at, 4], raw[at, 5 + kind] = 1.0, score
    return raw


@pytest.mark.parametrize("stride", STRIDES)
def test_a_cell_of_each_grid_says_where_its_thing_is(stride: int) -> None:
    told = decoded(raw_with(stride, 2, 5, (40, 20), 1, 0.8), SIDE_PX, 2.0, 0.4)
    x, y = 5.5 * stride, 2.5 * stride
    assert told.boxes_N4 == pytest.approx(np.array([[x - 20, y - 10, x + 20, y + 10]]) / 2, abs=1e-3)
    assert told.class_N.tolist() == [1] and told.score_N == pytest.approx([0.8])
    assert len(decoded(raw_with(stride, 2, 5, (40, 20), 1, 0.3), SIDE_PX, 2.0, 0.4)) == 0


def test_cells_of_a_wide_grid_go_row_by_row() -> None:
    assert cells(32, 64, 16).tolist() == [[0, 0], [1, 0], [2, 0], [3, 0], [0, 1], [1, 1], [2, 1], [3, 1]]
    assert boxes_from(np.zeros((1, 4), np.float32), np.ones((1, 2), np.float32), 8).tolist() == [[4, 4, 12, 12]]


def test_the_network_sees_the_picture_in_the_corner_of_a_grey_square_blue_first() -> None:
    image = np.zeros((100, 208, 3), np.uint8)
    image[..., 2] = 255
    square, factor = letterbox(image)
    assert factor == 2 and square.shape == (1, 3, SIDE_PX, SIDE_PX)
    assert (square[0, 0, :200] == 255).all() and (square[0, 2, :200] == 0).all() and (square[0, :, 200:] == 114).all()


def test_boxes_overlap_by_what_they_share() -> None:
    a, b = np.array([[0, 0, 10, 10]], np.float32), np.array([[5, 0, 15, 10], [10, 10, 20, 20]], np.float32)
    assert iou(a, b) == pytest.approx(np.array([[1 / 3, 0]]))


def test_of_doubles_of_a_class_the_more_likely_stays() -> None:
    box, near, far = (0, 0, 10, 10), (1, 0, 11, 10), (40, 0, 50, 10)
    told = once_each(found((near, 0.5, 0), (box, 0.9, 0), (near, 0.6, 1), (far, 0.7, 0)), 0.45)
    assert told.score_N == pytest.approx([0.9, 0.7, 0.6]) and told.class_N.tolist() == [0, 0, 1]


def test_a_thing_of_the_original_is_found_once_in_its_place_and_of_its_class() -> None:
    there = found(((0, 0, 10, 10), 0.9, 0), ((40, 0, 50, 10), 0.8, 1))
    assert matches(there, there).f1 == 1
    twice = matches(found(((0, 0, 10, 10), 0.9, 0), ((1, 0, 11, 10), 0.8, 0)), there)
    assert (twice.both, twice.told, twice.there) == (1, 2, 2) and twice.f1 == 0.5
    assert matches(found(((0, 0, 10, 10), 0.9, 1)), there).both == 0  # another class
    assert matches(found(((7, 0, 17, 10), 0.9, 0)), there).both == 0  # elsewhere


def test_where_nothing_is_nothing_is_to_be_found() -> None:
    nothing, one = found(), found(((0, 0, 10, 10), 0.9, 0))
    assert matches(nothing, nothing).f1 == 1
    assert matches(one, nothing).f1 == 0 and matches(nothing, one).f1 == 0
