"""Pictures at another size.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from semcodec.types import Size

if TYPE_CHECKING:
    from semcodec.types import Pixels, Roi

LANCZOS_REACH = 3  # pixels of the source around each pixel, of the result where it is smaller


def resized(image_HWC: Pixels, size: Size) -> Pixels:
    """The picture at another size: Lanczos, which widens its window when it shrinks (no aliasing)."""
    if image_HWC.shape[:2] == (size.height_px, size.width_px):
        return image_HWC
    from PIL import Image

    picture = Image.fromarray(image_HWC).resize((size.width_px, size.height_px), Image.Resampling.LANCZOS)
    return np.asarray(picture)


def resized_map(map_HW: Pixels, size: Size) -> Pixels:
    """A map of one channel, (H, W) uint8, at another size: bilinear, so that nothing rings."""
    from PIL import Image

    picture = Image.fromarray(map_HW).resize((size.width_px, size.height_px), Image.Resampling.BILINEAR)
    return np.asarray(picture)


def resized_part(
    part_of: Callable[[Roi], Pixels], source: Size, size: Size, roi: Roi, *, softly: bool = False
) -> Pixels:
    """A part (`roi`, in pixels of `size`) of the picture at another size, from no more of the source than that takes.

    `part_of` gives the pixels of a rectangle of the source. `softly`: bicubic, which rings less than Lanczos.
    As Pillow keeps places in 32 bits, a pixel in some thousand may differ by 1 from the whole's.
    """
    left, top, width_px, height_px = roi
    if source == size:
        return part_of(roi)
    from PIL import Image

    first_col, end_col, cols = _seen(left, left + width_px, size.width_px, source.width_px)
    first_row, end_row, rows = _seen(top, top + height_px, size.height_px, source.height_px)
    part_HWC = part_of((first_col, first_row, end_col - first_col, end_row - first_row))
    # One side after the other: which comes first changes pixels, and left to itself Pillow chooses by the sizes.
    picture = Image.fromarray(part_HWC)
    window = Image.Resampling.BICUBIC if softly else Image.Resampling.LANCZOS
    across = (cols[0] - first_col, 0, cols[1] - first_col, picture.height)
    picture = picture.resize((width_px, picture.height), window, box=across)
    down = (0, rows[0] - first_row, width_px, rows[1] - first_row)
    return np.asarray(picture.resize((width_px, height_px), window, box=down))


def _seen(begin: int, end: int, side_px: int, source_px: int) -> tuple[int, int, tuple[float, float]]:
    """Along one side: the source's pixels that count for begin..end - 1, and where in the source these lie."""
    scale = source_px / side_px
    reach = LANCZOS_REACH * max(1.0, scale)
    first = max(0, math.floor(begin * scale - reach))
    last = min(source_px, math.ceil(end * scale + reach))
    return first, last, (begin * scale, min(end * scale, float(source_px)))


def squeezed(image_HWC: Pixels, side_px: int) -> Pixels:
    """The whole picture as a square, for networks that want one: bicubic, its shape not kept."""
    from PIL import Image

    return np.asarray(Image.fromarray(image_HWC).resize((side_px, side_px), Image.Resampling.BICUBIC))
