"""How finely a base picture is quantised: `base_q_idx` of its frame header (AV1 Bitstream & Decoding Process, 5.9).

What stands before it is read as a reduced still picture header has it. It says how good the picture is, and changes
nothing of what it means.
"""

from __future__ import annotations

from semcodec.layers.base.av1 import Tool
from semcodec.types import BasePicture, Size

MAX_QUANTIZER = 255
_MAX_TILE_WIDTH, _MAX_TILE_AREA, _MAX_TILES = 4096, 4096 * 2304, 64


def quantizer_of(base: BasePicture) -> int | None:
    """0 (finest) to 255. None where the frame is not laid out as still pictures are: with tiles of its own sizes, or a
    size to show of its own.
    """
    bits = Bits(base.frame)
    bits.take()  # disable_cdf_update
    has_screen_content = bits.take()
    if has_screen_content:
        bits.take()  # force_integer_mv
    if bits.take():  # render_and_frame_size_different
        return None
    if has_screen_content:
        bits.take()  # allow_intrabc
    if not bits.take():  # uniform_tile_spacing_flag
        return None
    skip_uniform_tiles(bits, base.coded, 7 if base.tools & Tool.SUPERBLOCK_128 else 6)
    quantizer = bits.take(8)
    return quantizer if bits.is_inside else None


def skip_uniform_tiles(bits: Bits, coded: Size, side_log2: int) -> None:
    """What follows uniform_tile_spacing_flag. `side_log2`: 6 or 7, of the side of a superblock."""
    cols, rows = (
        (((side + 7) >> 3 << 3) + (1 << side_log2) - 1) >> side_log2 for side in (coded.width_px, coded.height_px)
    )
    least_cols = _log2(_MAX_TILE_WIDTH >> side_log2, cols)
    cols_log2 = _increments(bits, least_cols, _log2(1, min(cols, _MAX_TILES)))
    least_tiles = max(least_cols, _log2(_MAX_TILE_AREA >> 2 * side_log2, rows * cols))
    rows_log2 = _increments(bits, max(least_tiles - cols_log2, 0), _log2(1, min(rows, _MAX_TILES)))
    if cols_log2 or rows_log2:
        bits.take(cols_log2 + rows_log2 + 2)  # context_update_tile_id, tile_size_bytes_minus_1


def _increments(bits: Bits, least: int, most: int) -> int:
    found = least
    while found < most and bits.take():
        found += 1
    return found


def _log2(unit: int, target: int) -> int:
    """The least k for which `unit << k` reaches the target."""
    found = 0
    while unit << found < target:
        found += 1
    return found


class Bits:
    """Bits from the first on; behind the last they are 0, and `is_inside` is false."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    @property
    def is_inside(self) -> bool:
        return self._at <= 8 * len(self._data)

    def take(self, num_bits: int = 1) -> int:
        """The next ones as a number, the first its highest."""
        found = 0
        for at in range(self._at, self._at + num_bits):
            found = found << 1 | (self._data[at >> 3] >> (7 - (at & 7)) & 1 if at >> 3 < len(self._data) else 0)
        self._at += num_bits
        return found
