"""Digits to a token stream, in the block order that the encoder chose; and what each token costs.

Shapes: R, K = token rows, columns of a scale; T = tokens in coding order; D = digits; X = context features.

The contexts of all tokens are computed at once (the encoder knows every digit and the order), so that the only loop
over symbols is the coder's own. That the decoder's walk, symbol by symbol, sees the same contexts is what the round-
trip tests hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.entropy.range_encoder import RangeEncoder
from semcodec.ids import LayerId
from semcodec.layers.tokens.context import (
    ABSENT,
    MAX_FEATURE,
    NEIGHBOURS,
    NUM_BEFORE,
    REMAINING,
    SO_FAR,
    middle,
    num_digits,
    num_features,
)
from semcodec.layers.tokens.family import Family, SymbolModel, find_family
from semcodec.layers.tokens.grid import MAX_STEPS, Grid, Sent, Step, grids
from semcodec.layers.tokens.stream import (
    CHECK_EVERY_BYTES,
    CHECK_STARTS,
    DENSITY_STARTS,
    LEFT_OUT,
    NUM_DENSITIES,
    PRESENT,
    STOP,
    add_to_hash,
    check_of,
    flag_starts,
    scale_starts,
)
from semcodec.types import MISSING, Section, TokenPyramid

Digits = NDArray[np.uint8]  # (R, K, D)
Order = NDArray[np.int32]  # (R, K): position in coding order; NEVER where a token is not sent
NEVER = (1 << 31) - 1


@dataclass(frozen=True, slots=True)
class EncodedTokens:
    """The payload, and how many blocks of the plan it holds."""

    payload: bytes
    num_blocks: int


def pack_tokens(pyramid: TokenPyramid) -> Section:
    """Whole scales, coarse to fine; blocks with a missing token are left out."""
    family = find_family(pyramid.family)
    return Section(LayerId.TOKENS, family.id, encode_pyramid(pyramid, family).payload)


def encode_pyramid(pyramid: TokenPyramid, family: Family, *, max_bytes: int | None = None) -> EncodedTokens:
    """The same as a stream alone."""
    all_grids = grids(pyramid.working, family.strides, family.blocks)
    steps = scale_by_scale(pyramid, all_grids)
    return encode_tokens(pyramid.digits, steps, family, all_grids, max_bytes=max_bytes)


def scale_by_scale(pyramid: TokenPyramid, all_grids: Sequence[Grid]) -> list[Step]:
    """One step a scale, with every block all of whose tokens are there and may be sent."""
    sent, steps = Sent(all_grids), []
    for scale, grid in enumerate(all_grids):
        there = (pyramid.digits[scale] != MISSING).all(axis=2).tolist()
        blocks = [
            block for block in sent.candidates(scale) if all(there[row][col] for row, col in grid.tokens_of(block))
        ]
        for block in blocks:
            sent.add(scale, block)
        if blocks:
            steps.append((scale, blocks))
    return steps


def block_order(steps: Sequence[Step], all_grids: Sequence[Grid]) -> tuple[Order, ...]:
    """When each token is coded, if the steps are sent whole."""
    orders = tuple(np.full((grid.num_rows, grid.num_cols), NEVER, dtype=np.int32) for grid in all_grids)
    at = 0
    for scale, blocks in steps:
        grid = all_grids[scale]
        for block in blocks:
            for row, col in grid.tokens_of(block):
                orders[scale][row, col] = at
                at += 1
    return orders


def context_features(
    digits: Sequence[Digits], orders: Sequence[Order], scale: int, levels: Sequence[Sequence[int]]
) -> NDArray[np.int8]:
    """(R * K, X) context of every token of a scale before its first symbol (`symbols_of` leads it through them), but
    for the token's own digits, which are all filled in.

    A tree of digit d must only ask for own digits below d: the training sees to it.
    """
    width = num_digits(levels)
    mine, order = digits[scale], orders[scale]
    num_rows, num_cols, depth = mine.shape
    features = np.full((num_rows, num_cols, num_features(levels)), ABSENT, dtype=np.int8)
    features[:, :, :depth] = mine
    far = _magnitudes(mine, levels[scale])
    activity = far.sum(axis=2)
    spread = np.zeros((num_rows, num_cols, depth), dtype=np.int32)
    total, count = np.zeros_like(activity), np.zeros_like(activity)
    for n, (down, right) in enumerate(NEIGHBOURS):
        known = _shift(order, down, right, NEVER) < order
        at = (1 + n) * width
        theirs = _shift(mine, down, right, 0).astype(np.int8)  # (from NumPy 2.5 on unsigned numbers meet no -1)
        features[:, :, at : at + depth] = np.where(known[:, :, None], theirs, ABSENT)
        near = _shift(activity, down, right, 0)
        features[:, :, 9 * width + n] = np.where(known, np.minimum(near, MAX_FEATURE), ABSENT)
        total, count = total + known * near, count + known
        if n < NUM_BEFORE:
            spread += known[:, :, None] * _shift(far, down, right, 0)
    features[:, :, 8 * width : 9 * width] = 0
    features[:, :, 8 * width : 8 * width + depth] = spread
    at = 9 * width + len(NEIGHBOURS)
    if scale:
        parents, parent_order = digits[scale - 1], orders[scale - 1]
        rows, cols = np.ix_(np.arange(num_rows) >> 1, np.arange(num_cols) >> 1)
        known = parent_order[rows, cols] < order
        values = parents[rows, cols].astype(np.int8)
        features[:, :, 7 * width : 7 * width + parents.shape[2]] = np.where(known[:, :, None], values, ABSENT)
        parent_activity = _magnitudes(parents, levels[scale - 1]).sum(axis=2)
        features[:, :, at] = np.where(known, np.minimum(parent_activity[rows, cols], MAX_FEATURE), ABSENT)
        around, there = np.zeros_like(activity), np.zeros_like(activity)
        for down in (-1, 0, 1):
            for right in (-1, 0, 1):
                known = _shift(parent_order, down, right, NEVER)[rows, cols] < order
                around += known * _shift(parent_activity, down, right, 0)[rows, cols]
                there += known
        features[:, :, at + 2] = _mean_activity(around, there)
    features[:, :, at + 1] = _mean_activity(total, count)
    features[:, :, SO_FAR] = 0
    features[:, :, SO_FAR + 1] = (np.arange(num_rows) & 1)[:, None]
    features[:, :, SO_FAR + 2] = (np.arange(num_cols) & 1)[None, :]
    return features.reshape(num_rows * num_cols, -1)


@dataclass(frozen=True, slots=True)
class Symbols:
    """One symbol of every token of a scale: its value, and which tokens have it (a short token ends before it)."""

    values_T: NDArray[np.int32]
    there_T: NDArray[np.bool_]


def symbols_of(features_TX: NDArray[np.int8], levels: Sequence[int]) -> Iterator[Symbols]:
    """The symbols of a scale's tokens in coding order: the length, then the digits.

    While one is out, the contexts of `context_features` are those that it is coded in: they change in place.
    """
    num_tokens, depth = len(features_TX), len(levels)
    digits_TD = features_TX[:, :depth].astype(np.int32)
    spoken = digits_TD != np.array([middle(n) for n in levels])
    length_T = np.where(spoken.any(axis=1), depth - np.argmax(spoken[:, ::-1], axis=1), 0).astype(np.int32)
    yield Symbols(length_T, np.ones(num_tokens, dtype=np.bool_))
    for digit, num_levels in enumerate(levels):
        features_TX[:, REMAINING] = np.maximum(length_T - 1 - digit, ABSENT)
        yield Symbols(digits_TD[:, digit], length_T > digit)
        features_TX[:, SO_FAR] += (np.abs(2 * digits_TD[:, digit] - (num_levels - 1)) // 2).astype(np.int8)


def _magnitudes(digits_RKD: Digits, levels: Sequence[int]) -> NDArray[np.int32]:
    return np.asarray(np.abs(2 * digits_RKD.astype(np.int32) - (np.array(levels, dtype=np.int32) - 1)) // 2)


def _mean_activity(total: NDArray[np.int32], count: NDArray[np.int32]) -> NDArray[np.int32]:
    return np.where(count > 0, np.minimum(4 * total // np.maximum(count, 1), MAX_FEATURE), ABSENT).astype(np.int32)


def _shift(array: NDArray[Any], down: int, right: int, outside: int) -> NDArray[Any]:
    """out[row, col] = array[row + down, col + right], or `outside`; shifts of at most 1."""
    padded = np.pad(array, [(1, 1), (1, 1)] + [(0, 0)] * (array.ndim - 2), constant_values=outside)
    num_rows, num_cols = array.shape[:2]
    return padded[1 + down : 1 + down + num_rows, 1 + right : 1 + right + num_cols]


def leaves_of(model: SymbolModel, features_TX: NDArray[np.int8]) -> NDArray[np.int32]:
    """(T,) leaf of each token in a digit's tree."""
    num_tokens = len(features_TX)
    node = np.full(num_tokens, 0 if model.nodes else -1, dtype=np.int32)
    if model.nodes:
        nodes = np.array(model.nodes, dtype=np.int32)
        active = np.arange(num_tokens)
        while len(active):
            here = nodes[node[active]]
            low = features_TX[active, here[:, 0]] <= here[:, 1]
            node[active] = np.where(low, here[:, 2], here[:, 3])
            active = active[node[active] >= 0]
    return -1 - node


