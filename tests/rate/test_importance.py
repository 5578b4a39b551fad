"""How important blocks are."""

from __future__ import annotations

import numpy as np
import pytest

from semcodec.layers.tokens.family import Family, find_family
from semcodec.layers.tokens.grid import grids
from semcodec.models import DEFAULT_FAMILY
from semcodec.rate.importance import activity
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
