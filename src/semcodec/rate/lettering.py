"""Whether a picture is drawn (a text, a map, a screenshot, a chart), and from how many bytes on its lettering is read.

A drawing has blocks without contrast, blocks with hard edges between two colours, and little between: of what
`benchmarks/lettering.py` draws, 118 of 140 are noticed (JPEG files and shrunk ones among them), and 0.7 % of 5,111
photographs, most of them objects cut out on white.

Shapes: H, W = pixels; C = 3 (RGB); N, P = blocks, pixels of each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from semcodec.types import Pixels

    Greys = NDArray[np.int16]

_BLOCK_PX = 8
_FLAT, _HARD = 16, 64  # contrast of a block, of 255
_LEAST_HARD, _MOST_BETWEEN, _LEAST_OF_TWO_COLOURS = 0.05, 0.15, 0.72
_NEAR = 0.2  # of a block's contrast: so near to its darkest or lightest is one of two colours
# Of large pictures as many tiles are looked at, so that 24 megapixels cost what one does.
_WHOLE_PX, _TILE_PX, _TILES_A_SIDE = 1 << 20, 256, 4
_STRIP_PX, _LETTERS_PX, _LEAST_LINES = 64, (5, 96), 6
_EDGES_A_ROW = 4  # at least, in the mean of a line of letters: a line that is drawn has two
_USUAL_LETTERS_PX, _USUAL_COVER = 12, 0.05  # where no lines of letters are found
_BYTES_A_SQUARE = 7.0


@dataclass(frozen=True, slots=True)
class Lettering:
    """The smallest letters that a drawing has many of: how high in pixels (from the top of a b to the foot of a p), and
    the share of the picture that is lines of such.
    """

    height_px: int
    cover: float

    def least_bytes(self, width_px: int, height_px: int) -> int:
        """From how many on they can be read.

        Measured (`benchmarks/lettering.py`): pages of letters of 12 to 48 px, of which a file of that many bytes leaves
        98 % nearer to themselves than to any other; between half and twice that many.
        """
        squares = width_px * height_px / self.height_px**2
        return round(_BYTES_A_SQUARE * squares * (0.1 + 1.4 * self.cover))


def note_on_lettering(image_HWC: Pixels, num_bytes: int) -> str | None:
    """What is to be said before a file of that many bytes is sent; None: nothing."""
    height_px, width_px, _ = image_HWC.shape
    found = lettering_in(image_HWC)
    least = 0 if found is None else found.least_bytes(width_px, height_px)
    if found is None or num_bytes >= least:
        return None
    about = round(least, 2 - len(str(least)))
    return (
        f"the picture is drawn or written (text, a map, a screenshot): small lettering, {found.height_px} pixels high, "
        f"will not be readable below about {about:,} bytes"
    )


def lettering_in(image_HWC: Pixels) -> Lettering | None:
    """Of a picture that is drawn; None: it is none, but a photograph, or flat."""
    tiles = _tiles(image_HWC)
    if not _is_drawn(np.concatenate([_blocks(tile_HW) for tile_HW in tiles])):
        return None
    heights_px = np.array([height for tile_HW in tiles for height in _lines(tile_HW)])
    if heights_px.size < _LEAST_LINES:
        return Lettering(_USUAL_LETTERS_PX, _USUAL_COVER)
    small_px = float(np.percentile(heights_px, 10))
    small = heights_px[heights_px <= 2 * small_px]
    cover = float(small.sum()) * _STRIP_PX / sum(tile_HW.size for tile_HW in tiles)
    return Lettering(max(round(float(np.median(small))), 1), min(cover, 1.0))


def _tiles(image_HWC: Pixels) -> list[Greys]:
    """The brightness of the picture, or of tiles that lie evenly in it."""
    height, width, _ = image_HWC.shape
    if height * width <= _WHOLE_PX or min(height, width) < _TILE_PX:
        return [_brightness(image_HWC)]
    tops, lefts = (np.linspace(0, side - _TILE_PX, _TILES_A_SIDE).astype(int).tolist() for side in (height, width))
    return [
        _brightness(image_HWC[top : top + _TILE_PX, left : left + _TILE_PX]) for top in tops for left in lefts
    ]  # fmt: skip


def _brightness(image_HWC: Pixels) -> Greys:
    grey: Greys = ((image_HWC.astype(np.int32) @ np.array([77, 150, 29], np.int32)) >> 8).astype(np.int16)
    return grey


def _blocks(grey_HW: Greys) -> Greys:
    """(N, P): those that are whole."""
    rows, cols = (side // _BLOCK_PX for side in grey_HW.shape)
    whole = grey_HW[: rows * _BLOCK_PX, : cols * _BLOCK_PX].reshape(rows, _BLOCK_PX, cols, _BLOCK_PX)
    return whole.swapaxes(1, 2).reshape(rows * cols, _BLOCK_PX * _BLOCK_PX)


def _is_drawn(blocks_NP: Greys) -> bool:
    if not len(blocks_NP):
        return False
    darkest_N = blocks_NP.min(axis=1)
    contrast_N = blocks_NP.max(axis=1) - darkest_N
    is_hard_N = contrast_N >= _HARD
    flat, hard = (contrast_N <= _FLAT).mean(), is_hard_N.mean()
    if hard < _LEAST_HARD or 1 - flat - hard > _MOST_BETWEEN:
        return False
    place_NP = (blocks_NP[is_hard_N] - darkest_N[is_hard_N, None]) / contrast_N[is_hard_N, None]
    return bool(((place_NP < _NEAR) | (place_NP > 1 - _NEAR)).mean() > _LEAST_OF_TWO_COLOURS)


def _lines(grey_HW: Greys) -> Sequence[int]:
    """How high the runs of rows with hard edges are, in strips as wide as a few letters, where they may be letters."""
    is_edge_HW = np.abs(np.diff(grey_HW, axis=1)) >= _HARD // 2
    found: list[int] = []
    for left in range(0, grey_HW.shape[1] - _STRIP_PX + 1, _STRIP_PX):
        edges_H = is_edge_HW[:, left : left + _STRIP_PX].sum(axis=1)
        ends = np.flatnonzero(np.diff((edges_H >= 2).astype(np.int8), prepend=0, append=0))
        tops, feet = ends[::2], ends[1::2]
        until_H = np.concatenate([[0], np.cumsum(edges_H)])
        is_written = until_H[feet] - until_H[tops] >= _EDGES_A_ROW * (feet - tops)
        found += (feet - tops)[is_written & (tops > 0) & (feet < len(edges_H))].tolist()
    return [height for height in found if _LETTERS_PX[0] <= height <= _LETTERS_PX[1]]