def encode_tokens(
    digits: Sequence[Digits],
    steps: Sequence[Step],
    family: Family,
    all_grids: Sequence[Grid],
    *,
    max_bytes: int | None = None,
) -> EncodedTokens:
    """Codes the steps in order; with `max_bytes`, as many whole blocks as fit (at least none: END alone).

    Where not all fit, a first walk finds the last block that does and a second one stops there: a range coder cannot
    take symbols back.
    """
    plan = _Plan(digits, steps, family, all_grids)
    payload, fitting = plan.walk(plan.num_blocks, max_bytes)
    if fitting < plan.num_blocks:
        payload, _ = plan.walk(fitting, None)
    return EncodedTokens(payload, fitting)


class _Plan:
    """Every symbol of the steps with its table, ready to be coded up to any block."""

    def __init__(
        self, digits: Sequence[Digits], steps: Sequence[Step], family: Family, all_grids: Sequence[Grid]
    ) -> None:
        assert len(steps) <= MAX_STEPS, f"at most {MAX_STEPS} steps"
        self.num_blocks = sum(len(blocks) for _, blocks in steps)
        self._steps, self._family, self._grids = steps, family, all_grids
        orders = block_order(steps, all_grids)
        self._symbols: list[tuple[list[list[int]], list[list[int]]]] = []  # values, leaves: by symbol, then token
        for scale, models in enumerate(family.models):
            if any(step_scale == scale for step_scale, _ in steps):
                features = context_features(digits, orders, scale, family.levels)
                values, leaves = [], []
                for model, symbols in zip(models, symbols_of(features, family.levels[scale]), strict=True):
                    values.append(symbols.values_T.tolist())
                    leaves.append(leaves_of(model, features).tolist())
                self._symbols.append((values, leaves))
            else:
                self._symbols.append(([], []))

    def walk(self, num_blocks: int, max_bytes: int | None) -> tuple[bytes, int]:
        """(payload, blocks coded). Stops after `num_blocks`, or before the block with which the end would not fit."""
        coder, family = RangeEncoder(), self._family
        put = coder.put
        running, last_check, done = family.seed, 0, 0
        sent = Sent(self._grids)
        starts_of_scales, end = scale_starts(family.num_scales), family.num_scales
        for scale, blocks in self._steps:
            if done >= num_blocks:
                break
            grid, models, (values, leaves) = self._grids[scale], family.models[scale], self._symbols[scale]
            candidates = sent.candidates(scale)
            wanted = set(blocks)
            assert wanted <= set(candidates) and list(blocks) == sorted(wanted), "a step sends blocks that may be sent"
            density = _density(len(wanted), len(candidates))
            flags = flag_starts(density)
            for symbol, starts in ((scale, starts_of_scales), (density, DENSITY_STARTS)):
                put(symbol, starts)
                running = add_to_hash(running, symbol)
            for block in candidates:
                if done >= num_blocks:
                    put(STOP, flags)
                    return coder.finish(), done
                flag = PRESENT if block in wanted else LEFT_OUT
                put(flag, flags)
                running = add_to_hash(running, flag)
                if flag == LEFT_OUT:
                    continue
                for row, col in grid.tokens_of(block):
                    at = row * grid.num_cols + col
                    for at_symbol in range(1 + values[0][at]):  # the length, and as many digits
                        symbol = values[at_symbol][at]
                        put(symbol, models[at_symbol].starts[leaves[at_symbol][at]])
                        running = add_to_hash(running, symbol)
                sent.add(scale, block)
                if coder.num_shifts - last_check >= CHECK_EVERY_BYTES:
                    last_check = coder.num_shifts
                    put(check_of(running), CHECK_STARTS)
                done += 1
                if max_bytes is not None and coder.num_bytes_with(STOP, flags) > max_bytes:
                    return b"", done - 1
        put(end, starts_of_scales)
        return coder.finish(), done


def _density(num_wanted: int, num_candidates: int) -> int:
    """The class whose presence probability is nearest to the share that is sent; 0 means all of them."""
    if num_wanted == num_candidates:
        return 0
    share = (num_wanted * NUM_DENSITIES * 2 + num_candidates) // (2 * num_candidates)
    return min(max(share, 1), NUM_DENSITIES - 1)
