"""Small frames: what an encoder looks at to decide, some hundred pixels wide.

Shapes: H, W = pixels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from semcodec.pictures.luma import halved
from semcodec.types import Size

if TYPE_CHECKING:
    from semcodec.pictures.luma import Luma

LONG_SIDE_PX = 192  # 19 times fewer pixels than 854x480; a span is judged in milliseconds
_WINDOW_PX = 7
_SCALES = 3
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


def small_size(size: Size) -> Size:
    """At most `LONG_SIDE_PX` long, at least `_WINDOW_PX` wide and high."""
    shrink = max(1.0, max(size.width_px, size.height_px) / LONG_SIDE_PX)
    sides = (max(_WINDOW_PX, round(side / shrink)) for side in (size.width_px, size.height_px))
    return Size(*sides)


def unlikeness(one_HW: Luma, other_HW: Luma) -> float:
    """0 (the same) to 1 and more (nothing alike): 1 - SSIM (Wang et al., 2004), the mean of three scales.

    It grows with what moved to another place, and ever more slowly: at the finest scale nothing is where it was after a
    pixel or two, at the coarsest after ten. (With the finest alone a span of fast motion was given up as a whole: one
    key frame more made it hardly better.)
    """
    wrong = []
    for _ in range(_SCALES):
        wrong.append(_unlikeness(one_HW, other_HW))
        if min(one_HW.shape) < 2 * _WINDOW_PX:
            break
        one_HW, other_HW = halved(one_HW), halved(other_HW)
    return sum(wrong) / len(wrong)


def _unlikeness(one_HW: Luma, other_HW: Luma) -> float:
    mean_a, mean_b = _mean(one_HW), _mean(other_HW)
    var_a = _mean(one_HW * one_HW) - mean_a * mean_a
    var_b = _mean(other_HW * other_HW) - mean_b * mean_b
    covariance = _mean(one_HW * other_HW) - mean_a * mean_b
    likeness = (2 * mean_a * mean_b + _C1) * (2 * covariance + _C2)
    likeness /= (mean_a * mean_a + mean_b * mean_b + _C1) * (var_a + var_b + _C2)
    return float(1 - likeness.mean())


def _mean(image_HW: Luma) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Of each window that lies inside, by sums of sums (float64: differences of large sums)."""
    sums = np.zeros((image_HW.shape[0] + 1, image_HW.shape[1] + 1))
    np.cumsum(np.cumsum(image_HW, axis=0, dtype=np.float64), axis=1, out=sums[1:, 1:])
    n = _WINDOW_PX
    inside: np.ndarray[Any, np.dtype[np.float64]] = sums[n:, n:] - sums[:-n, n:] - sums[n:, :-n] + sums[:-n, :-n]
    return inside / (n * n)
