"""How important blocks are."""

from __future__ import annotations

import numpy as np
import pytest

from semcodec.api import DEFAULT_FAMILY
from semcodec.layers.tokens.family import Family, find_family
from semcodec.layers.tokens.grid import grids
from semcodec.profiles.importance import activity, importance
from semcodec.types import Size

WORKING = Size(200, 136)


@pytest.fixture(scope="module")
def family() -> Family:
    return find_family(DEFAULT_FAMILY)


@pytest.fixture(scope="module")
def digits(family: Family) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(7)
    return tuple(
        np.stack([rng.integers(0, n, (grid.num_rows, grid.num_cols)) for n in levels], -1).astype(np.uint8)
        for grid, levels in zip(grids(WORKING, family.strides, family.blocks), family.levels, strict=True)
    )


def middles(family: Family) -> tuple[np.ndarray, ...]:
    """Digits that say nothing."""
    return tuple(
        np.tile(np.array([(n - 1) // 2 for n in levels], dtype=np.uint8), (grid.num_rows, grid.num_cols, 1))
        for grid, levels in zip(grids(WORKING, family.strides, family.blocks), family.levels, strict=True)
    )


def test_blocks_that_say_nothing_are_of_no_importance(family: Family) -> None:
    assert all(not says.any() for says in activity(middles(family), WORKING, family))


def test_the_activity_of_a_block_is_the_root_of_its_digits_energy(family: Family) -> None:
    digits = middles(family)
    scale = len(digits) - 1
    row, col = np.array(digits[scale].shape[:2]) - 1  # the last token, in the last block
    digits[scale][row, col, :2] += 1
    says = activity(digits, WORKING, family)[scale]
    assert says[-1] == np.float32(np.sqrt(2)) and not says[:-1].any()


def test_without_anything_else_importance_is_activity(family: Family, digits: tuple[np.ndarray, ...]) -> None:
    of_scale = importance(digits, WORKING, family)
    for scale, says in enumerate(activity(digits, WORKING, family)):
        assert np.array_equal(of_scale(scale), says)


def test_a_significance_that_is_the_same_everywhere_changes_no_order(
    family: Family, digits: tuple[np.ndarray, ...]
) -> None:
    cells_RK = np.full((17, 25), 3.0, dtype=np.float32)
    of_scale = importance(digits, WORKING, family, significance_RK=cells_RK)
    for scale, says in enumerate(activity(digits, WORKING, family)):
        assert np.allclose(of_scale(scale), 3 * np.sqrt(says))


def test_blocks_that_lie_where_cells_are_significant_are_more_important(
    family: Family, digits: tuple[np.ndarray, ...]
) -> None:
    evenly_RK = np.ones((17, 25), dtype=np.float32)
    marked_RK = evenly_RK.copy()
    marked_RK[-1, -1] = 5.0
    plain, marked = (importance(digits, WORKING, family, significance_RK=cells) for cells in (evenly_RK, marked_RK))
    for scale in range(len(digits)):
        assert marked(scale)[-1] > plain(scale)[-1]
        assert np.array_equal(marked(scale)[:-1], plain(scale)[:-1])


def test_a_surprise_multiplies_and_is_asked_for_one_scale_at_a_time(
    family: Family, digits: tuple[np.ndarray, ...]
) -> None:
    asked: list[int] = []

    def surprise(scale: int) -> np.ndarray:
        asked.append(scale)
        return np.arange(len(activity(digits, WORKING, family)[scale]), dtype=np.float32)

    of_scale = importance(digits, WORKING, family, surprise=surprise)
    says = activity(digits, WORKING, family)[2]
    assert np.array_equal(of_scale(2), says * np.arange(len(says), dtype=np.float32))
    assert asked == [2]
