"""Flicker: what changes from frame to frame of a shown clip and does not in the original.

1. Warping error (Lai et al., Learning Blind Video Temporal Consistency, ECCV 2018): each shown frame is compared with
   the one after it, read along the motion of the original (DIS optical flow, Kroeger et al., ECCV 2016, of OpenCV),
   where the original shows the same thing in both. Root mean square, in levels of 8 bits. That of the original itself
   (grain, light, flow that is wrong) is told beside it: it is the floor. A clip that stands still where the original
   moves has a large one; one that is blurred has a small one.
2. Distance of differences (tLP of Chu et al., TecoGAN, ACM TOG 2020): how far apart a judge finds neighbouring shown
   frames, beside how far apart it finds those of the original; mean absolute difference of the two. 0 is as lively as
   the original.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from semcodec.evaluation.require import require

if TYPE_CHECKING:
    from semcodec.types import Pixels

Flow = NDArray[np.float32]  # (H, W, 2): px right and down

# Sundaram et al., ECCV 2010: motion there and back must cancel out to within this share of its length, and this (px^2).
_SHARE, _LEAST = 0.01, 0.5


class Judge(Protocol):
    """A network that tells pictures apart."""

    def features(self, image_HWC: Pixels) -> Any: ...

    def distance(self, a: Any, b: Any) -> float: ...


@dataclass(frozen=True, slots=True)
class Flickering:
    """Of a clip of at least two frames: root mean square warping errors in levels, of the shown clip and of the
    original; mean distance of differences (None without a judge); share of pixels that could be compared.
    """

    warping_error: float
    original_warping_error: float
    distance_of_differences: float | None
    seen: float


class Flicker:
    """Takes a clip frame by frame; holds two of them. Needs OpenCV (the extra `bench`)."""

    def __init__(self, judge: Judge | None = None) -> None:
        """Raises `MissingExtraError`."""
        self._cv2, self._judge = require("cv2"), judge
        self._dis = self._cv2.DISOpticalFlow_create(self._cv2.DISOPTICAL_FLOW_PRESET_FAST)
        self._before: tuple[Pixels, Pixels] | None = None
        self._features: list[Any] | None = None
        self._squares = self._original_squares = 0.0
        self._visible: list[float] = []
        self._differences: list[float] = []

    def add(self, original_HWC: Pixels, shown_HWC: Pixels) -> None:
        """The next frame of both. Raises ValueError where they are not of one size."""
        if original_HWC.shape != shown_HWC.shape:
            raise ValueError(f"the original is {original_HWC.shape}, what is shown {shown_HWC.shape}")
        if self._before is not None:
            forth = self._motion(self._before[0], original_HWC)
            visible = _unhidden(forth, self._read(self._motion(original_HWC, self._before[0]), forth))
            self._visible.append(float(visible.mean()))
            self._original_squares += self._error(self._before[0], original_HWC, forth, visible)
            self._squares += self._error(self._before[1], shown_HWC, forth, visible)
        if self._judge is not None:
            features = [self._judge.features(frame) for frame in (original_HWC, shown_HWC)]
            if self._features is not None:
                apart = [self._judge.distance(a, b) for a, b in zip(self._features, features, strict=True)]
                self._differences.append(abs(apart[1] - apart[0]))
            self._features = features
        self._before = original_HWC, shown_HWC

    def result(self) -> Flickering:
        """Raises ValueError where fewer than two frames were added."""
        if not self._visible:
            raise ValueError("flicker is measured between frames: add at least two")
        num, total = len(self._visible), sum(self._visible)
        return Flickering(
            math.sqrt(self._squares / max(total, 1e-9)),
            math.sqrt(self._original_squares / max(total, 1e-9)),
            sum(self._differences) / num if self._judge is not None else None,
            total / num,
        )

    def _motion(self, first_HWC: Pixels, last_HWC: Pixels) -> Flow:
        grey = [self._cv2.cvtColor(frame, self._cv2.COLOR_RGB2GRAY) for frame in (first_HWC, last_HWC)]
        flow: Flow = self._dis.calc(*grey, None)
        return flow

    def _read(self, image: NDArray[Any], flow: Flow) -> NDArray[np.float32]:
        """What an image shows where the motion leads."""
        height, width = flow.shape[:2]
        cols, rows = np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)[:, None]
        read: NDArray[np.float32] = self._cv2.remap(
            image.astype(np.float32), flow[..., 0] + cols, flow[..., 1] + rows, self._cv2.INTER_LINEAR,
            borderMode=self._cv2.BORDER_REPLICATE,
        )  # fmt: skip
        return read

    def _error(self, first_HWC: Pixels, last_HWC: Pixels, forth: Flow, visible: NDArray[np.bool_]) -> float:
        """Mean square over the pixels that are visible in both, times their share."""
        difference = self._read(last_HWC, forth) - first_HWC
        return float((np.square(difference).mean(axis=2) * visible).mean())


def _unhidden(forth: Flow, back: Flow) -> NDArray[np.bool_]:
    """Where what is seen in the first frame is seen in the last; `back` was read where `forth` leads."""
    height, width = forth.shape[:2]
    length = np.square(forth).sum(2) + np.square(back).sum(2)
    returned = np.square(forth + back).sum(2) <= _SHARE * length + _LEAST
    col, row = forth[..., 0] + np.arange(width), forth[..., 1] + np.arange(height)[:, None]
    unhidden: NDArray[np.bool_] = returned & (col >= 0) & (col <= width - 1) & (row >= 0) & (row <= height - 1)
    return unhidden
