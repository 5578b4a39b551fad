"""Large pictures through a network of small receptive field, tile by tile, with the same result as whole.

Shapes: H, W = cells of the map being cut (pixels or tokens); C = channels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.generic]


@dataclass(frozen=True, slots=True)
class Span:
    """Along one axis: the cells to compute, and within them those to keep."""

    start: int
    end: int
    keep_start: int
    keep_end: int


def spans(length: int, *, core: int, margin: int) -> Iterator[Span]:
    """Cuts an axis into cores with margins on both sides, except at the ends of the axis."""
    for at in range(0, length, core):
        keep_end = min(at + core, length)
        yield Span(max(0, at - margin), min(length, keep_end + margin), at, keep_end)


def run_tiled(
    source_HW: Array,
    run: Callable[[Array], Array],
    *,
    core: int,
    margin: int,
    scale_up: int = 1,
    scale_down: int = 1,
) -> Array:
    """`run` over tiles of the first two axes of `source_HW`; its result is `scale_up / scale_down` times as large.

    `core` and `margin` are cells of the source and multiples of `scale_down`; `margin` is at least the receptive
    field's radius. A picture of one tile is run whole.
    """
    height, width = source_HW.shape[:2]

    def out(cells: int) -> int:
        return cells * scale_up // scale_down

    if height <= core + 2 * margin and width <= core + 2 * margin:
        return run(source_HW)
    result: Array | None = None
    for rows in spans(height, core=core, margin=margin):
        for cols in spans(width, core=core, margin=margin):
            tile = run(source_HW[rows.start : rows.end, cols.start : cols.end])
            if result is None:
                result = np.empty((out(height), out(width), *tile.shape[2:]), dtype=tile.dtype)
            top, left = out(rows.keep_start - rows.start), out(cols.keep_start - cols.start)
            kept = tile[
                top : top + out(rows.keep_end - rows.keep_start), left : left + out(cols.keep_end - cols.keep_start)
            ]
            result[out(rows.keep_start) : out(rows.keep_end), out(cols.keep_start) : out(cols.keep_end)] = kept
    assert result is not None
    return result


def last_axis(features_1CRK: Array) -> Array:
    """(1, C, R, K) -> (R, K, C), a view."""
    features_CRK: Array = features_1CRK[0]
    return features_CRK.transpose(1, 2, 0)


def first_axis(features_RKC: Array) -> Array:
    """(R, K, C) -> (1, C, R, K), copied only if it was cut out of a larger map."""
    return np.ascontiguousarray(features_RKC.transpose(2, 0, 1)[None])
