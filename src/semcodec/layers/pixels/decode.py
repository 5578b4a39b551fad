"""A pixel stream to its grid of colours. Any prefix of a stream gives the cells that its bytes settle.

Shapes: R, K = rows, columns of cells; C = 3 (RGB).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from semcodec.container.header import working_size
from semcodec.entropy.range_decoder import EndOfStream, RangeDecoder
from semcodec.errors import DamagedError, FormatError, TruncatedError, UnknownFamilyError
from semcodec.ids import PIXEL_CODING
from semcodec.layers.pixels.stream import (
    CHECK_EVERY_BYTES,
    CHECK_STARTS,
    HASH_SEED,
    LEVELS_STARTS,
    MAX_CELLS,
    NUM_LEVELS,
    CellStream,
    Colour,
    OutOfLevels,
    add_to_hash,
    check_of,
    colour_value,
    order,
)
from semcodec.limits import Limits
from semcodec.types import FileHeader, PixelGrid, Scene, Section

if TYPE_CHECKING:
    from semcodec.types import Pixels

_NOTHING: Colour = (0, 0, 0)


def unpack(
    section: Section, header: FileHeader, before: Scene, limits: Limits
) -> tuple[PixelGrid | None, FormatError | None]:
    """As `contracts.Layer` has it."""
    return unpack_pixels(section, header)


def unpack_pixels(section: Section, header: FileHeader) -> tuple[PixelGrid | None, FormatError | None]:
    """The grid as far as the payload goes, None without a single cell, and what was wrong; never raises for what the
    payload holds.
    """
    if section.model != PIXEL_CODING:
        return None, UnknownFamilyError(
            f"the pixels at offset {section.offset} are coded in way {section.model}, which this build does not know; "
            "install a newer semcodec",
            offset=section.offset,
        )
    working = working_size(header)
    num_cells = working.width_px * working.height_px
    if num_cells > MAX_CELLS:
        return None, DamagedError(
            f"the pixels at offset {section.offset} lie on a grid of {working}, which is above {MAX_CELLS} cells",
            offset=section.offset,
        )
    reader = _Reader(section)
    problem: FormatError | None = None
    try:
        reader.read(working.width_px, working.height_px)
    except EndOfStream:
        if not section.open_end:
            end = section.offset + len(section.payload)
            problem = TruncatedError(f"the file ends inside the pixels, at offset {end}", offset=end)
    except OutOfLevels:
        problem = reader.damage("a colour that is none")
    except DamagedError as damage:
        problem = damage
    if not reader.cells:
        return None, problem
    values = [colour_value(level, reader.num_levels) for level in range(reader.num_levels)]
    colours, known = np.zeros((num_cells, 3), dtype=np.uint8), np.zeros(num_cells, dtype=np.bool_)
    for at, cell in reader.cells.items():
        colours[at], known[at] = [values[level] for level in cell], True
    shape = working.height_px, working.width_px
    return PixelGrid(reader.num_levels, colours.reshape(*shape, 3), known.reshape(shape)), problem


def fill_gaps(grid: PixelGrid) -> Pixels:
    """(R, K, 3): a cell that is not there has the mean of the two that it lies between, as a stream that ended says."""
    if grid.known_RK.all():
        return grid.colours_RKC
    num_rows, num_cols = grid.known_RK.shape
    colours, known = grid.colours_RKC.reshape(-1, 3).astype(np.int32), grid.known_RK.ravel()
    for at, one, other in order(num_cols, num_rows):
        if not known[at]:
            colours[at] = (colours[one] + colours[other] + 1) >> 1
    return colours.astype(np.uint8).reshape(num_rows, num_cols, 3)


class _Reader:
    def __init__(self, section: Section) -> None:
        self.cells: dict[int, Colour] = {}
        self.num_levels = 0
        self._coder = RangeDecoder(section.payload)
        self._offset = section.offset
        self._hash, self._last_check = HASH_SEED, 0

    def read(self, num_cols: int, num_rows: int) -> None:
        self.num_levels = NUM_LEVELS[self._code(LEVELS_STARTS, 0)]
        stream, cells = CellStream(self.num_levels, self._code), self.cells
        cells[0] = stream.first(_NOTHING)
        for at, one, other in order(num_cols, num_rows):
            if self._coder.num_shifts - self._last_check >= CHECK_EVERY_BYTES:
                self._check()
            cells[at] = stream.cell(cells[one], cells[other], _NOTHING)
        self._check()
        if not self._coder.ends_here():
            offset = self._offset + self._coder.num_shifts
            raise DamagedError(
                f"the pixels end at offset {offset}, their payload does not: the file is damaged or has bytes appended",
                offset=offset,
            )

    def damage(self, what: str) -> DamagedError:
        offset = self._offset + self._coder.num_shifts
        return DamagedError(f"pixels, before offset {offset}: {what}; what came before was kept", offset=offset)

    def _check(self) -> None:
        self._last_check = self._coder.num_shifts
        if self._coder.get(CHECK_STARTS) != check_of(self._hash):
            raise self.damage("the check does not hold: flipped bits")

    def _code(self, starts: Sequence[int], _: int) -> int:
        symbol = self._coder.get(starts)
        self._hash = add_to_hash(self._hash, symbol)
        return symbol
