"""How bright a picture is.

Shapes: H, W = pixels; C = 3 (RGB), or 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from semcodec.types import Pixels

    Luma = np.ndarray[Any, np.dtype[np.float32]]  # (H, W), 0..255

LEAST_SIDE_PX = 16


def luma_of(image_HWC: Pixels) -> Luma:
    """Of BT.601, 0..255; of a picture of one channel, that."""
    if image_HWC.shape[2] == 1:
        return np.asarray(image_HWC[..., 0], np.float32)
    weights = np.array([0.299, 0.587, 0.114], np.float32)
    return np.asarray(image_HWC.astype(np.float32) @ weights)


def halved(image_HW: Luma) -> Luma:
    """Means of two by two pixels."""
    height, width = (side // 2 * 2 for side in image_HW.shape)
    fine = image_HW[:height, :width]
    return np.asarray((fine[::2, ::2] + fine[1::2, ::2] + fine[::2, 1::2] + fine[1::2, 1::2]) / 4)


def shrunk_to(image_HW: Luma, most_px: int) -> Luma:
    """Halved until it has no more pixels than that, or a side would be too short to see anything."""
    while image_HW.size > most_px and min(image_HW.shape) >= 2 * LEAST_SIDE_PX:
        image_HW = halved(image_HW)
    return image_HW
