"""The decoder's half of the range coder.

Promises:
1. A symbol is returned only if the bytes that are there settle it. At the end of a cut stream the unknown rest may be
   anything from all zeros to all ones; the first symbol on which these disagree raises `EndOfStream`. So a prefix of a
   stream gives a prefix of its symbols, and never an invented one.
2. After the last symbol `ends_here` tells whether the data ends with exactly the bytes that the encoder writes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from semcodec.entropy.interval import FULL, TOP, final_point
from semcodec.entropy.tables import TOTAL, TOTAL_BITS


class EndOfStream(Exception):
    """The bytes do not settle another symbol."""


class RangeDecoder:
    """Reads `data[start:end]`."""

    def __init__(self, data: bytes, start: int = 0, end: int | None = None) -> None:
        self._data = data
        self._start = self._at = start
        self._end = len(data) if end is None else end
        self._range = FULL
        self._low = 0  # the encoder's low end, modulo 2**32; needed only to know where the stream must end
        self._code = 0  # how far the point lies above the low end, if unknown bytes are zeros
        self._slack = 0  # how much further it may lie, if they are ones
        self.num_shifts = 0
        for _ in range(4):
            self._shift()

    @property
    def state(self) -> tuple[int, ...]:
        """Bytes taken, range, low end, point, slack: to go on elsewhere (`resume`)."""
        return self._at - self._start, self._range, self._low, self._code, self._slack

    def resume(self, state: tuple[int, ...]) -> None:
        """Goes on where a decoder of the same bytes had this `state`."""
        num_taken, self._range, self._low, self._code, self._slack = state
        self._at = self._start + num_taken
        self.num_shifts = num_taken - 4

    def get(self, starts: Sequence[int]) -> int:
        """The next symbol. `starts` are the table's cumulative frequencies: 0 first, 2**15 last."""
        unit = self._range >> TOTAL_BITS
        target = self._code // unit
        symbol = bisect_right(starts, target if target < TOTAL else TOTAL - 1) - 1
        low = unit * starts[symbol]
        end = starts[symbol + 1]
        width = unit * end - low if end < TOTAL else self._range - low
        if self._slack and end < TOTAL and self._code + self._slack >= low + width:
            raise EndOfStream
        self._code -= low
        self._low = (self._low + low) & (FULL - 1)
        self._range = width
        while self._range < TOP:
            self._range <<= 8
            self._low = (self._low << 8) & (FULL - 1)
            self._shift()
            self.num_shifts += 1
        return symbol

    @property
    def position(self) -> int:
        """Offset in `data` of the byte that the next symbol begins in (for messages)."""
        return min(self._start + self.num_shifts, self._end)

    def ends_here(self) -> bool:
        """Whether the data, at this symbol, ends with the very bytes that `RangeEncoder.finish` writes."""
        point, num_bytes = final_point(self._low, self._range)
        length = self._end - self._start
        return length == self.num_shifts + num_bytes and self._code == point - self._low

    def _shift(self) -> None:
        if self._at < self._end:
            self._code = (self._code << 8) | self._data[self._at]
            self._slack <<= 8
        else:
            self._code <<= 8
            self._slack = (self._slack << 8) | 255
        self._at += 1
