"""The integer context of a token: what its digits' tables are chosen by.

A digit's magnitude is its distance from the middle of its levels, `|2 d - (L - 1)| // 2`; a token's activity is the sum
of its digits' magnitudes. Features, for a pyramid whose tokens have at most D digits (-1: not there, not sent, or not
yet coded):

```text
 0 .. D-1        this token's digits so far
 D .. 7D-1       digits of the neighbours left, up, up-left, up-right, right, down
 7D .. 8D-1      digits of the parent (half the row and column, one scale coarser)
 8D .. 9D-1      per digit, the sum of its magnitudes in the neighbours left, up, up-left, up-right (not sent: 0)
 9D .. 9D+5      activity of the six neighbours
 9D+6            activity of the parent
 9D+7            4 times the mean activity of the neighbours that are there, rounded down
 9D+8            4 times the mean activity of the parent and those of the 8 around it that are there, rounded down
 9D+9            activity of this token's digits so far (0 before the first)
 9D+10, 9D+11    row and column, modulo 2
 9D+12           how many digits follow this one (-1 while that is not coded yet)
```

Features are cut off at 62. Only symbols that are already in the stream are seen: a neighbour that comes later, or
never, is -1.
"""

from __future__ import annotations

from collections.abc import Sequence

NEIGHBOURS = ((0, -1), (-1, 0), (-1, -1), (-1, 1), (0, 1), (1, 0))  # (row, column) offsets, in feature order
NUM_BEFORE = 4  # the first four lie before a token in row order
ABSENT = -1
MAX_FEATURE = 62


def num_digits(levels: Sequence[Sequence[int]]) -> int:
    """D: the most digits that a token of any scale has."""
    return max(len(scale) for scale in levels)


def num_features(levels: Sequence[Sequence[int]]) -> int:
    return 9 * num_digits(levels) + 13


# Counted from the end: the two features that change from digit to digit.
SO_FAR, REMAINING = -4, -1


def middle(num_levels: int) -> int:
    """The digit that says nothing: what follows a token's last coded digit."""
    return (num_levels - 1) // 2


def magnitude(digit: int, num_levels: int) -> int:
    return abs(2 * digit - (num_levels - 1)) // 2


def mean_activity(total: int, count: int) -> int:
    """4 times the mean, cut off; `ABSENT` of nothing."""
    return min(4 * total // count, MAX_FEATURE) if count else ABSENT
