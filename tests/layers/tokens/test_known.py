"""Contexts one at a time are those that are computed all at once."""

from __future__ import annotations

import numpy as np
import pytest

from semcodec.layers.tokens.context import num_features
from semcodec.layers.tokens.encode import NEVER, context_features
from semcodec.layers.tokens.family import Family
from semcodec.layers.tokens.grid import grids
from semcodec.layers.tokens.known import KnownTokens
from semcodec.types import Size

from .conftest import BLOCKS, LEVELS, STRIDES, random_digits

SIZE = (200, 333)


def random_orders(digits: tuple[np.ndarray, ...], seed: int) -> list[np.ndarray]:
    """Every token somewhere in one random order over all scales; a third of them never."""
    rng = np.random.default_rng(seed)
    counts = [array.shape[0] * array.shape[1] for array in digits]
    order = rng.permutation(sum(counts)).astype(np.int32)
    order[rng.random(len(order)) < 1 / 3] = NEVER
    parts = np.split(order, np.cumsum(counts)[:-1])
    return [part.reshape(array.shape[:2]) for part, array in zip(parts, digits, strict=True)]


@pytest.mark.parametrize("seed", range(3))
def test_contexts_are_those_of_the_encoder_whatever_the_order(family: Family, seed: int) -> None:
    digits = random_digits(SIZE, seed)
    orders = random_orders(digits, seed)
    known = KnownTokens(family, grids(Size(*SIZE), STRIDES, BLOCKS))
    wanted = [context_features(digits, orders, scale, LEVELS) for scale in range(len(LEVELS))]
    places = sorted(
        (int(order[row, col]), scale, row, col)
        for scale, order in enumerate(orders)
        for row, col in zip(*np.nonzero(order < NEVER), strict=True)
    )
    num_own = max(map(len, LEVELS))
    for _, scale, row, col in places:
        at = row * digits[scale].shape[1] + col
        context = known.context(scale, row, col)
        assert len(context) == num_features(LEVELS)
        assert context[:num_own] == [-1] * num_own
        assert context[num_own:] == wanted[scale][at, num_own:].tolist()
        known.put(scale, at, tuple(digits[scale][row, col].tolist()))
    assert len(places) > 800


def test_what_is_forgotten_plays_no_part(family: Family) -> None:
    digits = random_digits(SIZE, 1)
    known = KnownTokens(family, grids(Size(*SIZE), STRIDES, BLOCKS))
    before = known.context(3, 4, 4), known.context(4, 8, 8)
    cols = digits[3].shape[1]
    near = (4 * cols + 3, 3 * cols + 4, 4 * cols + 4)
    for at in near:
        known.put(3, at, tuple(digits[3].reshape(-1, digits[3].shape[2])[at].tolist()))
    assert (known.context(3, 4, 4), known.context(4, 8, 8)) != before
    for at in near:
        known.forget(3, at)
    assert (known.context(3, 4, 4), known.context(4, 8, 8)) == before
