"""Small frames: what an encoder looks at to decide, some hundred pixels wide.

Shapes: H, W = pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from semcodec.pictures.luma import halved
from semcodec.pictures.windows import means_of_windows
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
        mean = means_of_windows(image_HW, _WINDOW_PX)
        scales.append((image_HW, mean, means_of_windows(image_HW * image_HW, _WINDOW_PX) - mean * mean))
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
    covariance = means_of_windows(one_HW * other_HW, _WINDOW_PX) - mean_product
    likeness = (2 * mean_product + _C1) * (2 * covariance + _C2)
    likeness /= (mean_a * mean_a + mean_b * mean_b + _C1) * (var_a + var_b + _C2)
    return float(1 - likeness.mean())
