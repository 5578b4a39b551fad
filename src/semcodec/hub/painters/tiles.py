"""Any picture size on a network of one size: a canvas that it likes, or overlapping tiles that fade into each other.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from semcodec.types import Size

if TYPE_CHECKING:
    from semcodec.types import Pixels

# A canvas of up to that many native squares is painted in one piece: 768x512 is 1.5 squares of 512.
WHOLE_SQUARES = 1.5
OVERLAP_SHARE = 0.25  # of a tile's side, on each inner side
LONGEST_ASPECT = 4.0  # of a picture painted whole from words alone


@dataclass(frozen=True, slots=True)
class Tile:
    """A rectangle of the canvas. `index` counts row by row."""

    index: int
    top: int
    left: int
    height: int
    width: int

    @property
    def slices(self) -> tuple[slice, slice]:
        return slice(self.top, self.top + self.height), slice(self.left, self.left + self.width)


def canvas_size(size: Size, native_px: int) -> Size:
    """Where a picture is painted: its own size, or enlarged to the area that the network was trained on."""
    scale = max(1.0, native_px / math.sqrt(size.width_px * size.height_px))
    return Size(*(max(1, round(side * scale)) for side in (size.width_px, size.height_px)))


def native_canvas(size: Size, native_px: int, multiple_px: int) -> Size:
    """The aspect of `size` on about the area that the network was trained on, in multiples of `multiple_px`."""
    aspect = min(LONGEST_ASPECT, max(1 / LONGEST_ASPECT, size.width_px / size.height_px))
    width, height = native_px * math.sqrt(aspect), native_px / math.sqrt(aspect)
    return Size(*(max(1, round(side / multiple_px)) * multiple_px for side in (width, height)))


def plan_tiles(canvas: Size, native_px: int, multiple_px: int) -> list[Tile]:
    """Tiles that cover the canvas and overlap; one tile where it is small enough.

    Sides are multiples of `multiple_px`, so a tile may reach over the canvas's far edges.
    """
    whole = [-(-side // multiple_px) * multiple_px for side in (canvas.height_px, canvas.width_px)]
    if whole[0] * whole[1] <= WHOLE_SQUARES * native_px**2:
        return [Tile(0, 0, 0, *whole)]
    side = max(1, native_px // multiple_px) * multiple_px
    rows, cols = (_spread(length, min(side, length), round(side * OVERLAP_SHARE), multiple_px) for length in whole)
    height, width = (min(side, length) for length in whole)
    corners = [(top, left) for top in rows for left in cols]
    return [Tile(index, top, left, height, width) for index, (top, left) in enumerate(corners)]


def _spread(length: int, side: int, overlap: int, multiple_px: int) -> list[int]:
    """The fewest starts, evenly spread, so that neighbours overlap by at least about `overlap`."""
    if length <= side:
        return [0]
    num_gaps = -(-(length - side) // max(1, side - overlap))
    return [(length - side) * at // num_gaps // multiple_px * multiple_px for at in range(num_gaps)] + [length - side]


def padded(image_HWC: Pixels, tiles: list[Tile]) -> Pixels:
    """The canvas with its far edges repeated, so that every tile lies inside."""
    height = max(tile.top + tile.height for tile in tiles)
    width = max(tile.left + tile.width for tile in tiles)
    below, right = height - image_HWC.shape[0], width - image_HWC.shape[1]
    return np.pad(image_HWC, ((0, below), (0, right), (0, 0)), mode="edge") if below or right else image_HWC


def paint_tiles(tiles: list[Tile], canvas: Size, paint: Callable[[Tile], Pixels]) -> Pixels:
    """The canvas of what `paint` gives for each tile, (height, width, 3) uint8, faded over where tiles overlap."""
    if len(tiles) == 1:
        return np.ascontiguousarray(paint(tiles[0])[: canvas.height_px, : canvas.width_px])
    height = max(tile.top + tile.height for tile in tiles)
    width = max(tile.left + tile.width for tile in tiles)
    colours = np.zeros((height, width, 3), np.float32)
    weights = np.zeros((height, width, 1), np.float32)
    for tile in tiles:
        weight = _fade(tile.height)[:, None, None] * _fade(tile.width)[None, :, None]
        colours[tile.slices] += weight * paint(tile)
        weights[tile.slices] += weight
    blended = np.rint(colours / weights).astype(np.uint8)
    return np.ascontiguousarray(blended[: canvas.height_px, : canvas.width_px])


def _fade(length: int) -> NDArray[np.float32]:
    """Falls linearly to the ends over the overlap; only ratios between tiles matter, so outer edges need no care."""
    ramp = max(1, round(length * OVERLAP_SHARE))
    from_end = np.minimum(np.arange(length), np.arange(length)[::-1]) + 1
    return np.minimum(from_end / ramp, 1).astype(np.float32)
