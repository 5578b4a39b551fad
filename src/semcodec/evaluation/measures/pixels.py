"""PSNR and MS-SSIM, on RGB.

MS-SSIM is that of Wang, Simoncelli and Bovik (2003): an 11x11 Gaussian of 1.5, five scales halved by 2x2 means, no
padding, the mean over positions at each scale raised to its weight; computed per channel, then averaged over
channels.

Shapes: H, W = pixels; C = 3.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from semcodec.types import Pixels

Floats = NDArray[np.float32]

_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
_WINDOW_PX = 11
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
MS_SSIM_MIN_PX = (_WINDOW_PX - 1) * 2 ** (len(_WEIGHTS) - 1) + 1


def psnr_db(a_HWC: Pixels, b_HWC: Pixels) -> float:
    """99.0 for equal pictures, so that means stay finite."""
    error = a_HWC.astype(np.float32) - b_HWC.astype(np.float32)
    mse = float(np.mean(np.square(error), dtype=np.float64))
    return min(99.0, 10 * math.log10(255**2 / mse)) if mse else 99.0


class MsSsim:
    """Compares many pictures with one; what depends on that one alone is computed once."""

    def __init__(self, reference_HWC: Pixels) -> None:
        if min(reference_HWC.shape[:2]) < MS_SSIM_MIN_PX:
            raise ValueError(f"MS-SSIM needs sides of at least {MS_SSIM_MIN_PX} px")
        self._scales = []
        x = _planes(reference_HWC)
        for at in range(len(_WEIGHTS)):
            mean = _blur(x)
            self._scales.append((x, mean, _blur(x * x) - mean * mean))
            if at + 1 < len(_WEIGHTS):
                x = _halve(x)

    def __call__(self, image_HWC: Pixels) -> float:
        y = _planes(image_HWC)
        product = np.ones(3)
        for at, (x, mean_x, var_x) in enumerate(self._scales):
            mean_y = _blur(y)
            var_y = _blur(y * y) - mean_y * mean_y
            cov = _blur(x * y) - mean_x * mean_y
            term = (2 * cov + np.float32(_C2)) / (var_x + var_y + np.float32(_C2))
            if at + 1 == len(_WEIGHTS):
                term *= (2 * mean_x * mean_y + np.float32(_C1)) / (mean_x * mean_x + mean_y * mean_y + np.float32(_C1))
            else:
                y = _halve(y)
            product *= np.maximum(term.mean(axis=(1, 2), dtype=np.float64), 0) ** _WEIGHTS[at]
        return float(product.mean())


def _planes(image_HWC: Pixels) -> Floats:
    return np.ascontiguousarray(image_HWC.transpose(2, 0, 1), dtype=np.float32)


def _halve(x_CHW: Floats) -> Floats:
    """Means of 2x2; an odd last row or column is averaged with zeros, as the common implementations pad."""
    _, height, width = x_CHW.shape
    top, left = height % 2, width % 2
    padded = np.pad(x_CHW, ((0, 0), (top, top), (left, left)))
    height, width = padded.shape[1] // 2 * 2, padded.shape[2] // 2 * 2
    x = padded[:, :height, :width]
    return (x[:, ::2, ::2] + x[:, 1::2, ::2] + x[:, ::2, 1::2] + x[:, 1::2, 1::2]) * np.float32(0.25)


def _blur(x_CHW: Floats) -> Floats:
    taps = np.exp(-((np.arange(_WINDOW_PX) - _WINDOW_PX // 2) ** 2) / (2 * 1.5**2))
    taps = (taps / taps.sum()).astype(np.float32)
    height, width = x_CHW.shape[1] - _WINDOW_PX + 1, x_CHW.shape[2] - _WINDOW_PX + 1
    rows = taps[0] * x_CHW[:, :height]
    for at in range(1, _WINDOW_PX):
        rows += taps[at] * x_CHW[:, at : at + height]
    out = taps[0] * rows[:, :, :width]
    for at in range(1, _WINDOW_PX):
        out += taps[at] * rows[:, :, at : at + width]
    return np.asarray(out)
