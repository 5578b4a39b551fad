"""Small frames: what an encoder looks at to decide, some hundred pixels wide.

Shapes: H, W = pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

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


@dataclass(frozen=True, slots=True)
class Seen:
    """A small picture as others are compared with it: at each scale itself, its means and variances of windows."""

    scales: tuple[tuple[Luma, Luma, Luma], ...]


def seen(image_HW: Luma) -> Seen:
    """What is compared more than once is looked at once."""
    scales = []
    for _ in range(_SCALES):
        mean = _mean(image_HW)
        scales.append((image_HW, mean, _mean(image_HW * image_HW) - mean * mean))
        if min(image_HW.shape) < 2 * _WINDOW_PX:
            break
        image_HW = halved(image_HW)
    return Seen(tuple(scales))


def unlikeness(one: Seen, other: Seen) -> float:
    """0 (the same) to 1 and more (nothing alike): 1 - SSIM (Wang et al., 2004), the mean of three scales.

    It grows with what moved to another place, and ever more slowly: at the finest scale nothing is where it was after a
    pixel or two, at the coarsest after ten. (With the finest alone a span of fast motion was given up as a whole: one
    key frame more made it hardly better.)
    """
    wrong = [_unlikeness(*scales) for scales in zip(one.scales, other.scales, strict=True)]
    return sum(wrong) / len(wrong)


def _unlikeness(one: tuple[Luma, Luma, Luma], other: tuple[Luma, Luma, Luma]) -> float:
    (one_HW, mean_a, var_a), (other_HW, mean_b, var_b) = one, other
    mean_product = mean_a * mean_b
    covariance = _mean(one_HW * other_HW) - mean_product
    likeness = (2 * mean_product + _C1) * (2 * covariance + _C2)
    likeness /= (mean_a * mean_a + mean_b * mean_b + _C1) * (var_a + var_b + _C2)
    return float(1 - likeness.mean())


def _mean(image_HW: Luma) -> Luma:
    """Of each window that lies inside."""
    of_rows = _sums_of_seven(image_HW)
    return np.asarray(_sums_of_seven(of_rows.T).T * np.float32(1 / _WINDOW_PX**2))


def _sums_of_seven(image_HW: Luma) -> Luma:
    """Of seven rows: four, two and one of them. (In float32 a variance is off by 0.01 at most, which is nothing beside
    `_C2`; sums of sums in float64 took seven times as long.)
    """
    num = len(image_HW) - 6
    of_two = image_HW[:-1] + image_HW[1:]
    of_four = of_two[:-2] + of_two[2:]
    sums: Luma = of_four[:num] + of_two[4 : 4 + num]
    sums += image_HW[6:]
    return sums
