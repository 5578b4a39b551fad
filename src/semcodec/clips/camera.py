"""How the camera moves from one frame to another: a similarity, fitted to all pixels at once, coarse to fine.

The method is that of Lucas and Kanade (1981) with the four numbers of a similarity, robust against what moves by itself
(weights that fall with the residue). The motion of the picture is measured, not of the camera: a picture that moves
left is a camera that pans right.

Shapes: H, W = pixels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from semcodec.file.clips import MOST_PAN, MOST_TURN, MOST_ZOOM, PAN_UNIT, TURN_UNIT, ZOOM_UNIT, Camera
from semcodec.pictures.luma import halved

if TYPE_CHECKING:
    from semcodec.pictures.luma import Luma

_LEVELS, _STEPS = 3, 6
_LEAST_SIDE_PX = 12
_ENOUGH_PX = 0.01  # a step below that is the last


@dataclass(frozen=True, slots=True)
class Moved:
    """What is at p (from the centre, in pixels) comes to rest at A p + t, A = [[a, -b], [b, a]], t = (x, y)."""

    x: float = 0.0
    y: float = 0.0
    a: float = 1.0
    b: float = 0.0

    def then(self, other: Moved) -> Moved:
        """First this, then the other."""
        return Moved(
            other.a * self.x - other.b * self.y + other.x,
            other.b * self.x + other.a * self.y + other.y,
            other.a * self.a - other.b * self.b,
            other.b * self.a + other.a * self.b,
        )

    def scaled(self, factor: float) -> Moved:
        """The same in a picture that is that much larger."""
        return Moved(self.x * factor, self.y * factor, self.a, self.b)

    @property
    def zoom(self) -> float:
        """How much it enlarges."""
        return math.hypot(self.a, self.b)

    def as_camera(self, width_px: int, height_px: int) -> Camera:
        """In the whole numbers of the format, of a picture of that size."""
        numbers = (
            (self.x / width_px * PAN_UNIT, MOST_PAN),
            (self.y / height_px * PAN_UNIT, MOST_PAN),
            (math.log2(max(self.zoom, 1e-3)) * ZOOM_UNIT, MOST_ZOOM),
            (math.atan2(self.b, self.a) / (2 * math.pi) * TURN_UNIT, MOST_TURN),
        )
        return Camera(*(max(-most, min(most, round(number))) for number, most in numbers))


def measured(first_HW: Luma, last_HW: Luma, *, near: Moved | None = None) -> Moved:
    """The motion from the first picture to the last one, of one size; `near`: where to begin."""
    firsts, lasts = _pyramid(first_HW), _pyramid(last_HW)
    moved = near or Moved()
    for level in reversed(range(len(firsts))):
        shrink = 1 / (1 << level)
        moved = _fitted(firsts[level], lasts[level], moved.scaled(shrink)).scaled(1 / shrink)
    return moved


def residue(first_HW: Luma, last_HW: Luma, moved: Moved) -> tuple[Luma, np.ndarray[Any, np.dtype[np.bool_]]]:
    """What the last picture, moved back, has more than the first one, and where it shows any of it. (H, W) each."""
    back_HW, inside_HW = _moved_back(last_HW, moved)
    return np.where(inside_HW, back_HW - first_HW, 0).astype(np.float32), inside_HW


def _pyramid(image_HW: Luma) -> list[Luma]:
    levels = [image_HW]
    while len(levels) < _LEVELS and min(levels[-1].shape) >= 2 * _LEAST_SIDE_PX:
        levels.append(halved(levels[-1]))
    return levels


def _fitted(first_HW: Luma, last_HW: Luma, moved: Moved) -> Moved:
    height, width = first_HW.shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    x, y = x - (width - 1) / 2, y - (height - 1) / 2
    reach = math.hypot(width, height) / 2
    for _ in range(_STEPS):
        back_HW, inside_HW = _moved_back(last_HW, moved)
        if inside_HW.mean() < 0.1:
            break
        down, across = np.gradient((back_HW + first_HW) / 2)
        error = np.where(inside_HW, back_HW - first_HW, 0)
        usual = 1.48 * float(np.median(np.abs(error[inside_HW]))) + 1
        weight = inside_HW / (1 + (error / (2 * usual)) ** 2)
        # What a small motion more, of the first picture's pixels, would change.
        slopes = np.stack([across, down, across * x + down * y, down * x - across * y]).reshape(4, -1)
        weighted = slopes * weight.reshape(-1)
        normal = weighted @ slopes.T
        normal += np.diag(np.maximum(np.diag(normal) * 1e-3, 1e-3))
        step = -np.linalg.solve(normal, weighted @ error.reshape(-1))
        # The picture p is compared with is at A p + t of the last one: the step goes before it.
        more = Moved(float(step[0]), float(step[1]), 1 + float(step[2]), float(step[3]))
        moved = more.then(moved)
        if abs(step[0]) + abs(step[1]) + reach * (abs(step[2]) + abs(step[3])) < _ENOUGH_PX:
            break
    return moved


def _moved_back(last_HW: Luma, moved: Moved) -> tuple[Luma, np.ndarray[Any, np.dtype[np.bool_]]]:
    """The last picture where the first one's pixels have gone, and which of them are still inside. Bilinear."""
    height, width = last_HW.shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    x, y = x - (width - 1) / 2, y - (height - 1) / 2
    at_x = moved.a * x - moved.b * y + moved.x + (width - 1) / 2
    at_y = moved.b * x + moved.a * y + moved.y + (height - 1) / 2
    inside = (at_x >= 0) & (at_x <= width - 1) & (at_y >= 0) & (at_y <= height - 1)
    left = np.clip(np.floor(at_x), 0, max(0, width - 2)).astype(np.intp)
    top = np.clip(np.floor(at_y), 0, max(0, height - 2)).astype(np.intp)
    right, below = np.minimum(left + 1, width - 1), np.minimum(top + 1, height - 1)
    across = np.clip(at_x - left, 0, 1).astype(np.float32)
    down = np.clip(at_y - top, 0, 1).astype(np.float32)
    upper = last_HW[top, left] * (1 - across) + last_HW[top, right] * across
    lower = last_HW[below, left] * (1 - across) + last_HW[below, right] * across
    return upper * (1 - down) + lower * down, inside
