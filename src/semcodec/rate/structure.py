"""How much of a picture's structure its blocks bring into a painting.

The measure is SSIM (Wang et al., 2004) of brightness at half size, in windows of 7 pixels: it asks whether what varies
in the picture varies alike in the painting, wherever that is, and forgives noise where all is noise. Ranked by it,
blocks bring a judge's features nearer than ranked by what they change in pixels (`benchmarks/importance.py`).

Shapes: H, W = pixels; C = 3 (RGB); B = blocks of a scale, row by row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from semcodec.layers.tokens.grid import Grid

if TYPE_CHECKING:
    from semcodec.types import Pixels

_WINDOW = 7
_NOISE = 30.0  # variance, in grey levels squared, below which nothing is structure
_BRIGHTNESS = np.array([0.299, 0.587, 0.114], dtype=np.float32)


def structure_gain(
    original_HWC: Pixels, before_HWC: Pixels, after_HWC: Pixels, stride: int, grid: Grid
) -> NDArray[np.float32]:
    """(B,) how much more of the original's structure one painting has than the other, summed over each block.

    All three are of the working size; `stride` and `grid` are those of the scale whose blocks are asked for.
    """
    wanted = _Windows.of(_small(original_HWC))
    gain = _likeness(wanted, _small(after_HWC)) - _likeness(wanted, _small(before_HWC))
    side = stride * grid.block // 2
    rows, cols = grid.block_rows * side, grid.block_cols * side
    padded = np.zeros((rows, cols), dtype=np.float32)
    padded[: gain.shape[0], : gain.shape[1]] = gain[:rows, :cols]
    blocks = padded.reshape(grid.block_rows, side, grid.block_cols, side)
    return np.asarray(blocks.sum(axis=(1, 3)).ravel())


def _small(image_HWC: Pixels) -> NDArray[np.float32]:
    """Brightness at half size, sides rounded up."""
    height, width, _ = image_HWC.shape
    even = (
        np.pad(image_HWC, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
        if height % 2 or width % 2
        else image_HWC
    )
    fours = even[0::2, 0::2].astype(np.uint16) + even[0::2, 1::2] + even[1::2, 0::2] + even[1::2, 1::2]
    return np.asarray(fours @ (_BRIGHTNESS / 4))


@dataclass(frozen=True, slots=True)
class _Windows:
    """Values, and in the window around each their mean and that of their squares."""

    values: NDArray[np.float32]
    mean: NDArray[np.float32]
    squares: NDArray[np.float32]

    @classmethod
    def of(cls, values: NDArray[np.float32]) -> _Windows:
        return cls(values, _window_means(values), _window_means(values * values))


def _likeness(wanted: _Windows, values: NDArray[np.float32]) -> NDArray[np.float32]:
    """SSIM without its term for brightness, a number a pixel: 1 for equal structure, 0 for none in common."""
    found = _Windows.of(values)
    common = _window_means(wanted.values * values) - wanted.mean * found.mean
    spread = wanted.squares + found.squares - wanted.mean * wanted.mean - found.mean * found.mean
    return np.asarray((2 * common + _NOISE) / (np.maximum(spread, 0) + _NOISE))


def _window_means(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean of the window around each value; edges are repeated."""
    radius = _WINDOW // 2
    for _ in range(2):  # down the columns, then along the rows
        sums = np.cumsum(np.pad(values, ((radius + 1, radius), (0, 0)), mode="edge"), axis=0, dtype=np.float64)
        values = ((sums[_WINDOW:] - sums[:-_WINDOW]) / _WINDOW).astype(np.float32).T
    return values
