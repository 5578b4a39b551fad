"""A picture as it moves with the camera: a similarity about its centre, as `file.clips.Camera` has it.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from semcodec.file.clips import PAN_UNIT, TURN_UNIT, ZOOM_UNIT, Camera

if TYPE_CHECKING:
    from semcodec.types import Pixels


def moved(image_HWC: Pixels, camera: Camera, share: float) -> Pixels:
    """The picture when `share` of the camera's motion is over (below 0: backwards). What comes into view mirrors what
    is inside its border. It goes no farther than a side, and shrinks to no less than half.
    """
    height, width = image_HWC.shape[:2]
    pan_x, pan_y = (max(-PAN_UNIT, min(PAN_UNIT, share * pan)) for pan in (camera.pan_x, camera.pan_y))
    zoom, turn = max(-ZOOM_UNIT, share * camera.zoom), share * camera.turn
    if not (pan_x or pan_y or zoom or turn):
        return image_HWC
    from PIL import Image

    grown, lean = max(2.0 ** (-zoom / ZOOM_UNIT), 1.0), abs(math.sin(2 * math.pi * turn / TURN_UNIT))
    across = _margin(width, height, abs(pan_x) / PAN_UNIT, grown, lean)
    down = _margin(height, width, abs(pan_y) / PAN_UNIT, grown, lean)
    wide_HWC = np.pad(image_HWC, ((down, down), (across, across), (0, 0)), "symmetric")
    shrink, angle = 2.0 ** (-zoom / ZOOM_UNIT), -2 * math.pi * turn / TURN_UNIT
    cos, sin = shrink * math.cos(angle), shrink * math.sin(angle)
    # Where each pixel of the result comes from: p = R^-1 (q - t) / S, about the centre.
    middle_x, middle_y = width / 2 + pan_x * width / PAN_UNIT, height / 2 + pan_y * height / PAN_UNIT
    from_x = width / 2 + across - cos * middle_x + sin * middle_y
    from_y = height / 2 + down - sin * middle_x - cos * middle_y
    matrix = (cos, -sin, from_x, sin, cos, from_y)
    picture = Image.fromarray(wide_HWC)
    shown = picture.transform((width, height), Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC)
    return np.asarray(shown)


def _margin(side_px: int, other_px: int, pan: float, grown: float, lean: float) -> int:
    """How far beyond the picture one looks, on either side."""
    return math.ceil(grown * side_px * pan + side_px / 2 * (grown - 1) + grown * other_px / 2 * lean) + 2
