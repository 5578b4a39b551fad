"""A region table: how its file is read (`layers.shipped` says which there are).

It holds three models, of steps, phrases and numbers, as the file of
a text table holds its two (`layers.text.table`), and belongs to a text table: its phrases are made of that one's words.

```text
"semcreg1", then the arrays of the three models
```
"""

from __future__ import annotations

import mmap
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from semcodec.errors import UnknownTextTableError, WeightsError
from semcodec.layers.regions.history import (
    NUMBER_BELOW,
    NUMBER_SELECTORS,
    PHRASE_BELOW,
    PHRASE_SELECTORS,
    STEP_BELOW,
    STEP_SELECTORS,
)
from semcodec.layers.shipped import REGION_TABLES, numbers_of, open_table
from semcodec.layers.text.model import SymbolModel
from semcodec.layers.text.table import Arrays, TextTable, load_table, read_model

MAGIC = b"semcreg1"


NEWEST_REGION_TABLE = max(REGION_TABLES)
TEXT_TABLE_OF = {1: 2}  # a region table is fitted to the words of a text table


@dataclass(frozen=True, slots=True, eq=False)
class RegionTable:
    """A table, ready to use."""

    seed: int
    text: TextTable
    tokens: Mapping[str, int]  # of the text table's words
    steps: SymbolModel
    phrases: SymbolModel
    numbers: SymbolModel


@lru_cache(maxsize=2)
def load_region_table(number: int) -> RegionTable:
    """Raises `UnknownTextTableError` for a number that this build does not have."""
    file = REGION_TABLES.get(number)
    if file is None:
        have = numbers_of(REGION_TABLES)
        raise UnknownTextTableError(f"the regions are coded with region table {number}, this build has {have}")
    return parse_region_table(open_table(file), load_table(TEXT_TABLE_OF[number]), seed=file.seed)


def parse_region_table(data: bytes | mmap.mmap, text: TextTable, *, seed: int) -> RegionTable:
    """The table of a file's bytes. These come with the package, so they are trusted."""
    if data[: len(MAGIC)] != MAGIC:
        raise WeightsError("no region table: it does not begin with its magic number")
    arrays = Arrays(data, len(MAGIC))
    stretch, squash = text.words_model.stretch, text.words_model.squash
    steps, phrases, numbers = (
        read_model(arrays, belows, selectors, stretch, squash, has_trace=False)
        for belows, selectors in (
            (STEP_BELOW, STEP_SELECTORS),
            (PHRASE_BELOW, PHRASE_SELECTORS),
            (NUMBER_BELOW, NUMBER_SELECTORS),
        )
    )
    tokens = {word: token for token, word in enumerate(text.words) if word}
    return RegionTable(seed, text, tokens, steps, phrases, numbers)
