"""A region of interest: a rectangle in display pixels, and the blocks of each scale that it touches.

Display pixels are those of the picture as it is shown; tokens lie on the working grid, whose sides differ. A working
pixel is touched if any part of what it shows is inside.
"""

from __future__ import annotations

from semcodec.errors import RoiError
from semcodec.layers.tokens.grid import Grid
from semcodec.types import Roi, Size


def clipped_roi(roi: Roi, size: Size) -> Roi:
    """The part of a region that lies inside a picture of this size.

    Raises:
        RoiError: no part of it does, or it has no area.
    """
    left, top, width_px, height_px = roi
    if width_px < 1 or height_px < 1:
        raise RoiError(f"the region {_said(roi)} is empty; give it a width and a height of at least 1 pixel")
    right, bottom = min(left + width_px, size.width_px), min(top + height_px, size.height_px)
    left, top = max(left, 0), max(top, 0)
    if left >= right or top >= bottom:
        raise RoiError(f"the region {_said(roi)} lies outside the picture of {size}; give x,y,w,h in its pixels")
    return left, top, right - left, bottom - top


def touched_blocks(roi: Roi, size: Size, working: Size, stride: int, grid: Grid) -> list[int]:
    """The blocks of a scale that show a part of the region, in order. The region lies inside (`clipped_roi`)."""
    left, top, width_px, height_px = roi
    cols = _blocks_along(left, left + width_px, size.width_px, working.width_px, stride * grid.block)
    rows = _blocks_along(top, top + height_px, size.height_px, working.height_px, stride * grid.block)
    return [row * grid.block_cols + col for row in rows for col in cols]


def _blocks_along(begin: int, end: int, display_px: int, working_px: int, block_px: int) -> range:
    """Along one side: which blocks of `block_px` working pixels show any of the display pixels begin..end - 1."""
    first = begin * working_px // display_px
    last = -(-end * working_px // display_px) - 1
    return range(first // block_px, last // block_px + 1)


def _said(roi: Roi) -> str:
    return ",".join(map(str, roi))
