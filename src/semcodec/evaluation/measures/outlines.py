"""How well outlines agree with those that people drew: precision and recall of thin lines, within a few pixels.

A map of outlines is thinned (of each pixel's two neighbours across the line, none may be higher), cut off at a
threshold, and compared with what people drew: a pixel is right where one of theirs lies within `TOLERANCE_PX`; a pixel
of theirs is found where one of the map does, and counts as many times as people drew it (Martin, Fowlkes & Malik, 2004,
who match pixels one to one; here several may match one, which thinned lines hardly do). The F-measure is the harmonic
mean of both over all pictures, at the one threshold that is best for all of them ("ODS").

Needs SciPy (the `bench` extra).

Shapes: H, W = pixels; T = thresholds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from semcodec.evaluation.require import require

TOLERANCE_PX = 3.0
THRESHOLDS = np.linspace(0.02, 0.98, 49)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Sums over pictures, by threshold (T,): pixels of the map that are right and all, and those of people that are
    found and all.
    """

    right: Floats
    told: Floats
    found: Floats
    drawn: Floats

    def __add__(self, other: Agreement) -> Agreement:
        return Agreement(
            self.right + other.right, self.told + other.told, self.found + other.found, self.drawn + other.drawn
        )

    @property
    def f_T(self) -> Floats:
        precision, recall = self.right / np.maximum(self.told, 1), self.found / np.maximum(self.drawn, 1e-9)
        return np.asarray(2 * precision * recall / np.maximum(precision + recall, 1e-9))

    @property
    def best(self) -> tuple[float, float]:
        """The F-measure at the best threshold, and that threshold."""
        at = int(np.argmax(self.f_T))
        return float(self.f_T[at]), float(THRESHOLDS[at])


def thinned(map_HW: NDArray[np.generic]) -> Floats:
    """The crests of a map (0..1, or uint8), as high as they are; 0 elsewhere."""
    ndimage = require("scipy.ndimage", extra="bench")
    likely = map_HW.astype(np.float64) / (255 if map_HW.dtype == np.uint8 else 1)
    soft = ndimage.gaussian_filter(likely, 1.0)
    # The line runs where the map bends least: across it lies the eigenvector of the larger bend.
    down, right = np.gradient(soft)
    down_down, down_right = np.gradient(down)
    _, right_right = np.gradient(right)
    angle = 0.5 * np.arctan2(2 * down_right, right_right - down_down)
    bend = right_right * np.cos(angle) ** 2 + down_down * np.sin(angle) ** 2 + down_right * np.sin(2 * angle)
    other = right_right + down_down - bend
    angle = np.where(bend <= other, angle, angle + np.pi / 2)
    rows, cols = np.mgrid[: likely.shape[0], : likely.shape[1]]
    step = np.stack([np.sin(angle), np.cos(angle)])
    beside = [
        ndimage.map_coordinates(soft, np.stack([rows, cols]) + side * step, order=1, mode="nearest") for side in (-1, 1)
    ]
    is_crest = (soft >= beside[0]) & (soft >= beside[1]) & (np.minimum(bend, other) < 0)
    return np.where(is_crest, soft, 0.0)


def agreement(map_HW: NDArray[np.generic], drawn_HW: NDArray[np.uint8]) -> Agreement:
    """Of one map with what people drew (H, W): the share of them who drew a pixel, 255 where all did."""
    ndimage = require("scipy.ndimage", extra="bench")
    if map_HW.shape != drawn_HW.shape:
        raise ValueError(f"a map of {map_HW.shape} and a drawing of {drawn_HW.shape} cannot be compared")
    crests, weight = thinned(map_HW), drawn_HW / 255.0
    far_from_drawn = ndimage.distance_transform_edt(drawn_HW == 0) if drawn_HW.any() else np.full(drawn_HW.shape, 1e9)
    is_right = far_from_drawn <= TOLERANCE_PX
    right, told, found = (np.zeros(len(THRESHOLDS)) for _ in range(3))
    for at, threshold in enumerate(THRESHOLDS):
        is_told = crests >= threshold
        right[at], told[at] = (is_told & is_right).sum(), is_told.sum()
        if is_told.any():
            found[at] = weight[ndimage.distance_transform_edt(~is_told) <= TOLERANCE_PX].sum()
    return Agreement(right, told, found, np.full(len(THRESHOLDS), weight.sum()))


def lines_of(map_HW: NDArray[np.generic], threshold: float) -> NDArray[np.bool_]:
    """(H, W): where a map has a thin line that is sure enough."""
    return thinned(map_HW) >= threshold


def f_of_lines(told_HW: NDArray[np.bool_], there_HW: NDArray[np.bool_]) -> float:
    """The F-measure of thin lines against others, within `TOLERANCE_PX`; 1 where neither has any, 0 where one has."""
    ndimage = require("scipy.ndimage", extra="bench")
    if not (told_HW.any() and there_HW.any()):
        return float(told_HW.any() == there_HW.any())
    precision, recall = (
        float((ndimage.distance_transform_edt(~other)[lines] <= TOLERANCE_PX).mean())
        for lines, other in ((told_HW, there_HW), (there_HW, told_HW))
    )
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def agreement_of_all(pairs: Iterable[tuple[NDArray[np.generic], NDArray[np.uint8]]]) -> Agreement:
    """Of maps with drawings, together. Raises ValueError where there are none."""
    total: Agreement | None = None
    for map_HW, drawn_HW in pairs:
        one = agreement(map_HW, drawn_HW)
        total = one if total is None else total + one
    if total is None:
        raise ValueError("there are no maps to compare")
    return total
