"""Small grids of colours: exact ones, coarse ones, cut ones, and every way to be wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

import numpy as np
from PIL import Image

from conformance_files.tools import ROOT, SHORT_CAPTION, Case, Kit, text_section
from semcodec.container.encode import write_file
from semcodec.entropy.range_encoder import RangeEncoder
from semcodec.ids import PIXEL_CODING, LayerId
from semcodec.layers.pixels.encode import pack_pixels
from semcodec.layers.pixels.stream import LEVELS_STARTS, MAX_CELLS, NUM_LEVELS, CellStream, OutOfLevels
from semcodec.types import FileHeader, Section, Size

UNKNOWN_CODING = 99
_PHOTOGRAPH = ROOT / "examples" / "kodim23.png"


def good(kit: Kit) -> Iterator[Case]:
    swatch = np.full((1, 1, 3), (20, 200, 20), dtype=np.uint8)
    yield Case(
        "pixels-flat", "8x8 of one colour: a grid of one cell", _file(Size(8, 8), _section(swatch, 256), step=12)
    )
    yield Case("pixels-exact", "8x8 of a photograph, 256 levels", _file(Size(8, 8), _section(_photograph(8, 8), 256)))
    data = _file(Size(8, 8), text_section(), _section(_noise(8, 8), 12))
    yield Case("pixels-noise", "8x8 of noise, 12 levels, behind words", data)
    yield Case("pixels-strip", "1x301, 22 levels", _file(Size(1, 301), _section(_noise(1, 301), 22)))
    data = _file(Size(131, 13), _section(_photograph(66, 7), 43), step=4)
    yield Case("pixels-enlarged", "131x13 on a grid of 66x7", data)
    exact = _section(_photograph(8, 8), 256)
    opened = replace(exact, payload=exact.payload[:60], open_end=True)
    yield Case("pixels-open-end", "cut on purpose, inside a cell", _file(Size(8, 8), text_section(), opened), ("X3",))


def malformed(kit: Kit) -> Iterator[Case]:
    assert UNKNOWN_CODING != PIXEL_CODING, "what stands for an unknown coding has become known"
    words, size = text_section(), Size(8, 8)
    exact = _section(_photograph(8, 8), 256)
    data = _file(Size(129, 128), words, _section(_photograph(128, 128), 4))
    yield Case(
        "pixels-too-many", f"a cell row above {MAX_CELLS}", data, ("X1",), "DamagedError: lie on a grid of 129x128"
    )
    data = _file(size, words, _out_of_levels())
    yield Case("pixels-no-colour", "level 12 of 12", data, ("X2", "X5"), "DamagedError: a colour that is none")
    data = _file(size, words, replace(exact, payload=exact.payload[:60]))
    yield Case("pixels-cut", "inside a cell", data, ("X3", "S6", "R2"), "TruncatedError: ends inside the pixels")
    data = _file(size, words, replace(exact, model=UNKNOWN_CODING))
    yield Case("pixels-unknown-coding", "of a newer writer", data, ("X4",), "UnknownFamilyError: coded in way 99")
    data = _file(size, text_section(f"{SHORT_CAPTION} Two."), replace(exact, payload=exact.payload + b"\0"))
    yield Case("bytes-behind-pixels", "one byte appended", data, ("R1",), "DamagedError: the pixels end at")
    payload = bytearray(_section(_noise(8, 8), 256).payload)
    payload[-2] ^= 0x10
    data = _file(size, text_section("Noise."), replace(exact, payload=bytes(payload)))
    yield Case("pixels-flipped-bit", "near the end", data, ("R3", "X5"), "DamagedError: the check does not hold")


def _file(size: Size, *sections: Section, step: int = 0) -> bytes:
    return write_file(FileHeader(size, step), sections)


def _section(colours_RKC: np.ndarray, num_levels: int) -> Section:
    payload = pack_pixels(colours_RKC, num_levels)
    assert payload is not None, "without a ceiling there is a payload"
    return Section(LayerId.PIXELS, PIXEL_CODING, payload)


def _photograph(width_px: int, height_px: int) -> np.ndarray:
    with Image.open(_PHOTOGRAPH) as picture:
        return np.asarray(picture.convert("RGB").resize((width_px, height_px), Image.Resampling.BOX))


def _noise(width_px: int, height_px: int) -> np.ndarray:
    """The same on every machine: bits of a linear congruential generator."""
    state, values = 1, []
    for _ in range(width_px * height_px * 3):
        state = (state * 1103515245 + 12345) % (1 << 31)
        values.append(state >> 16 & 255)
    return np.array(values, dtype=np.uint8).reshape(height_px, width_px, 3)


def _out_of_levels() -> Section:
    """A second cell that has 7 more than 5, of levels up to 11."""
    pen, num_levels = RangeEncoder(), 12

    def code(starts: Sequence[int], wanted: int) -> int:
        pen.put(wanted, starts)
        return wanted

    code(LEVELS_STARTS, NUM_LEVELS.index(num_levels))
    stream = CellStream(num_levels, code)
    middle = stream.first((5, 5, 5))
    with suppress(OutOfLevels):
        stream.cell(middle, middle, (5, 12, 5))
    return Section(LayerId.PIXELS, PIXEL_CODING, pen.finish() + bytes(4))
