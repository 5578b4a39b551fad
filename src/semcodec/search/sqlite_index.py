"""An index in a file of SQLite, whose full-text search (FTS5) ranks: one machine, updated in place."""

from __future__ import annotations

import json
import os
import sqlite3
from typing import TYPE_CHECKING, Any

from semcodec.ids import Origin
from semcodec.search.hit import Hit
from semcodec.search.store import has_shown
from semcodec.types import Words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from semcodec.search.contract import Term

_SAID = "path, coalesce(text, ''), coalesce(language, 'und'), coalesce(origin, 0), coalesce(phrases, '[]'), " \
    "coalesce(phrases_origin, 0)"  # fmt: skip
_SHOWN = "files JOIN shown ON shown.path = files.path AND shown.mtime_ns = files.mtime_ns AND shown.num_bytes = " \
    "files.num_bytes"  # fmt: skip


class SqliteIndex:
    """What `contract.Index` says."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def num_words(self) -> int:
        return self._connection.execute("SELECT max(id) FROM words").fetchone()[0] or 0

    def count(self, term: Term, most: int) -> int:
        found: int = self._connection.execute(
            "SELECT count(*) FROM (SELECT 1 FROM found WHERE found MATCH ? LIMIT ?)", (_quoted(term), most + 1)
        ).fetchone()[0]
        return found

    def ranked(self, terms: list[Term], top: int, *, every: bool) -> list[tuple[int, float]]:
        rows = self._connection.execute(
            "SELECT rowid, -rank FROM found WHERE found MATCH ? ORDER BY rank, rowid LIMIT ?",
            (_expression(terms, every=every), top),
        )
        return rows.fetchall()

    def first(self, terms: list[Term], top: int) -> list[tuple[int, float]]:
        # (bm25 gives a word that most texts have no weight, and takes 80 ms to say so of 100,000)
        rows = self._connection.execute(
            "SELECT rowid, 0.0 FROM found WHERE found MATCH ? ORDER BY rowid LIMIT ?",
            (_expression(terms, every=True), top),
        )
        return rows.fetchall()

    def hits_with(self, ranked: list[tuple[int, float]], top: int) -> list[Hit]:
        found: list[Hit] = []
        for words, score in ranked:
            if len(found) == top:
                break
            rows = self._connection.execute(
                f"SELECT {_SAID} FROM files JOIN words ON files.words = words.id WHERE words.id = ? "
                "ORDER BY path LIMIT ?",
                (words, top - len(found)),
            )
            found += [_hit(row, score) for row in rows]
        return found

    def files_with(self, words: list[int]) -> list[tuple[int, int, int]]:
        found: list[tuple[int, int, int]] = []
        for row in words:
            found += self._connection.execute(
                "SELECT files.id, words.id, origin FROM files JOIN words ON files.words = words.id WHERE words.id = ?",
                (row,),
            )
        return found

    def hits(self, files: list[tuple[int, float]]) -> list[Hit]:
        query = f"SELECT {_SAID} FROM files LEFT JOIN words ON files.words = words.id WHERE files.id = ?"
        return [_hit(self._connection.execute(query, (file,)).fetchone(), score) for file, score in files]

    def spaces(self) -> list[int]:
        if not has_shown(self._connection):
            return []
        rows = self._connection.execute(f"SELECT DISTINCT space FROM {_SHOWN} WHERE space ORDER BY space")
        return [space for (space,) in rows]

    def vectors(self, space: int) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
        import numpy as np

        rows = self._connection.execute(
            f"SELECT files.id, vector FROM {_SHOWN} WHERE space = ? ORDER BY files.id", (space,)
        ).fetchall()
        return np.array([file for file, _ in rows], np.int64), levels_of(b"".join(data for _, data in rows), len(rows))


def levels_of(data: bytes, count: int) -> NDArray[np.uint8]:
    """The levels of vectors as files have them, two in a byte: (N, D)."""
    import numpy as np

    bytes_NB = np.frombuffer(data, np.uint8).reshape(count, -1)
    return np.stack([bytes_NB >> 4, bytes_NB & 15], -1).reshape(count, -1)


def _expression(terms: list[Term], *, every: bool) -> str:
    return (" AND " if every else " OR ").join(map(_quoted, terms))


def _quoted(term: Term) -> str:
    """A string of FTS5, so that no operator, column name or unpaired quote of its language has a meaning."""
    return f'"{term.text}"' + ("*" if term.begins else "")


def _hit(row: tuple[Any, ...], score: float) -> Hit:
    path, text, language, origin, phrases, phrases_origin = row
    words = Words(text, language, Origin(origin))
    return Hit(os.fsdecode(path), words, score, tuple(json.loads(phrases)), Origin(phrases_origin))
