"""Kernel Inception Distance (Binkowski et al., 2018) on patches, with the features of a network that is named.

The unbiased squared MMD under the kernel (x.y / d + 1)^3. Patches of one picture are no independent samples, so the
standard error is a jackknife that leaves out one picture at a time, its original patches and its decoded ones.

Shapes: P = patches; D = feature size.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

PATCH_PX = 128
MIN_PICTURES = 3  # so that two are left when the jackknife takes one away


def cut_patches(image_NCHW: NDArray[np.float32]) -> NDArray[np.float32]:
    """(P, 3, 128, 128): whole patches side by side from the top left; a smaller picture is one patch."""
    _, channels, height, width = image_NCHW.shape
    rows, columns = height // PATCH_PX, width // PATCH_PX
    if not rows or not columns:
        return image_NCHW
    x = image_NCHW[0, :, : rows * PATCH_PX, : columns * PATCH_PX]
    x = x.reshape(channels, rows, PATCH_PX, columns, PATCH_PX).transpose(1, 3, 0, 2, 4)
    return np.ascontiguousarray(x.reshape(rows * columns, channels, PATCH_PX, PATCH_PX))


def kid(real: Sequence[NDArray[np.floating]], decoded: Sequence[NDArray[np.floating]]) -> tuple[float, float]:
    """(KID, its standard error) of two lists of (P, D) features, one entry per picture, in the same order."""
    estimate, left_out = _estimates(real, decoded)
    return estimate, _jackknife_error(left_out)


def kid_difference(
    real: Sequence[NDArray[np.floating]], one: Sequence[NDArray[np.floating]], other: Sequence[NDArray[np.floating]]
) -> tuple[float, float]:
    """(KID of `one` less KID of `other`, the difference's standard error): both are of the same pictures, so what is
    common to their errors goes."""
    (first, first_left_out), (second, second_left_out) = (_estimates(real, side) for side in (one, other))
    return first - second, _jackknife_error(first_left_out - second_left_out)


def _estimates(
    real: Sequence[NDArray[np.floating]], decoded: Sequence[NDArray[np.floating]]
) -> tuple[float, NDArray[np.float64]]:
    """KID, and KID without each of the pictures in turn."""
    if len(real) != len(decoded) or len(real) < MIN_PICTURES:
        raise ValueError("KID needs the same pictures on both sides, and at least three of them")
    owner_real = np.repeat(np.arange(len(real)), [len(x) for x in real])
    owner_decoded = np.repeat(np.arange(len(decoded)), [len(x) for x in decoded])
    x, y = (np.concatenate(side).astype(np.float64) for side in (real, decoded))
    xx, yy, xy = _kernel(x, x), _kernel(y, y), _kernel(x, y)
    np.fill_diagonal(xx, 0)
    np.fill_diagonal(yy, 0)
    num = len(real)
    # Sums over pairs of pictures, so that leaving one out is a subtraction.
    blocks_xx, blocks_yy = _blocks(xx, owner_real, owner_real, num), _blocks(yy, owner_decoded, owner_decoded, num)
    blocks_xy = _blocks(xy, owner_real, owner_decoded, num)
    sizes_x, sizes_y = np.bincount(owner_real, minlength=num), np.bincount(owner_decoded, minlength=num)

    def estimate(keep: NDArray[np.bool_]) -> float:
        pick = np.ix_(keep, keep)
        m, n = int(sizes_x[keep].sum()), int(sizes_y[keep].sum())
        within = blocks_xx[pick].sum() / (m * (m - 1)) + blocks_yy[pick].sum() / (n * (n - 1))
        return float(within - 2 * blocks_xy[pick].sum() / (m * n))

    every = np.ones(num, dtype=bool)
    return estimate(every), np.array([estimate(np.arange(num) != one) for one in range(num)])


def _jackknife_error(left_out: NDArray[np.float64]) -> float:
    num = len(left_out)
    return float(np.sqrt((num - 1) / num * np.square(left_out - left_out.mean()).sum()))


def _kernel(x: Floats, y: Floats) -> Floats:
    kernel: Floats = (x @ y.T / x.shape[1] + 1) ** 3
    return kernel


def _blocks(kernel: Floats, rows: NDArray[np.intp], columns: NDArray[np.intp], num: int) -> Floats:
    by_row = np.stack([kernel[rows == one].sum(axis=0) for one in range(num)])
    return np.stack([by_row[:, columns == one].sum(axis=1) for one in range(num)], axis=1)
