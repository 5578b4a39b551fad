"""Digits to a token stream, in the block order that the encoder chose; and what each token costs.

Shapes: R, K = token rows, columns of a scale; T = tokens in coding order; D = digits; X = context features.

The contexts of all tokens are computed at once (the encoder knows every digit and the order), so that the only loop
over symbols is the coder's own. That the decoder's walk, symbol by symbol, sees the same contexts is what the round-
trip tests hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from semcodec.entropy.range_encoder import RangeEncoder
from semcodec.layers.tokens.context import ABSENT, NEIGHBOURS, num_digits, num_features
from semcodec.layers.tokens.family import DigitModel, Family
from semcodec.layers.tokens.grid import MAX_STEPS, Grid, Sent, Step
from semcodec.layers.tokens.stream import (
    ABSENT as BLOCK_ABSENT,
)
from semcodec.layers.tokens.stream import (
    CHECK_EVERY_BYTES,
    CHECK_STARTS,
    DENSITY_STARTS,
    NUM_DENSITIES,
    PRESENT,
    STOP,
    add_to_hash,
    check_of,
    flag_starts,
    scale_starts,
)

Digits = NDArray[np.uint8]  # (R, K, D)
Order = NDArray[np.int32]  # (R, K): position in coding order; NEVER where a token is not sent
NEVER = (1 << 31) - 1


@dataclass(frozen=True, slots=True)
class EncodedTokens:
    """The payload, and how many blocks of the plan it holds."""

    payload: bytes
    num_blocks: int


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
    """(R * K, X) context of every token of a scale, all of the token's own digits filled in (`context.py`).

    A tree of digit d must only ask for own digits below d: the training sees to it.
    """
    width = num_digits(levels)
    mine, order = digits[scale], orders[scale]
    num_rows, num_cols, depth = mine.shape
    features = np.full((num_rows, num_cols, num_features(levels)), ABSENT, dtype=np.int8)
    features[:, :, :depth] = mine
    padded = np.full((num_rows + 2, num_cols + 2, depth), ABSENT, dtype=np.int8)
    padded[1:-1, 1:-1] = mine
    when = np.full((num_rows + 2, num_cols + 2), NEVER, dtype=np.int32)
    when[1:-1, 1:-1] = order
    for n, (down, right) in enumerate(NEIGHBOURS):
        rows, cols = slice(1 + down, 1 + down + num_rows), slice(1 + right, 1 + right + num_cols)
        known = when[rows, cols] < order
        at = (1 + n) * width
        features[:, :, at : at + depth] = np.where(known[:, :, None], padded[rows, cols], ABSENT)
    if scale:
        parents = digits[scale - 1]
        at = (1 + len(NEIGHBOURS)) * width
        up_rows, up_cols = np.arange(num_rows) >> 1, np.arange(num_cols) >> 1
        known = orders[scale - 1][up_rows][:, up_cols] < NEVER
        values = parents[up_rows][:, up_cols].astype(np.int8)
        features[:, :, at : at + parents.shape[2]] = np.where(known[:, :, None], values, ABSENT)
    features[:, :, -2] = (np.arange(num_rows) & 1)[:, None]
    features[:, :, -1] = (np.arange(num_cols) & 1)[None, :]
    return features.reshape(num_rows * num_cols, -1)


def leaves_of(model: DigitModel, features_TX: NDArray[np.int8]) -> NDArray[np.int32]:
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
        self._digits, self._steps, self._family, self._grids = digits, steps, family, all_grids
        orders = block_order(steps, all_grids)
        self._leaves = []
        for scale, models in enumerate(family.models):
            if any(step_scale == scale for step_scale, _ in steps):
                features = context_features(digits, orders, scale, family.levels)
                self._leaves.append([leaves_of(model, features).tolist() for model in models])
            else:
                self._leaves.append([])

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
            grid, models, leaves = self._grids[scale], family.models[scale], self._leaves[scale]
            values = self._digits[scale].reshape(-1, len(models)).tolist()
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
                flag = PRESENT if block in wanted else BLOCK_ABSENT
                put(flag, flags)
                running = add_to_hash(running, flag)
                if flag == BLOCK_ABSENT:
                    continue
                for row, col in grid.tokens_of(block):
                    at = row * grid.num_cols + col
                    for symbol, model, leaf in zip(values[at], models, leaves, strict=True):
                        put(symbol, model.starts[leaf[at]])
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
