"""The order in which packets hold tokens, and the grammar of their streams: encoder and decoder walk it with a `code`
of their own.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice

from semcodec.entropy.tables import TOTAL, uniform_starts
from semcodec.layers.tokens.family import Family
from semcodec.layers.tokens.grid import Grid
from semcodec.layers.tokens.known import Code, KnownTokens, Token
from semcodec.layers.tokens.stream import CHECK_STARTS, NUM_DENSITIES

Tokens = Sequence[Sequence[Token | None]]  # [scale][row * num_cols + col]
ALL, NOTHING = 0, NUM_DENSITIES  # of a scale's blocks; between them, sixteenths
PLAN_STARTS = uniform_starts(NUM_DENSITIES + 1)
WITH_STARTS = uniform_starts(2)
_ABSENT, _PRESENT = 0, 1


@dataclass(frozen=True, slots=True)
class Plan:
    """`densities[scale]`: ALL, sixteenths of the blocks, or NOTHING. `groups[scale]`: scales of a group travel
    together, children beside their parents; groups follow each other. `end`: tokens in the order, sent or not, up to
    the last one that is sent.
    """

    densities: tuple[int, ...]
    groups: tuple[int, ...]
    end: int


class Order:
    """Every block of the scales that are sent, in the order of packets, and the position of its first token."""

    def __init__(self, all_grids: Sequence[Grid], densities: Sequence[int], groups: Sequence[int]) -> None:
        blocks = []
        for scale, grid in enumerate(all_grids):
            if densities[scale] == NOTHING:
                continue
            rise = len(all_grids) - 1 - scale
            rows = [_spread(at * grid.block << rise) << 1 for at in range(grid.block_rows)]
            cols = [_spread(at * grid.block << rise) for at in range(grid.block_cols)]
            places = (row | col for row in rows for col in cols)
            blocks += [(groups[scale], place, scale, block) for block, place in enumerate(places)]
        blocks.sort()
        self.blocks = [(scale, block) for _, _, scale, block in blocks]
        self.firsts = [0, *accumulate(_num_tokens(all_grids[scale], block) for scale, block in self.blocks)]

    @property
    def num_tokens(self) -> int:
        return self.firsts[-1]


class Walk:
    """Tokens of the order, one after the other, with one side's `code`."""

    def __init__(self, family: Family, all_grids: Sequence[Grid], plan: Plan, order: Order) -> None:
        self.known = KnownTokens(family, all_grids)
        self.order = order
        self.placed: list[tuple[int, int, int]] = []  # (scale, index, position) of what may be forgotten
        self._grids = all_grids
        self._flags = [_flag_starts(density) for density in plan.densities]

    def tokens_from(self, position: int, stop: int, code: Code, wanted: Tokens | None) -> Iterator[int]:
        """Codes from a position on; yields the position reached after each token and each absent block."""
        index = bisect_right(self.order.firsts, position) - 1
        while position < stop:
            (scale, block), first = self.order.blocks[index], self.order.firsts[index]
            grid, flags = self._grids[scale], self._flags[scale]
            cols = grid.num_cols
            if position == first and flags is not None:
                there = wanted is not None and wanted[scale][first_of(grid, block)] is not None
                if code(flags, _PRESENT if there else _ABSENT) == _ABSENT:
                    index += 1
                    position = self.order.firsts[index]
                    yield position
                    continue
            for row, col in islice(grid.tokens_of(block), position - first, None):
                at = row * cols + col
                self.known.code_token(scale, row, col, code, None if wanted is None else wanted[scale][at])
                self.placed.append((scale, at, position))
                position += 1
                yield position
                if position == stop:
                    return
            index += 1

    def forget_from(self, position: int) -> None:
        """Forgets what was placed at this position or behind it; the rest stays known for good."""
        for scale, at, when in self.placed:
            if when >= position:
                self.known.forget(scale, at)
        self.placed.clear()


def code_number(code: Code, value: int, count: int) -> int:
    """A number of 0 to count - 1, from the top byte down, all equally likely. A decoder may get more than count - 1."""
    if count <= 256:
        return code(uniform_starts(count), value)
    high = code_number(code, value >> 8, ((count - 1) >> 8) + 1)
    return high << 8 | code(CHECK_STARTS, value & 255)


def _flag_starts(density: int) -> tuple[int, ...] | None:
    """Cumulative frequencies of absent and present; None where there is nothing to say."""
    return None if density in (ALL, NOTHING) else (0, TOTAL - TOTAL * density // NUM_DENSITIES, TOTAL)


def first_of(grid: Grid, block: int) -> int:
    row, col = next(grid.tokens_of(block))
    return row * grid.num_cols + col


def _spread(number: int) -> int:
    """The bits of a number with a zero before each: 0b101 becomes 0b010001."""
    result = at = 0
    while number >> at:
        result |= (number >> at & 1) << 2 * at
        at += 1
    return result


def _num_tokens(grid: Grid, block: int) -> int:
    top, left = block // grid.block_cols * grid.block, block % grid.block_cols * grid.block
    return min(grid.block, grid.num_rows - top) * min(grid.block, grid.num_cols - left)
