"""A grid of colours to its stream.

Shapes: R, K = rows, columns of cells; C = 3 (RGB).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from semcodec.entropy.range_encoder import RangeEncoder
from semcodec.layers.pixels.stream import (
    CHECK_EVERY_BYTES,
    CHECK_STARTS,
    HASH_SEED,
    LEVELS_STARTS,
    MAX_CELLS,
    NUM_LEVELS,
    CellStream,
    add_to_hash,
    check_of,
    order,
)

if TYPE_CHECKING:
    from semcodec.types import Pixels


def pack_pixels(colours_RKC: Pixels, num_levels: int, *, max_bytes: int | None = None) -> bytes | None:
    """The payload; each channel becomes the nearest of `num_levels` (one of `NUM_LEVELS`). None if it has more than
    `max_bytes`.
    """
    num_rows, num_cols, _ = colours_RKC.shape
    assert num_rows * num_cols <= MAX_CELLS, "a grid has at most 2^14 cells"
    levels_RKC = (colours_RKC.astype(np.int32) * (2 * (num_levels - 1)) + 255) // 510
    cells = [(red, green, blue) for red, green, blue in levels_RKC.reshape(-1, 3).tolist()]
    coder = _Coder()
    coder.code(LEVELS_STARTS, NUM_LEVELS.index(num_levels))
    stream = CellStream(num_levels, coder.code)
    stream.first(cells[0])
    for at, one, other in order(num_cols, num_rows):
        coder.check_if_due()
        stream.cell(cells[one], cells[other], cells[at])
        if max_bytes is not None and coder.num_shifts > max_bytes:
            return None
    coder.check()
    payload = coder.finish()
    return None if max_bytes is not None and len(payload) > max_bytes else payload


class _Coder:
    """The range encoder, with the running hash of what it coded."""

    def __init__(self) -> None:
        self._encoder = RangeEncoder()
        self._hash, self._last_check = HASH_SEED, 0
        self.finish = self._encoder.finish

    @property
    def num_shifts(self) -> int:
        return self._encoder.num_shifts

    def code(self, starts: Sequence[int], wanted: int) -> int:
        self._encoder.put(wanted, starts)
        self._hash = add_to_hash(self._hash, wanted)
        return wanted

    def check_if_due(self) -> None:
        if self._encoder.num_shifts - self._last_check >= CHECK_EVERY_BYTES:
            self.check()

    def check(self) -> None:
        self._last_check = self._encoder.num_shifts
        self._encoder.put(check_of(self._hash), CHECK_STARTS)
