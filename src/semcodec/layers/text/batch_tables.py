"""A table's model of words as arrays, for many texts at once.

All integers are int64: counts are below 2^24, and nothing is shifted by more than 24 bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.layers.text.history import WORD_BITS
from semcodec.layers.text.model import bin_of, count_of
from semcodec.layers.text.table import load_table
from semcodec.layers.text.trace import HELD_BITS, TraceTables

Ints = NDArray[np.int64]
LARGEST_BIN_COUNT = 1 << 12  # `bin_of` tells larger counts no more apart


@dataclass(frozen=True, slots=True, eq=False)
class _Component:
    keys: Ints
    starts: Ints
    places: Ints  # of each follower: context << WORD_BITS | symbol, ascending
    cum: Ints  # counts of the followers before


@dataclass(frozen=True, slots=True, eq=False)
class ModelArrays:
    """A table's model of words as arrays."""

    base_cum: Ints
    components: tuple[_Component, ...]
    discounts: Ints
    strengths: Ints
    weights: Ints
    selector_rows: tuple[Ints, Ints]  # (rows, C)
    node_rows: Ints  # (symbols, C)
    stretch: Ints
    squash: Ints
    trace: TraceArrays | None
    is_topic: NDArray[np.bool_]
    classes: Ints
    bins: Ints  # (2, counts): of several followers, of one


@dataclass(frozen=True, slots=True, eq=False)
class TraceArrays:
    """`TraceTables`, a row of `width` for each symbol, place or split. The rows of `held` are shifted already."""

    keep: NDArray[np.int32]  # (width,)
    held: NDArray[np.int32]
    last: NDArray[np.int32]
    second: NDArray[np.int32]
    place: NDArray[np.int32]
    curve: NDArray[np.int32]
    nodes: NDArray[np.int32]
    biases: Ints


@lru_cache(maxsize=2)
def model_arrays(table_number: int) -> ModelArrays:
    table = load_table(table_number)
    model = table.words_model
    fit = model.fit
    count_of_code = ints([count_of(code) for code in range(256)])
    components = []
    for component in model.components:
        starts, followers = ints(component.starts), ints(component.followers)
        contexts = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
        counts = count_of_code[ints(component.count_codes)]
        cum = np.concatenate(([0], np.cumsum(counts)))
        components.append(_Component(ints(component.keys), starts, contexts << WORD_BITS | followers, cum))
    node_rows = np.zeros((len(model.base_cum), len(fit.no_node_row)), np.int64)
    for split, row in fit.node_rows.items():
        node_rows[split] = row
    first_rows, second_rows = (np.array([list(row) for row in rows], np.int64) for rows in fit.selector_rows)
    return ModelArrays(
        base_cum=ints(model.base_cum),
        components=tuple(components),
        discounts=ints(fit.discounts),
        strengths=ints(fit.strengths),
        weights=ints(fit.weights),
        selector_rows=(first_rows, second_rows),
        node_rows=node_rows,
        stretch=ints(model.stretch),
        squash=ints(model.squash),
        trace=None if model.trace is None else _trace_arrays(model.trace),
        is_topic=ints(table.is_topic) != 0,
        classes=ints(table.classes),
        bins=np.array([[bin_of(count, kinds) for count in range(LARGEST_BIN_COUNT + 1)] for kinds in (2, 1)]),
    )


def _trace_arrays(tables: TraceTables) -> TraceArrays:
    def rows(items: Sequence[int]) -> NDArray[np.int32]:
        return np.asarray(items, np.int32).reshape(-1, tables.width)

    return TraceArrays(
        keep=np.asarray(tables.keep, np.int32),
        held=rows(tables.held) << HELD_BITS,
        last=rows(tables.last),
        second=rows(tables.second),
        place=rows(tables.place),
        curve=np.asarray(tables.curve, np.int32),
        nodes=rows(tables.nodes),
        biases=ints(tables.biases),
    )


def ints(values: Any) -> Ints:
    return np.asarray(values).astype(np.int64)
