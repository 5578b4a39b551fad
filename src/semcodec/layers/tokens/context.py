"""The integer context of a token: what its digits' tables are chosen by.

Features, for a pyramid whose tokens have at most D digits (-1: not there, not sent, or not yet coded):

```text
 0 .. D-1        this token's digits so far
 D .. 7D-1       digits of the neighbours left, up, up-left, up-right, right, down
 7D .. 8D-1      digits of the parent (half the row and column, one scale coarser)
 8D, 8D+1        row and column, modulo 2
```

Only symbols that are already in the stream are seen: a neighbour that comes later, or never, is -1.
"""

from __future__ import annotations

from collections.abc import Sequence

NEIGHBOURS = ((0, -1), (-1, 0), (-1, -1), (-1, 1), (0, 1), (1, 0))  # (row, column) offsets, in feature order
ABSENT = -1


def num_digits(levels: Sequence[Sequence[int]]) -> int:
    """D: the most digits that a token of any scale has."""
    return max(len(scale) for scale in levels)


def num_features(levels: Sequence[Sequence[int]]) -> int:
    return (len(NEIGHBOURS) + 2) * num_digits(levels) + 2
