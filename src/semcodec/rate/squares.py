"""Which digits each square of outlines is sent with: those with which the receiver's drawing loses least for its bits.

A square is a token of the coarsest scale and the finer ones within it. What it could be sent with comes from dead zones
of several widths: all digits as the encoder gave them, or those that the zone leaves but in full (the zone makes what
it leaves smaller), with finer tokens or without. Every possibility is drawn once for all squares, as the receiver will
draw it, and compared with the map; a square takes the one whose loss and bits at the given price are least (Shoham &
Gersho, 1988). That neighbours then differ from what they were while it was compared is left out of account.

Blocks of finer tokens that say nothing are not sent (10 training pictures of BSDS500, 80 bytes, cross-entropy as the
loss: F-measure 0.585; sent 0.563).

Shapes: P = possibilities; R, K = rows, columns of squares; D = digits; H, W = cells of a map.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from semcodec.layers.tokens.context import middle
from semcodec.layers.tokens.encode import block_order
from semcodec.layers.tokens.grid import Grid, grids
from semcodec.nets.structure import MAP_STRIDE
from semcodec.rate.cost import token_bits
from semcodec.types import MISSING, TokenPyramid

if TYPE_CHECKING:
    from semcodec.layers.tokens.family import Family
    from semcodec.nets.structure import StructureDecoderNets, StructureEncoderNets
    from semcodec.types import Digits, Pixels, Size

SPENDS = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4)
# A cell's squared error counts `1 + OUTLINES` times where an outline is sure: F-measure of 8 training pictures of
# BSDS500 at 150 bytes 0.671, 0.678 and 0.682 with 0, 2 and 6; one dead zone for the whole picture gave 0.646.
OUTLINES = 6.0
WHOLE = 2  # which possibility is all digits of the first spend
Floats = NDArray[np.float64]
AllDigits = tuple["Digits", ...]  # (R, K, D) per scale


@dataclass(frozen=True, slots=True)
class Squares:
    """All possibilities with what they lose (squared error, map of 0..1) and cost (bits), both (P, R, K)."""

    possible: list[AllDigits]
    lost_PRK: Floats
    bits_PRK: Floats
    family: Family
    canvas: Size

    @classmethod
    def of(cls, map_HW: Pixels, canvas: Size, encoder: StructureEncoderNets, decoder: StructureDecoderNets) -> Squares:
        possible = _possible([encoder.encode(map_HW, canvas, spend) for spend in SPENDS], encoder.family)
        all_grids = grids(canvas, encoder.family.strides, encoder.family.blocks)
        side = encoder.family.strides[0] // MAP_STRIDE
        lost = [_lost(map_HW, decoder.draw(digits, canvas), side, all_grids[0]) for digits in possible]
        bits = [_bits(digits, encoder.family, all_grids) for digits in possible]
        return cls(possible, np.array(lost), np.array(bits), encoder.family, canvas)

    @property
    def whole(self) -> TokenPyramid:
        """All that the encoder can say."""
        return TokenPyramid(self.family.id, self.canvas, self.possible[WHOLE])

    def at(self, price: float) -> TokenPyramid:
        """What is best to send if a bit costs as much as so much squared error."""
        best_RK = np.argmin(self.lost_PRK + price * self.bits_PRK, axis=0)
        chosen = []
        for scale, mine in enumerate(zip(*self.possible, strict=True)):
            rows, cols = mine[0].shape[:2]
            best = _spread(best_RK, self.family.strides[0] // self.family.strides[scale], rows, cols)
            chosen.append(np.take_along_axis(np.stack(mine), best[None, :, :, None], axis=0)[0])
        all_grids = grids(self.canvas, self.family.strides, self.family.blocks)
        finer = [
            _without_silent(digits, levels, grid)
            for digits, levels, grid in zip(chosen[1:], self.family.levels[1:], all_grids[1:], strict=True)
        ]
        return TokenPyramid(self.family.id, self.canvas, (chosen[0], *finer))


def _possible(coded: list[AllDigits], family: Family) -> list[AllDigits]:
    """`coded`: by falling spend."""
    silent = [np.array([middle(n) for n in levels], dtype=np.uint8) for levels in family.levels]
    nothing = tuple(np.broadcast_to(mid, mine.shape) for mid, mine in zip(silent, coded[0], strict=True))
    possible = [nothing, (coded[0][0], *nothing[1:]), coded[0]]
    for soft in coded[1:]:
        full = tuple(np.where(x == mid, mid, most) for x, mid, most in zip(soft, silent, coded[0], strict=True))
        possible += [(full[0], *nothing[1:]), full, (full[0], *soft[1:]), (soft[0], *nothing[1:]), soft]
    return possible


def _lost(map_HW: Pixels, drawn_HW: Pixels, side: int, grid: Grid) -> Floats:
    wanted_HW, said_HW = map_HW / 255.0, drawn_HW / 255.0
    return _sums((1 + OUTLINES * wanted_HW) * np.square(wanted_HW - said_HW), side, grid)


def _bits(digits: AllDigits, family: Family, all_grids: Sequence[Grid]) -> Floats:
    orders = block_order([(scale, list(range(grid.num_blocks))) for scale, grid in enumerate(all_grids)], all_grids)
    coarsest = all_grids[0]
    costs = [
        _sums(token_bits(digits, orders, scale, family), family.strides[0] // stride, coarsest)
        for scale, stride in enumerate(family.strides)
    ]
    return np.asarray(np.sum(costs, axis=0))


def _sums(values_HW: Floats, side: int, grid: Grid) -> Floats:
    """(R, K) sums over squares of `side` values."""
    rows, cols = grid.num_rows, grid.num_cols
    padded = np.zeros((rows * side, cols * side))
    padded[: values_HW.shape[0], : values_HW.shape[1]] = values_HW
    return np.asarray(padded.reshape(rows, side, cols, side).sum(axis=(1, 3)))


def _spread(values_RK: NDArray[np.intp], factor: int, rows: int, cols: int) -> NDArray[np.intp]:
    return np.asarray(values_RK.repeat(factor, axis=0).repeat(factor, axis=1)[:rows, :cols])


def _without_silent(digits_RKD: Digits, levels: Sequence[int], grid: Grid) -> Digits:
    """Blocks that say nothing become missing."""
    says = (digits_RKD != np.array([middle(n) for n in levels])).any(axis=2)
    kept = digits_RKD.copy()
    for block in range(grid.num_blocks):
        tokens = tuple(np.array(list(grid.tokens_of(block))).T)
        if not says[tokens].any():
            kept[tokens] = MISSING
    return kept
