"""A text table: how its file is read (`layers.shipped` says which there are).

The file is a list of integer
arrays, little-endian, used in place as memory views: nothing is parsed but the words and the few thousand fitted
numbers.

```text
"semctxt", the layout, then arrays: bytes of an item (u8: 1, 2, 4, 8), signed (u8), two zeros, number of items (u32),
items, and zeros to a multiple of 4
        or: four zeros, and where the array begins in the file of the table's base (u32)
```

Tables of the same counts share them in this way: a table names those arrays of its base that it would repeat.
"""

from __future__ import annotations

import mmap
import sys
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from semcodec.errors import UnknownTextTableError, WeightsError
from semcodec.layers.shipped import TEXT_TABLES, numbers_of, open_table
from semcodec.layers.text.heads import HEADS, Head
from semcodec.layers.text.history import CHAR_BELOW, CHAR_SELECTORS, WORD_BELOW, WORD_SELECTORS, classes_of
from semcodec.layers.text.model import Component, Fit, SymbolModel
from semcodec.layers.text.trace import TraceTables

TYPE_CHECKING = False  # type checkers take it as true; importing typing would cost `info` 3 ms
if TYPE_CHECKING:
    from typing import Literal

MAGIC = b"semctxt"  # then the layout, a digit: 1 has no trace
SPLITTER = "\0"  # between the words of a table; no word has it
SHARED = 0  # in the place of an item's bytes
NEWEST_TABLE = max(TEXT_TABLES)


@dataclass(frozen=True, slots=True)
class TextTable:
    """A table, ready to use."""

    seed: int
    head: Head
    words: tuple[str, ...]  # what each token adds to the text; "" for `end`, `spell`, `cap`
    end: int
    spell: int
    cap: int
    is_topic: Sequence[int]
    classes: Sequence[int]
    words_model: SymbolModel
    chars: tuple[str, ...]  # "" for `char_end`, `char_raw`
    char_end: int
    char_raw: int
    char_space: int
    chars_model: SymbolModel


@lru_cache(maxsize=4)
def load_table(number: int) -> TextTable:
    """Raises `UnknownTextTableError` for a number that this build does not have."""
    file = TEXT_TABLES.get(number)
    if file is None:
        have = numbers_of(TEXT_TABLES)
        raise UnknownTextTableError(f"the words are coded with text table {number}, this build has {have}")
    base = open_table(file.base) if file.base is not None else b""
    return parse_table(open_table(file), seed=file.seed, base=base)


def parse_table(data: bytes | mmap.mmap, *, seed: int, base: bytes | mmap.mmap = b"") -> TextTable:
    """The table of a file's bytes, and of its base's. These come with the package, so they are trusted."""
    layout = data[len(MAGIC)] - ord("0") if data[: len(MAGIC)] == MAGIC else 0
    if layout not in HEADS:
        raise WeightsError("no text table: it does not begin with its magic number")
    arrays = Arrays(data, len(MAGIC) + 1, base)
    end, spell, cap, char_end, char_raw, char_space = arrays.next()
    words = bytes(arrays.next()).decode().split(SPLITTER)
    is_topic = arrays.next()
    chars = bytes(arrays.next()).decode().split(SPLITTER)
    stretch, squash = list(arrays.next()), list(arrays.next())
    words_model = read_model(arrays, WORD_BELOW, WORD_SELECTORS, stretch, squash, has_trace=layout > 1)
    chars_model = read_model(arrays, CHAR_BELOW, CHAR_SELECTORS, stretch, squash, has_trace=False)
    return TextTable(
        seed=seed,
        head=HEADS[layout],
        words=tuple(words),
        end=end,
        spell=spell,
        cap=cap,
        is_topic=is_topic,
        classes=classes_of(words_model.base_cum),
        words_model=words_model,
        chars=tuple(chars),
        char_end=char_end,
        char_raw=char_raw,
        char_space=char_space,
        chars_model=chars_model,
    )


def read_model(
    arrays: Arrays,
    belows: tuple[int, ...],
    selectors: tuple[tuple[int, ...], ...],
    stretch: Sequence[int],
    squash: Sequence[int],
    *,
    has_trace: bool,
) -> SymbolModel:
    base_cum = list(arrays.next())
    components = tuple(Component(below, *(arrays.next() for _ in range(4))) for below in belows)
    num_columns = len(components) + 1 + has_trace
    discounts, strengths, weights = (list(arrays.next()) for _ in range(3))
    selector_rows = tuple(_rows(arrays.next(), num_columns) for _ in selectors)
    nodes = arrays.next()
    no_node_row, *node_rows = _rows(arrays.next(), num_columns)
    fit = Fit(
        discounts=discounts,
        strengths=strengths,
        weights=weights,
        selectors=selectors,
        selector_rows=selector_rows,
        node_rows=dict(zip(nodes, node_rows, strict=True)),
        no_node_row=no_node_row,
    )
    trace = None
    if has_trace:
        trace = TraceTables(*(arrays.next() for _ in range(8)))
    return SymbolModel(base_cum, components, fit, stretch, squash, trace)


def _rows(items: Sequence[int], num_columns: int) -> list[list[int]]:
    return [list(items[at : at + num_columns]) for at in range(0, len(items), num_columns)]


# Of `memoryview.cast` and `array`.
_ITEM_LETTERS: Mapping[tuple[int, int], Literal["B", "H", "I", "Q", "b", "h", "i", "q"]] = {
    (1, 0): "B", (2, 0): "H", (4, 0): "I", (8, 0): "Q", (1, 1): "b", (2, 1): "h", (4, 1): "i", (8, 1): "q",
}  # fmt: skip


class Arrays:
    """The arrays of a table file, one after the other; those that it only names are in `base`."""

    def __init__(self, data: bytes | mmap.mmap, at: int, base: bytes | mmap.mmap = b"") -> None:
        self._view, self._at, self._base = memoryview(data), at, memoryview(base)

    def next(self) -> Sequence[int]:
        if self._view[self._at] == SHARED:
            items, _ = _array(self._base, int.from_bytes(self._view[self._at + 4 : self._at + 8], "little"))
            self._at += 8
        else:
            items, self._at = _array(self._view, self._at)
        return items


def _array(view: memoryview, at: int) -> tuple[Sequence[int], int]:
    """The array that begins there, and where it ends."""
    item_bytes, signed = view[at], view[at + 1]
    num_bytes = int.from_bytes(view[at + 4 : at + 8], "little") * item_bytes
    end = at + 8 + num_bytes + (-num_bytes & 3)
    letter = _ITEM_LETTERS[item_bytes, signed]
    items = view[at + 8 : at + 8 + num_bytes]
    if sys.byteorder == "little":
        return items.cast(letter), end
    swapped = array(letter, bytes(items))
    swapped.byteswap()
    return swapped, end
