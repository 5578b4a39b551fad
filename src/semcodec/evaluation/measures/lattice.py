"""Lattices: faint regular grids that networks paint on flat areas, at periods that are powers of two.

Flat areas are the tenth of a picture's blocks (64x64 px, at every 32 px) whose **original** has the lowest mean
gradient; the decoded picture is looked at in the same places. Each block loses its mean, gets a Hann window and is
transformed. The energy at a period is that of its horizontal, vertical and two diagonal waves, summed over blocks and
colour channels; that of its neighbours is the geometric mean of the energies two and three bins away in the same four
directions, so a spectrum that falls evenly cancels. How far a picture's grid stands out is then

    energy at the period / energy of the neighbours,

and the measure is that of the decoded picture over that of the original. For the decoded picture the neighbours'
energy is never taken to be less than the original's: on a picture that was only smoothed a grid has to be as strong as
the original's own grain to count as much, and one that is far below it is invisible.

1: no more of a grid than the original has there. A smooth picture is near 0.

Shapes: H, W = pixels; C = 3; N = blocks; F = lattice waves; B = block side.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from semcodec.evaluation.measures.catalog import LATTICE_PERIODS_PX

if TYPE_CHECKING:
    from semcodec.types import Pixels

Floats = NDArray[np.float32]

BLOCK_PX = 64
_STRIDE_PX = 32
_FLAT_SHARE = 0.1
_MIN_BLOCKS = 4
_NEIGHBOURS = (-3, -2, 2, 3)
_DIRECTIONS = ((0, 1), (1, 0), (1, 1), (1, -1))
_ROUNDING_VARIANCE = 1 / 12  # of 8-bit pixels: what stands in place of no energy at all


class Lattice:
    """Compares many pictures with one original of at least 64 px on each side."""

    def __init__(self, original_HWC: Pixels) -> None:
        if min(original_HWC.shape[:2]) < BLOCK_PX:
            raise ValueError(f"lattices are looked for in pictures of at least {BLOCK_PX} px on each side")
        self._places = _flat_places(original_HWC)
        self._peaks, self._neighbours = _energies(original_HWC, self._places)

    def __call__(self, image_HWC: Pixels) -> dict[int, float]:
        """{period in px: how far its grid stands out, over the original's}."""
        peaks, neighbours = _energies(image_HWC, self._places)
        stands_out = peaks / np.maximum(neighbours, self._neighbours)
        over = stands_out / (self._peaks / self._neighbours)
        return {period: float(value) for period, value in zip(LATTICE_PERIODS_PX, over, strict=True)}


def _flat_places(image_HWC: Pixels) -> list[tuple[int, int]]:
    """(top, left) of the flattest blocks."""
    luma = image_HWC.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
    slope = np.zeros_like(luma)
    slope[:, 1:] += np.abs(np.diff(luma, axis=1))
    slope[1:] += np.abs(np.diff(luma, axis=0))
    height, width = luma.shape
    places = [
        (top, left)
        for top in range(0, height - BLOCK_PX + 1, _STRIDE_PX)
        for left in range(0, width - BLOCK_PX + 1, _STRIDE_PX)
    ]
    places.sort(key=lambda at: float(slope[at[0] : at[0] + BLOCK_PX, at[1] : at[1] + BLOCK_PX].mean()))
    return places[: max(_MIN_BLOCKS, round(_FLAT_SHARE * len(places)))]


def _energies(image_HWC: Pixels, places: list[tuple[int, int]]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """By period: the energy at it, and that of its neighbours."""
    blocks_NBBC = np.stack([image_HWC[y : y + BLOCK_PX, x : x + BLOCK_PX] for y, x in places]).astype(np.float32)
    blocks_NBBC -= blocks_NBBC.mean(axis=(1, 2), keepdims=True)
    taps = np.hanning(BLOCK_PX + 1)[:-1].astype(np.float32)
    window_BB = np.outer(taps, taps)
    spectrum = np.fft.fft2(blocks_NBBC * window_BB[..., None], axes=(1, 2))
    power_BB = np.square(np.abs(spectrum)).mean(axis=0).sum(axis=2)
    power_BB += 3 * _ROUNDING_VARIANCE * float(np.square(window_BB).sum())
    at = {period: BLOCK_PX // period for period in LATTICE_PERIODS_PX}
    peaks = [_along(power_BB, wave) for wave in at.values()]
    around = [np.mean([np.log(_along(power_BB, wave + step)) for step in _NEIGHBOURS]) for wave in at.values()]
    return np.array(peaks), np.exp(around)


def _along(power_BB: NDArray[np.float64], wave: int) -> float:
    """Energy of the waves of one frequency in the four directions; indices beyond the last frequency fold back."""
    return float(sum(power_BB[(wave * dy) % BLOCK_PX, (wave * dx) % BLOCK_PX] for dy, dx in _DIRECTIONS))
