"""The region tables: which there are, and how their file is read.

A table is named in a file by its number, for ever. It holds three models, of steps, phrases and numbers, as the file of
a text table holds its two (`layers.text.table`), and belongs to a text table: its phrases are made of that one's words.

```text
"semcreg1", then the arrays of the three models
```
"""

from __future__ import annotations

import os
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
from semcodec.layers.text.model import SymbolModel
from semcodec.layers.text.table import Arrays, TextTable, load_table, read_model

MAGIC = b"semcreg1"


@dataclass(frozen=True, slots=True)
class RegionTableFile:
    """Where a table is and what it must be."""

    name: str
    num_bytes: int
    seed: int  # first 4 bytes of the file's SHA-256, the seed of the checks (a test compares)
    text_table: int


# Append only: what a number means never changes.
REGION_TABLES = {1: RegionTableFile("1.bin", 497556, 0x2B84C9AE, 2)}
NEWEST_REGION_TABLE = max(REGION_TABLES)


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
        have = ", ".join(map(str, sorted(REGION_TABLES)))
        raise UnknownTextTableError(f"the regions are coded with region table {number}, this build has {have}")
    path = os.path.join(os.path.dirname(__file__), "tables", file.name)
    try:
        with open(path, "rb") as table_file:
            data = table_file.read()
    except OSError as exc:
        raise WeightsError(f"region table {number} is absent ({exc}): reinstall semcodec") from exc
    if len(data) != file.num_bytes:
        raise WeightsError(
            f"region table {number} ({path}) has {len(data)} bytes, not {file.num_bytes}: reinstall semcodec"
        )
    return parse_region_table(data, load_table(file.text_table), seed=file.seed)


def parse_region_table(data: bytes, text: TextTable, *, seed: int) -> RegionTable:
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
