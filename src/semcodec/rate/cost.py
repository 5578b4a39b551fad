"""What blocks cost, in bits, straight from the integer tables: an estimate for rate control, not for the wire.

Shapes: R, K = token rows, columns of a scale; T = its tokens, B = its blocks, both row by row.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from semcodec.entropy.tables import TOTAL_BITS
from semcodec.layers.tokens.encode import Order, context_features, leaves_of, symbols_of
from semcodec.layers.tokens.family import Family, SymbolModel
from semcodec.layers.tokens.grid import Grid

if TYPE_CHECKING:
    from semcodec.types import Digits


def block_bits(
    digits: Sequence[Digits], orders: Sequence[Order], scale: int, family: Family, grid: Grid
) -> NDArray[np.float64]:
    """(B,) bits of each block of a scale, if tokens are coded in these orders."""
    rows, cols = grid.block_rows * grid.block, grid.block_cols * grid.block
    padded = np.zeros((rows, cols))
    padded[: grid.num_rows, : grid.num_cols] = token_bits(digits, orders, scale, family)
    blocks = padded.reshape(grid.block_rows, grid.block, grid.block_cols, grid.block)
    return np.asarray(blocks.sum(axis=(1, 3)).ravel())


def token_bits(digits: Sequence[Digits], orders: Sequence[Order], scale: int, family: Family) -> NDArray[np.float64]:
    """(R, K) bits of each token of a scale, if tokens are coded in these orders."""
    features = context_features(digits, orders, scale, family.levels)
    bits_T = np.zeros(len(features))
    for model, symbols in zip(family.models[scale], symbols_of(features, family.levels[scale]), strict=True):
        there = np.flatnonzero(symbols.there_T)
        bits_T[there] += _leaf_bits(model)[leaves_of(model, features[there]), symbols.values_T[there]]
    return bits_T.reshape(digits[scale].shape[:2])


@lru_cache(maxsize=256)
def _leaf_bits(model: SymbolModel) -> NDArray[np.float64]:
    """(leaves, symbols) bits of a symbol at a leaf."""
    return np.asarray(TOTAL_BITS - np.log2(np.diff(np.array(model.starts), axis=1)))
