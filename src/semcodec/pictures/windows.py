"""Means over windows of a picture.

Shapes: H, W = pixels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from semcodec.pictures.luma import Luma


def means_of_windows(image_HW: Luma, side_px: int) -> Luma:
    """Of each window of so many by so many pixels that lies inside: (H - side + 1, W - side + 1), float32.

    Sums of rows are doubled: 9 are 8 and 1, in five additions. (Variances of 8-bit luma are off by 0.01 at most; sums
    of sums in float64 took seven times as long.)
    """
    of_rows = _sums_of_rows(image_HW, side_px)
    return np.asarray(_sums_of_rows(of_rows.T, side_px).T * np.float32(1 / side_px**2))


def _sums_of_rows(image_HW: Luma, num: int) -> Luma:
    """Of each row and the num - 1 below it."""
    wanted, begin, length = len(image_HW) - num + 1, 0, 1
    doubled, sums = image_HW, np.zeros((wanted, image_HW.shape[1]), np.float32)
    while True:  # (`doubled` is the sum of `length` rows)
        if num & length:
            sums += doubled[begin : begin + wanted]
            begin += length
        if 2 * length > num:
            return sums
        doubled = doubled[:-length] + doubled[length:]
        length *= 2
