"""Which pictures are sent as a small grid of colours, not as tokens, and the grid that fills a budget. No network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from semcodec.container.header import LAST_STEP, working_size
from semcodec.layers.pixels.encode import pack_pixels
from semcodec.layers.pixels.stream import MAX_CELLS, NUM_LEVELS, colour_value
from semcodec.pictures import resized
from semcodec.types import FileHeader, Size

if TYPE_CHECKING:
    from semcodec.types import Pixels

# The rule, in one place: pictures with a side below this. There the working picture of the tokens is mostly padding,
# and what they say ends at 18 to 33 dB. Two Kodak pictures in twelve sizes, 32 to 1000 bytes: up to 16 pixels a grid
# was nearer by 0.6 to 60 dB; at 24 by -0.1 to 31; at 32x32 by -0.2, 1.9 and 18.6 in 32, 60 and 1000 bytes.
SHORT_SIDE_PX = 32
CELLS_PER_BYTE = 4
ALWAYS_CELLS = 1024  # are few enough to try, whatever the bytes: flat ones cost next to nothing
GIVE_UP_AFTER = 4  # finer grids in a row that were no better: noise makes the error of a fine grid jump


@dataclass(frozen=True, slots=True)
class ChosenPixels:
    """A payload and the header step it was made for. Where none fits (`payload` is empty), `least_bytes` would do."""

    payload: bytes
    step: int
    least_bytes: int = 0


def are_better_sent_as_pixels(size: Size) -> bool:
    return min(size.width_px, size.height_px) < SHORT_SIDE_PX


def best_pixels(image_HWC: Pixels, max_bytes: int, *, shown: Size | None = None, least_step: int = 0) -> ChosenPixels:
    """The grid and the levels whose painting is nearest to the picture (mean squared error); of equals the shortest
    stream. `shown`: the size of the picture, where `image_HWC` is smaller already; `least_step`: finer grids are not
    tried.

    From the coarsest grid on, each has the most levels that fit; these only become fewer, which saves most tries. The
    finest grid in question stands for the picture: a strip of 65535x2 pixels was 8 times slower against itself.
    """
    size = shown or Size(image_HWC.shape[1], image_HWC.shape[0])
    grids = _grids(size, max_bytes, least_step)
    finest_HWC = resized(image_HWC, grids[-1][1])
    best, best_error, num_worse = ChosenPixels(b"", LAST_STEP), float("inf"), 0
    levels = list(NUM_LEVELS)
    for step, grid in grids:
        small_HWC = resized(finest_HWC, grid)
        payload = None
        while levels and (payload := pack_pixels(small_HWC, levels[-1], max_bytes=max_bytes)) is None:
            levels.pop()
        if payload is None:
            break
        error = _error(finest_HWC, small_HWC, levels[-1])
        num_worse += 1
        if (error, len(payload)) < (best_error, len(best.payload)):
            best, best_error, num_worse = ChosenPixels(payload, step), error, 0
        if not error or num_worse > GIVE_UP_AFTER:
            break
    if best.payload:
        return best
    coarsest_HWC = resized(finest_HWC, grids[0][1])
    lengths = [len(pack_pixels(coarsest_HWC, num_levels) or b"") for num_levels in NUM_LEVELS]
    return ChosenPixels(b"", LAST_STEP, least_bytes=min(lengths))


def _grids(size: Size, max_bytes: int, least_step: int) -> list[tuple[int, Size]]:
    """Each different grid with its smallest step, from the coarsest on, and how fine the bytes suffice for."""
    most = min(MAX_CELLS, max(ALWAYS_CELLS, max_bytes * CELLS_PER_BYTE))
    by_grid = {working_size(FileHeader(size, step)): step for step in range(LAST_STEP, least_step - 1, -1)}
    found = [(step, grid) for grid, step in by_grid.items()]
    return [(step, grid) for step, grid in found if grid.width_px * grid.height_px <= most] or found[:1]


def _error(wanted_HWC: Pixels, small_HWC: Pixels, num_levels: int) -> float:
    values = np.array([colour_value(level, num_levels) for level in range(num_levels)], dtype=np.uint8)
    rounded_HWC = values[(small_HWC.astype(np.int32) * (2 * (num_levels - 1)) + 255) // 510]
    painted_HWC = resized(rounded_HWC, Size(wanted_HWC.shape[1], wanted_HWC.shape[0]))
    return float(np.square(wanted_HWC.astype(np.float32) - painted_HWC).mean())
