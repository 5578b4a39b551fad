"""Where tokens and blocks lie: rows and columns per scale, blocks of tokens, and which blocks may be sent next.

Shapes: R, K = token rows, columns of a scale; a block is a square of `blocks[scale]` tokens a side (smaller at the
far edges).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from semcodec.types import Size

MAX_STEPS = 64  # bounds what a hostile stream can ask of a decoder: each step looks at every block of a scale
Step = tuple[int, list[int]]  # a scale, and its blocks in order


@dataclass(frozen=True, slots=True)
class Grid:
    """One scale's tokens."""

    num_rows: int
    num_cols: int
    block: int

    @property
    def block_rows(self) -> int:
        return -(-self.num_rows // self.block)

    @property
    def block_cols(self) -> int:
        return -(-self.num_cols // self.block)

    @property
    def num_blocks(self) -> int:
        return self.block_rows * self.block_cols

    def tokens_of(self, block: int) -> Iterator[tuple[int, int]]:
        """(row, column) of a block's tokens, row by row. Blocks are numbered row by row."""
        top, left = (block // self.block_cols) * self.block, (block % self.block_cols) * self.block
        for row in range(top, min(top + self.block, self.num_rows)):
            for col in range(left, min(left + self.block, self.num_cols)):
                yield row, col


def grids(working: Size, strides: Sequence[int], blocks: Sequence[int]) -> tuple[Grid, ...]:
    """A grid per scale. A picture has a token wherever it has a pixel: sides are divided by the stride, rounded up."""
    return tuple(
        Grid(-(-working.height_px // stride), -(-working.width_px // stride), block)
        for stride, block in zip(strides, blocks, strict=True)
    )


class Sent:
    """Which blocks are in the stream so far, and which may come next: not sent yet, all parents sent."""

    def __init__(self, all_grids: Sequence[Grid]) -> None:
        self._grids = all_grids
        self._blocks = [bytearray(grid.num_blocks) for grid in all_grids]

    def add(self, scale: int, block: int) -> None:
        self._blocks[scale][block] = 1

    def has(self, scale: int, block: int) -> bool:
        return bool(self._blocks[scale][block])

    def candidates(self, scale: int) -> list[int]:
        """Blocks of a scale that may be sent now, in order."""
        mine = self._blocks[scale]
        if not scale:
            return [block for block, sent in enumerate(mine) if not sent]
        grid, coarser = self._grids[scale], self._grids[scale - 1]
        parents = self._blocks[scale - 1]
        # A block's parents are a rectangle of coarser tokens; these lie in a rectangle of coarser blocks.
        row_spans = [_parent_span(at, grid.block, grid.num_rows, coarser.block) for at in range(grid.block_rows)]
        col_spans = [_parent_span(at, grid.block, grid.num_cols, coarser.block) for at in range(grid.block_cols)]
        result = []
        for block_row, rows in enumerate(row_spans):
            base = block_row * grid.block_cols
            for block_col, cols in enumerate(col_spans):
                if mine[base + block_col]:
                    continue
                if all(parents[row * coarser.block_cols + col] for row in rows for col in cols):
                    result.append(base + block_col)
        return result


def parents_of(block: int, scale: int, all_grids: Sequence[Grid]) -> list[int]:
    """The blocks of the scale before that a block's parents lie in; none at the coarsest scale."""
    if not scale:
        return []
    grid, coarser = all_grids[scale], all_grids[scale - 1]
    rows = _parent_span(block // grid.block_cols, grid.block, grid.num_rows, coarser.block)
    cols = _parent_span(block % grid.block_cols, grid.block, grid.num_cols, coarser.block)
    return [row * coarser.block_cols + col for row in rows for col in cols]


def _parent_span(at: int, block: int, num_tokens: int, coarser_block: int) -> range:
    first, last = at * block, min((at + 1) * block, num_tokens) - 1
    return range((first >> 1) // coarser_block, (last >> 1) // coarser_block + 1)
