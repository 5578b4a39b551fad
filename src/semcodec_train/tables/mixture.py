"""The fit of a table: discounts, strengths and mixing weights of least code length, as integers.

A symbol is coded in binary decisions; each component says what it counted, the mixture what is likely.

Shapes: N = decisions, or symbols.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from semcodec.layers.text.model import (
    COUNT_BITS,
    LEAST,
    NUM_BINS,
    PROB_BITS,
    WEIGHT_BITS,
    bin_of,
    count_of,
    split_of,
)
from semcodec_train.tables.counts import Component
from semcodec_train.tables.recipes import RegionRecipe, TableRecipe

LOGIT_ONE = 1 << 10
LEAST_PROB = LEAST / (1 << PROB_BITS)


@dataclass(frozen=True)
class Decisions:
    """All binary decisions of some sequences (N): what each component sees there, and what was decided."""

    spans: list[tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]]  # upper count, count, upper kinds, kinds
    bins: torch.Tensor  # (N, components + 1)
    base: torch.Tensor
    is_upper: torch.Tensor
    splits: np.ndarray  # (N,)


def decisions_of(
    components: Sequence[Component],
    base_cum: np.ndarray,
    keys: np.ndarray,
    symbols: np.ndarray,
    possible: np.ndarray | None = None,
) -> Decisions:
    """`keys` are (N, components), `symbols` (N,); `possible`: how many of the symbols each could have been, (N,)."""
    num_symbols = len(base_cum) - 1
    cum_list = base_cum.tolist()
    limits = np.full(len(symbols), num_symbols) if possible is None else possible
    chosen = list(zip(symbols.tolist(), limits.tolist(), strict=True))
    paths = {(symbol, limit): _path(cum_list[: limit + 1], symbol) for symbol, limit in set(chosen)}
    which = np.repeat(np.arange(len(symbols)), [len(paths[choice]) for choice in chosen])
    steps = np.array([step for choice in chosen for step in paths[choice]], np.int64).reshape(-1, 3)
    low, split, high = steps.T
    base = (base_cum[high] - base_cum[split]) / (base_cum[high] - base_cum[low])
    spans, bins = [], [np.full(len(which), NUM_BINS - 1)]
    known = np.array([count_of(code) for code in range(256)])
    bin_table = np.array([[bin_of(count, kinds) for kinds in (1, 2)] for count in range(1 << 13)])
    for column, component in enumerate(components):
        at = np.searchsorted(component.keys, keys[:, column].astype(component.keys.dtype))
        at = np.minimum(at, len(component.keys) - 1)
        found = component.keys[at].astype(np.int64) == keys[:, column]
        context_of = np.repeat(np.arange(len(component.keys)), np.diff(component.starts))
        places = context_of * num_symbols + component.followers
        cum = np.concatenate([[0], np.cumsum(known[component.count_codes])])
        first, middle, last = (np.searchsorted(places, at[which] * num_symbols + edge) for edge in (low, split, high))
        first = np.where(found[which], first, last)
        middle = np.where(found[which], middle, last)
        count, kinds = cum[last] - cum[first], last - first
        row = bin_table[np.minimum(count, len(bin_table) - 1)]
        bins.append(np.where(kinds == 0, 0, np.where(kinds == 1, row[:, 0], row[:, 1])))
        upper, upper_kinds = cum[last] - cum[middle], last - middle
        spans.append(tuple(torch.tensor(x, dtype=torch.float32) for x in (upper, count, upper_kinds, kinds)))
    return Decisions(
        spans=spans,
        bins=torch.tensor(np.stack(bins, 1)),
        base=torch.tensor(base, dtype=torch.float32),
        is_upper=torch.tensor(symbols[which] >= split),
        splits=split,
    )


def _path(base_cum: list[int], symbol: int) -> list[tuple[int, int, int]]:
    low, high, path = 0, len(base_cum) - 1, []
    while high - low > 1:
        split = split_of(base_cum, low, high)
        path.append((low, split, high))
        low, high = (split, high) if symbol >= split else (low, split)
    return path


def fit_mixture(
    belows: Sequence[int],
    selectors: Sequence[tuple[int, ...]],
    seen: Decisions,
    recipe: TableRecipe | RegionRecipe,
    trace_logits: np.ndarray | None = None,
) -> list[np.ndarray]:
    """Discounts, strengths and mixing weights of least code length, as the arrays of the file.

    `trace_logits` are those of all decisions, in their order; None: the model has no trace.
    """
    columns = len(belows) + 1
    num_traces = 0 if trace_logits is None else 1
    traced = torch.tensor(np.zeros(len(seen.base)) if trace_logits is None else trace_logits / LOGIT_ONE)
    traced = traced.float()[:, None].expand(-1, num_traces)
    splits, counts = np.unique(seen.splits, return_counts=True)
    nodes = splits[counts * recipe.node_share >= len(seen.splits)]
    place = np.minimum(np.searchsorted(nodes, seen.splits), len(nodes) - 1)
    node_rows = torch.tensor(np.where(nodes[place] == seen.splits, place + 1, 0))
    selected = [_selected(selector, seen.bins) for selector in selectors]

    discounts = torch.zeros(columns, NUM_BINS, requires_grad=True)  # logit
    strengths = torch.zeros(columns, NUM_BINS, requires_grad=True)  # log
    weights = torch.full((columns, NUM_BINS), 0.3, requires_grad=True)
    trace_weight = torch.full((num_traces,), 0.3, requires_grad=True)
    width = columns + num_traces
    selector_weights = [torch.zeros(len(s) * NUM_BINS + 1, width, requires_grad=True) for s in selectors]
    node_weights = torch.zeros(len(nodes) + 1, width, requires_grad=True)
    free = [*selector_weights, node_weights]
    optimizer = torch.optim.Adam([discounts, strengths, weights, trace_weight, *free], lr=0.05)
    is_live = torch.cat([(seen.bins > 0).float(), torch.ones(len(traced), num_traces)], 1)
    is_node = (node_rows > 0).float()[:, None]
    sign = torch.where(seen.is_upper, -1.0, 1.0)
    for step in range(recipe.num_fit_steps):
        if step == recipe.num_fit_steps * 7 // 10:
            optimizer.param_groups[0]["lr"] = 0.015
        probs = [seen.base.clamp(LEAST_PROB, 1 - LEAST_PROB)]
        for column, (below_column, (upper, count, upper_kinds, kinds)) in enumerate(
            zip(belows, seen.spans, strict=True), start=1
        ):
            bins = seen.bins[:, column]
            discount, strength = torch.sigmoid(discounts[column][bins]), torch.exp(strengths[column][bins])
            below = probs[below_column]
            prob = (upper - discount * upper_kinds + (strength + discount * kinds) * below) / (count + strength)
            probs.append(torch.where(kinds > 0, prob.clamp(LEAST_PROB, 1 - LEAST_PROB), below))
        said = [torch.logit(prob.clamp(1 / 8192, 1 - 1 / 8192)) for prob in probs]
        logits = torch.cat([torch.stack(said, 1), traced], 1)
        of_bins = [weights[column][seen.bins[:, column]] for column in range(columns)]
        mixing = torch.cat([torch.stack(of_bins, 1), trace_weight.expand(len(traced), num_traces)], 1)
        for rows, selected_rows in zip(selector_weights, selected, strict=True):
            mixing = mixing + rows[selected_rows]
        mixing = mixing + node_weights[node_rows] * is_node
        loss = torch.nn.functional.softplus(sign * (logits * mixing * is_live).sum(1)).mean()
        loss = loss + 2e-6 * sum((w * w).sum() for w in free)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    node_weights.data[0] = 0

    def fixed(values: torch.Tensor, num_bits: int) -> np.ndarray:
        return np.round(values.detach().numpy().astype(np.float64) * (1 << num_bits)).astype(np.int32).ravel()

    return [
        np.clip(fixed(torch.sigmoid(discounts), COUNT_BITS), 0, (1 << COUNT_BITS) - 1).astype(np.uint16),
        np.maximum(fixed(torch.exp(strengths), COUNT_BITS), 1).astype(np.uint32),
        fixed(torch.cat([weights.flatten(), trace_weight]), WEIGHT_BITS),
        *(fixed(rows, WEIGHT_BITS) for rows in selector_weights),
        nodes.astype(np.uint16),
        fixed(node_weights, WEIGHT_BITS),
    ]


def _selected(selector: tuple[int, ...], bins: torch.Tensor) -> torch.Tensor:
    rows = torch.full((len(bins),), len(selector) * NUM_BINS)
    for rank, column in reversed(list(enumerate(selector))):
        rows = torch.where(bins[:, column] > 0, rank * NUM_BINS + bins[:, column], rows)
    return rows
