"""Grids of colours at another size, in integers: cubic windows, which widen where the grid becomes smaller.

Shapes: R, K = rows, columns of cells; C = 3 (RGB).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from semcodec.types import Pixels, Size

_WEIGHT_BITS = 15


def resample(colours_RKC: Pixels, size: Size) -> Pixels:
    """The same colours on another grid, the same bytes on every machine."""
    return _resample_rows(_resample_rows(colours_RKC, size.height_px).swapaxes(0, 1), size.width_px).swapaxes(0, 1)


def _resample_rows(colours_RKC: Pixels, count: int) -> Pixels:
    num_rows = len(colours_RKC)
    if count == num_rows:
        return colours_RKC
    unit = 2 * max(num_rows, count)  # of the window; lengths are in (2 * count)-ths of a row
    middles = (2 * np.arange(count)[:, None] + 1) * num_rows
    rows = (middles - 2 * unit) // (2 * count) + np.arange(2 * unit // count + 2)
    weights = _window(np.abs((2 * rows + 1) * count - middles), unit)
    weights[(rows < 0) | (rows >= num_rows)] = 0
    total = weights.sum(axis=1)[:, None, None]
    sums = np.einsum("nt,ntkc->nkc", weights, colours_RKC[np.clip(rows, 0, num_rows - 1)].astype(np.int64))
    return np.asarray(np.clip((2 * sums + total) // (2 * total), 0, 255), np.uint8)


def _window(away: NDArray[np.int64], unit: int) -> NDArray[np.int64]:
    """Catmull and Rom's cubic, in 2^15ths: 1 in the middle, 0 from two units on. (Units have at most 15 bits.)"""
    near = 3 * away**3 - 5 * away**2 * unit + 2 * unit**3
    far = -(away**3) + 5 * away**2 * unit - 8 * away * unit**2 + 4 * unit**3
    return (np.where(away < unit, near, np.where(away < 2 * unit, far, 0)) << _WEIGHT_BITS) // (2 * unit**3)
