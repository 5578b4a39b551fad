"""The grid of a picture that fills a number of bytes. Encoder only.

Shapes: R, K = rows, columns of cells; H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from semcodec.container.header import LAST_STEP, working_size
from semcodec.layers.pixels.encode import pack_pixels
from semcodec.layers.pixels.stream import MAX_CELLS, NUM_LEVELS, colour_value
from semcodec.types import FileHeader, Size

if TYPE_CHECKING:
    from semcodec.types import Pixels

CELLS_PER_BYTE = 4
ALWAYS_CELLS = 1024  # are few enough to try, whatever the bytes: flat ones cost next to nothing
GIVE_UP_AFTER = 4  # finer grids in a row that were no better: noise makes the error of a fine grid jump


@dataclass(frozen=True, slots=True)
class ChosenPixels:
    """A payload and the header step it was made for. Where none fits (`payload` is empty), `least_bytes` would do."""

    payload: bytes
    step: int
    least_bytes: int = 0


def fit_grid(
    image_HWC: Pixels, shown: Size, max_bytes: int, resize: Callable[[Pixels, Size], Pixels], *, least_step: int = 0
) -> ChosenPixels:
    """The grid and the levels that are nearest to the picture once enlarged (squared error); of equals the shortest
    stream. `shown`: the size of the picture, of which `image_HWC` may be a smaller one; grids finer than that of
    `least_step` are not tried.

    From the coarsest grid on, each has the most levels that fit; these only become fewer, which saves most tries. The
    finest grid in question stands for the picture: a strip of 65535x2 pixels was 8 times slower against itself.
    """
    grids = _grids(shown, max_bytes, least_step)
    finest_HWC = resize(image_HWC, grids[-1][1])
    best, best_error, num_worse = ChosenPixels(b"", LAST_STEP), 0, 0
    levels = list(NUM_LEVELS)
    for step, grid in grids:
        small_RKC = resize(finest_HWC, grid)
        payload = None
        while levels and (payload := pack_pixels(small_RKC, levels[-1], max_bytes=max_bytes)) is None:
            levels.pop()
        if payload is None:
            break
        enlarged_HWC = resize(_quantise(small_RKC, levels[-1]), grids[-1][1])
        error = int(np.square(finest_HWC.astype(np.int64) - enlarged_HWC).sum())
        num_worse += 1
        if not best.payload or (error, len(payload)) < (best_error, len(best.payload)):
            best, best_error, num_worse = ChosenPixels(payload, step), error, 0
        if not error or num_worse > GIVE_UP_AFTER:
            break
    if best.payload:
        return best
    coarsest_RKC = resize(finest_HWC, grids[0][1])
    lengths = [len(pack_pixels(coarsest_RKC, num_levels) or b"") for num_levels in NUM_LEVELS]
    return ChosenPixels(b"", LAST_STEP, least_bytes=min(lengths))


def _grids(size: Size, max_bytes: int, least_step: int) -> list[tuple[int, Size]]:
    """Each different grid with its smallest step, from the coarsest on, and how fine the bytes suffice for."""
    most = min(MAX_CELLS, max(ALWAYS_CELLS, max_bytes * CELLS_PER_BYTE))
    by_grid = {working_size(FileHeader(size, step)): step for step in range(LAST_STEP, least_step - 1, -1)}
    found = [(step, grid) for grid, step in by_grid.items()]
    return [(step, grid) for step, grid in found if grid.width_px * grid.height_px <= most] or found[:1]


def _quantise(colours_RKC: Pixels, num_levels: int) -> Pixels:
    """As the stream keeps them."""
    values = np.array([colour_value(level, num_levels) for level in range(num_levels)], dtype=np.uint8)
    return values[(colours_RKC.astype(np.int32) * (2 * (num_levels - 1)) + 255) // 510]
