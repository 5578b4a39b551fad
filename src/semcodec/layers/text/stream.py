"""The text payload, symbol by symbol: one definition that both sides walk.

```text
origin, language [, tag], shape, tokens, END
token  = a word of the table, its space in front included
       | CAP, then a word that begins " a" to " z": that letter becomes a capital
       | SPELL, then characters, then the end of the run
character = one of the table's | RAW, then a code point (page, low byte)
```

A symbol is coded by `Stream` through a `Coder`. Promise: after the first symbol with which the coder has moved past
64, 128, ... bytes, an 8-bit check of all symbols so far is coded. The checks and the place where the stream must end
are the only redundancy; a wrong table or a flipped bit is found at the next of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from semcodec.entropy.tables import TOTAL, starts_of, uniform_starts
from semcodec.layers.text.history import CharHistory, WordHistory
from semcodec.layers.text.table import TextTable
from semcodec.layers.text.trace import Trace

TYPE_CHECKING = False  # type checkers take it as true; importing typing would cost `info` 3 ms
if TYPE_CHECKING:
    from typing import Protocol
else:
    Protocol = object

BYTES_PER_CHECK = 64
FNV_PRIME = 16777619

TAG_CHARS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"
MAX_TAG_CHARS = 35

# Pages are 256 code points. Ideographs name theirs each time; all else is mostly on the page of the last that was none
# (at first: page 0). Rows: nothing yet, after no ideograph, after an ideograph.
SAME_PAGE, IDEOGRAPHS, ANY_PAGE, HIGH_PAGE = range(4)
PAGE_KIND_STARTS = tuple(
    starts_of(freqs) for freqs in ((14000, 8000, 9000, 1768), (28500, 2000, 1700, 568), (5500, 25000, 1700, 568))
)
FIRST_IDEOGRAPH_PAGE, NUM_IDEOGRAPH_PAGES = 0x4E, 82
NUM_PAGES, NUM_HIGH_PAGES = 256, 4096


class Coder(Protocol):
    """Either half of the range coder. `code` returns the symbol; the decoder's ignores `wanted`."""

    @property
    def num_shifts(self) -> int: ...

    def code(self, starts: Sequence[int], wanted: int) -> int: ...

    def check(self, starts: Sequence[int], value: int) -> None: ...


class Stream:
    """`seed`: of the checks, if it is not the table's."""

    def __init__(self, table: TextTable, coder: Coder, *, seed: int | None = None) -> None:
        self._table, self._coder = table, coder
        self._hash = table.seed if seed is None else seed
        self._next_check_bytes = BYTES_PER_CHECK
        self._words = WordHistory(table.end, table.is_topic, table.classes)
        self._chars = CharHistory(table.char_end, table.char_space)
        self._page = 0
        self._page_row = 0
        self._low_bits: dict[int, list[int]] = {}

        trace = table.words_model.trace
        self._trace = None if trace is None else Trace(trace, table.end)

    def static(self, starts: Sequence[int], wanted: int = 0) -> int:
        return self._done(self._coder.code(starts, wanted))

    def token(self, wanted: int = 0) -> int:
        model, trace = self._table.words_model, self._trace
        hidden = trace.hidden() if trace is not None else ()
        token = model.code(model.look_up(self._words.keys()), self._coder, wanted, hidden=hidden)
        self._words.push(token)
        if trace is not None:
            trace.push(token)
        return self._done(token)

    def begin_run(self) -> None:
        self._chars = CharHistory(self._table.char_end, self._table.char_space)

    def char(self, wanted: int = 0) -> int:
        model = self._table.chars_model
        char = model.code(model.look_up(self._chars.keys()), self._coder, wanted)
        self._chars.push(char)
        return self._done(char)

    def code_point(self, wanted: int = 0) -> int:
        """Any code point, surrogates too (the decoder refuses these)."""
        page = wanted >> 8
        kind = self.static(PAGE_KIND_STARTS[self._page_row], self._kind_of(page))
        if kind == IDEOGRAPHS:
            page = FIRST_IDEOGRAPH_PAGE + self.static(uniform_starts(NUM_IDEOGRAPH_PAGES), page - FIRST_IDEOGRAPH_PAGE)
        elif kind == ANY_PAGE:
            page = self.static(uniform_starts(NUM_PAGES), page)
        elif kind == HIGH_PAGE:
            page = NUM_PAGES + self.static(uniform_starts(NUM_HIGH_PAGES), page - NUM_PAGES)
        else:
            page = self._page
        self._page_row = 2 if kind == IDEOGRAPHS else 1
        if kind != IDEOGRAPHS:
            self._page = page
        return page << 8 | self._low_byte(page, wanted & 255)

    def _kind_of(self, page: int) -> int:
        if page == self._page:
            return SAME_PAGE
        if FIRST_IDEOGRAPH_PAGE <= page < FIRST_IDEOGRAPH_PAGE + NUM_IDEOGRAPH_PAGES:
            return IDEOGRAPHS
        return ANY_PAGE if page < NUM_PAGES else HIGH_PAGE

    def _low_byte(self, page: int, wanted: int) -> int:
        """Eight bits, each with counts of what this text had before on this page, so that an alphabet is soon known."""
        counts = self._low_bits.setdefault(page, [1] * 512)
        node = 1
        for shift in range(7, -1, -1):
            zeros, ones = counts[2 * node], counts[2 * node + 1]
            start = TOTAL * zeros // (zeros + ones)
            bit = self._coder.code((0, start, TOTAL), wanted >> shift & 1)
            counts[2 * node + bit] += 2
            node = node << 1 | bit
        return self._done(node & 255)

    def _done(self, symbol: int) -> int:
        self._hash = ((self._hash ^ (symbol + 1)) * FNV_PRIME) & 0xFFFFFFFF
        if self._coder.num_shifts >= self._next_check_bytes:
            self._next_check_bytes += BYTES_PER_CHECK
            self._coder.check(uniform_starts(256), self._hash >> 24)
        return symbol
