"""The tokens that are known so far, and a token's context among them, one at a time.

`encode.context_features` computes the same contexts for all tokens at once; `context.py` says what they are. Tokens may
be known in any order, and be forgotten again: that is what packets need, where a lost neighbour must never be asked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from semcodec.layers.tokens.context import (
    ABSENT,
    MAX_FEATURE,
    NEIGHBOURS,
    NUM_BEFORE,
    REMAINING,
    SO_FAR,
    magnitude,
    mean_activity,
    middle,
    num_digits,
)
from semcodec.layers.tokens.family import Family, SymbolModel
from semcodec.layers.tokens.grid import Grid

Token = tuple[int, ...]
# Codes one symbol with a table of cumulative frequencies: an encoder puts the wanted one and returns it, a decoder
# ignores it.
Code = Callable[[Sequence[int], int], int]


class KnownTokens:
    """`tokens[scale][row * num_cols + col]` is a tuple of digits, or None where it is not known."""

    def __init__(self, family: Family, all_grids: Sequence[Grid]) -> None:
        self.tokens: list[list[Token | None]] = [[None] * (grid.num_rows * grid.num_cols) for grid in all_grids]
        self._far: list[list[Token | None]] = [[None] * len(tokens) for tokens in self.tokens]
        self._family = family
        self._grids = all_grids
        self._nothing = (ABSENT,) * num_digits(family.levels)
        self._magnitudes_of = [[[magnitude(d, n) for d in range(n)] for n in levels] for levels in family.levels]
        self._middles = [tuple(map(middle, levels)) for levels in family.levels]
        # Of each scale, what its tokens were told about parents; 4 of them ask for the same.
        self._parents: list[dict[tuple[int, int], tuple[Token, int, int]]] = [{} for _ in all_grids]

    def put(self, scale: int, at: int, token: Token) -> None:
        magnitudes = self._magnitudes_of[scale]
        self.tokens[scale][at] = token
        self._far[scale][at] = tuple(magnitudes[digit][value] for digit, value in enumerate(token))
        self._forget_parents(scale)

    def forget(self, scale: int, at: int) -> None:
        self.tokens[scale][at] = self._far[scale][at] = None
        self._forget_parents(scale)

    def _forget_parents(self, scale: int) -> None:
        if scale + 1 < len(self._parents) and self._parents[scale + 1]:
            self._parents[scale + 1] = {}

    def context(self, scale: int, row: int, col: int) -> list[int]:
        """The features of a token before its first digit."""
        grid, tokens, far_of = self._grids[scale], self.tokens[scale], self._far[scale]
        rows, cols, nothing = grid.num_rows, grid.num_cols, self._nothing
        features = list(nothing)
        spread, activities, total, count = [0] * len(nothing), [], 0, 0
        for n, (down, right) in enumerate(NEIGHBOURS):
            at_row, at_col = row + down, col + right
            inside = 0 <= at_row < rows and 0 <= at_col < cols
            near = tokens[at_row * cols + at_col] if inside else None
            far = far_of[at_row * cols + at_col] if inside else None
            if near is None or far is None:
                features += nothing
                activities.append(ABSENT)
                continue
            features += near + nothing[len(near) :]
            activity = sum(far)
            activities.append(min(activity, MAX_FEATURE))
            total, count = total + activity, count + 1
            if n < NUM_BEFORE:
                for digit, value in enumerate(far):
                    spread[digit] += value
        asked = self._parents[scale]
        found = asked.get((row >> 1, col >> 1))
        if found is None:
            found = asked[row >> 1, col >> 1] = self._parent(scale, row >> 1, col >> 1)
        parent, parent_activity, around = found
        features += parent
        features += spread
        features += activities
        features += (parent_activity, mean_activity(total, count), around, 0, row & 1, col & 1, ABSENT)
        return features

    def code_token(self, scale: int, row: int, col: int, code: Code, wanted: Token | None) -> Token:
        """Codes a token, which is known from then on. `wanted` is None for a decoder."""
        features = self.context(scale, row, col)
        magnitudes, middles = self._magnitudes_of[scale], self._middles[scale]
        length_model, *models = self._family.models[scale]
        wanted_length = 0 if wanted is None else length_of(wanted, middles)
        length = code(_table(length_model, features), wanted_length)
        for digit in range(length):
            features[REMAINING] = length - 1 - digit
            symbol = code(_table(models[digit], features), 0 if wanted is None else wanted[digit])
            features[digit] = symbol
            features[SO_FAR] += magnitudes[digit][symbol]
        token = (*features[:length], *middles[length:])
        self.put(scale, row * self._grids[scale].num_cols + col, token)
        return token

    def _parent(self, scale: int, row: int, col: int) -> tuple[Token, int, int]:
        """(digits, activity, mean activity around it) of a token of the next coarser scale."""
        nothing = self._nothing
        if not scale:
            return nothing, ABSENT, ABSENT
        grid, far_of = self._grids[scale - 1], self._far[scale - 1]
        at, cols = row * grid.num_cols + col, grid.num_cols
        there = [
            sum(near)
            for r in range(max(row - 1, 0), min(row + 2, grid.num_rows))
            for near in far_of[r * cols + max(col - 1, 0) : r * cols + min(col + 2, cols)]
            if near is not None
        ]
        token, far = self.tokens[scale - 1][at], far_of[at]
        digits = nothing if token is None else token + nothing[len(token) :]
        activity = ABSENT if far is None else min(sum(far), MAX_FEATURE)
        return digits, activity, mean_activity(sum(there), len(there))


def length_of(token: Token, middles: Token) -> int:
    """Digits up to the last that is not in the middle of its levels."""
    length = len(token)
    while length and token[length - 1] == middles[length - 1]:
        length -= 1
    return length


def _table(model: SymbolModel, features: list[int]) -> tuple[int, ...]:
    nodes, node = model.nodes, 0 if model.nodes else -1
    while node >= 0:
        feature, threshold, low, high = nodes[node]
        node = low if features[feature] <= threshold else high
    return model.starts[-1 - node]
