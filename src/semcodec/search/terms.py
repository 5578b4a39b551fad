"""The terms of texts, exactly as FTS5 has them: SQLite itself takes the texts apart.

So an index in tables finds what one in SQLite does: words without their endings (Porter), capitals and accents.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Sequence

from semcodec.search.store import TOKENIZER

_MOST = 10_000  # texts that are in memory at the same time


def terms_in(texts: Sequence[str]) -> list[list[str]]:
    """The terms of each text, in their order; texts as `indexed_terms` and `terms_of` give them."""
    found: list[list[str]] = []
    for at in range(0, len(texts), _MOST):
        found += _terms_in(texts[at : at + _MOST])
    return found


def _terms_in(texts: Sequence[str]) -> list[list[str]]:
    found: list[list[str]] = [[] for _ in texts]
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"CREATE VIRTUAL TABLE found USING fts5 (text, content='', tokenize='{TOKENIZER}')")
        connection.execute("CREATE VIRTUAL TABLE terms USING fts5vocab (found, instance)")
        connection.executemany("INSERT INTO found (rowid, text) VALUES (?, ?)", enumerate(texts))
        for row, _, term in connection.execute('SELECT doc, "offset", term FROM terms ORDER BY doc, "offset"'):
            found[row].append(term)
    return found
