"""The encoder's half of the range coder.

Symbols narrow an interval; the bytes that come out name a point in it. Everything is integer arithmetic on a 32-bit
range with 15-bit frequencies, so every machine writes the same bytes.

Promises:
1. `finish` writes the shortest byte string of which *every* continuation decodes to the same symbols, so a stream ends
   within one byte of its ideal length plus the coder's own loss.
2. `num_shifts` counts renormalised bytes; the decoder's counter has the same value after the same symbols. Checks are
   placed by it (see `docs/format.md`).
"""

from __future__ import annotations

from collections.abc import Sequence

from semcodec.entropy.interval import FULL, TOP, final_point
from semcodec.entropy.tables import TOTAL, TOTAL_BITS


class RangeEncoder:
    def __init__(self) -> None:
        self._low = 0  # below 2**32 after each symbol; carries are pushed into `_out`
        self._range = FULL
        self._out = bytearray()
        self.num_shifts = 0

    def put(self, symbol: int, starts: Sequence[int]) -> None:
        """Codes a symbol. `starts` are the table's cumulative frequencies: 0 first, 2**15 last."""
        low, self._range = self._narrow(symbol, starts)
        self._low += low
        if self._low >= FULL:
            self._low -= FULL
            _increment(self._out)
        while self._range < TOP:
            self._out.append(self._low >> 24)
            self._low = (self._low << 8) & (FULL - 1)
            self._range <<= 8
            self.num_shifts += 1

    def _narrow(self, symbol: int, starts: Sequence[int]) -> tuple[int, int]:
        """How far the low end rises, and the new range."""
        unit = self._range >> TOTAL_BITS
        low, end = unit * starts[symbol], starts[symbol + 1]
        # The symbol at the top of the table also gets what the shift cut off: no part of the range is wasted.
        return low, unit * end - low if end < TOTAL else self._range - low

    def finish(self) -> bytes:
        """The bytes of all symbols so far. The encoder itself can go on."""
        point, num_bytes = final_point(self._low, self._range)
        out = bytearray(self._out)
        if point >= FULL:
            point -= FULL
            _increment(out)
        return bytes(out + point.to_bytes(4, "big")[:num_bytes])

    def num_bytes_with(self, symbol: int, starts: Sequence[int]) -> int:
        """How long `finish` would be after this symbol, which is not coded."""
        low, range_ = self._narrow(symbol, starts)
        low, num_shifts = low + self._low, 0
        while range_ < TOP:
            low, range_, num_shifts = low << 8 & (FULL - 1), range_ << 8, num_shifts + 1
        return self.num_shifts + num_shifts + final_point(low & (FULL - 1), range_)[1]


def _increment(out: bytearray) -> None:
    """Adds one to the number that the bytes spell. The interval lies below 1, so a carry never leaves the front."""
    at = len(out) - 1
    while out[at] == 255:
        out[at] = 0
        at -= 1
    out[at] += 1
