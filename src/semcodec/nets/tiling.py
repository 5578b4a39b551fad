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


@dataclass(frozen=True, slots=True)
class Part:
    """A tile: what is computed, and what of it is kept."""

    rows: Span
    cols: Span

    def of(self, source_HW: Array, stride: int = 1) -> Array:
        """The tile's cells of the whole, of which each is `stride` cells of the axes that were cut."""
        rows, cols = self.rows, self.cols
        return source_HW[rows.start // stride : rows.end // stride, cols.start // stride : cols.end // stride]

    def keep(self, tile_HW: Array, whole_HW: Array, stride: int = 1) -> None:
        """Puts what is kept where it belongs."""
        inner, outer = [], []
        for span in (self.rows, self.cols):
            outer.append(slice(span.keep_start // stride, span.keep_end // stride))
            inner.append(slice((span.keep_start - span.start) // stride, (span.keep_end - span.start) // stride))
        whole_HW[tuple(outer)] = tile_HW[tuple(inner)]


def parts(height: int, width: int, *, margin: int, most: int, unit: int) -> list[Part]:
    """Cuts a map into tiles of at most `most` cells with their margins, so that as few as can be are computed twice.

    Cores are multiples of `unit`. (Where that is impossible, tiles are of one core and larger.)
    """
    best: tuple[int, int, int] | None = None
    for num_rows in range(1, -(-height // unit) + 1):
        core_rows = -(-height // (num_rows * unit)) * unit
        tall = min(height, core_rows + 2 * margin)
        core_cols = width if width * tall <= most else (most // tall - 2 * margin) // unit * unit
        if core_cols <= 0:
            continue
        num_cols = -(-width // core_cols)
        core_cols = -(-width // (num_cols * unit)) * unit
        computed = (height + 2 * margin * (num_rows - 1)) * (width + 2 * margin * (num_cols - 1))
        if best is None or computed < best[0]:
            best = (computed, core_rows, core_cols)
        elif num_cols == 1:
            break  # (more rows would only compute more)
    _, core_rows, core_cols = best or (0, unit, unit)
    return [
        Part(rows, cols)
        for rows in spans(height, core=core_rows, margin=margin)
        for cols in spans(width, core=core_cols, margin=margin)
    ]


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
