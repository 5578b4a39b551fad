"""An index in tables, asked by DuckDB: bm25 in SQL, by the very formula of FTS5."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from semcodec.ids import Origin
from semcodec.search.hit import Hit
from semcodec.search.sqlite_index import levels_of
from semcodec.search.store import IndexFileError
from semcodec.search.tables import FILES, TERMS, WORDS, open_duckdb, quoted
from semcodec.search.terms import terms_in
from semcodec.types import Words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from semcodec.search.contract import Term

_K1, _B = 1.2, 0.75
_LEAST_IDF = 1e-6  # of a term that more than half of all texts have
_SILENT = ("", "und", 0, (), 0)  # what a file without words says


@contextlib.contextmanager
def open_tables(folder: Path) -> Iterator[TableIndex]:
    """Raises `IndexFileError`: there are no tables here; MissingExtraError: no DuckDB."""
    missing = [table for table in (FILES, WORDS, TERMS) if not (folder / table).is_file()]
    if missing:
        raise IndexFileError(
            f"{folder}: is no index, {missing[0]} is not there; make one with: semcodec jobs index SRC {folder}"
        )
    with open_duckdb() as connection:
        for table in (FILES, WORDS, TERMS):
            name = table.removesuffix(".parquet")
            connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet({quoted(folder / table)})")
        yield TableIndex(connection)


class TableIndex:
    """What `contract.Index` says."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._num_words, num_terms = self._all("SELECT count(*), coalesce(sum(num_terms), 0) FROM words")[0]
        self._mean_length = num_terms / max(1, self._num_words)

    def num_words(self) -> int:
        return int(self._num_words)

    def count(self, term: Term, most: int) -> int:
        texts, values = _texts_with(term)
        return int(self._all(f"SELECT count(*) FROM (SELECT 1 FROM ({texts}) LIMIT {most + 1})", values)[0][0])

    def ranked(self, terms: list[Term], top: int, *, every: bool) -> list[tuple[int, float]]:
        found, values = _frequencies(terms, every=every)
        # (added up in one order, so that texts that are alike have the same score to the last bit)
        scores = (
            f"{self._idf(term)!r} * (f{at} * {_K1 + 1!r}) / (f{at} + {_K1!r} * ({1 - _B!r} + {_B!r} * num_terms / "
            f"{self._mean_length!r}))"
            for at, term in enumerate(terms)
        )
        limit = "" if top < 0 else f"LIMIT {top}"
        rows: list[tuple[int, float]] = self._all(
            f"SELECT id, {' + '.join(scores)} AS score FROM ({found}) JOIN words USING (id) "
            f"ORDER BY score DESC, id {limit}",
            values,
        )
        return rows

    def first(self, terms: list[Term], top: int) -> list[tuple[int, float]]:
        found, values = _frequencies(terms, every=True)
        return [(words, 0.0) for (words,) in self._all(f"SELECT id FROM ({found}) ORDER BY id LIMIT {top}", values)]

    def hits_with(self, ranked: list[tuple[int, float]], top: int) -> list[Hit]:
        # (each text has a file, so `top` of them are enough)
        ranked = ranked[:top]
        files = self._all(f"SELECT id, words, path FROM files WHERE words IN ({_listed(words for words, _ in ranked)})")
        place = {words: (at, score) for at, (words, score) in enumerate(ranked)}
        best = sorted(files, key=lambda row: (place[row[1]][0], row[2]))[:top]
        return self.hits([(file, place[words][1]) for file, words, _ in best])

    def files_with(self, words: list[int]) -> list[tuple[int, int, int]]:
        rows: list[tuple[int, int, int]] = self._all(
            "SELECT files.id, words.id, origin FROM (SELECT unnest(?::BIGINT[]) AS id) JOIN words USING (id) "
            "JOIN files ON files.words = words.id",
            [words],
        )
        return rows

    def hits(self, files: list[tuple[int, float]]) -> list[Hit]:
        # (numbers in the query itself: where rows are numbered in order, most row groups need not be read)
        rows = self._all(f"SELECT id, path, words FROM files WHERE id IN ({_listed(file for file, _ in files)})")
        said = self._all(
            "SELECT id, text, language, origin, phrases, coalesce(phrases_origin, 0) FROM words "
            f"WHERE id IN ({_listed(words for _, _, words in rows if words is not None)})"
        )
        words_of, row_of = {row[0]: row[1:] for row in said}, {row[0]: row[1:] for row in rows}
        return [_hit(row_of[file][0], words_of.get(row_of[file][1], _SILENT), score) for file, score in files]

    def spaces(self) -> list[int]:
        return [space for (space,) in self._all("SELECT DISTINCT space FROM files WHERE space != 0 ORDER BY space")]

    def vectors(self, space: int) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
        found = self._connection.execute(
            "SELECT id, vector FROM files WHERE space = ? ORDER BY id", [space]
        ).fetchnumpy()
        return found["id"], levels_of(b"".join(found["vector"]), len(found["id"]))

    def _idf(self, term: Term) -> float:
        num_with = self.count(term, self.num_words())
        return max(_LEAST_IDF, math.log((self.num_words() - num_with + 0.5) / (num_with + 0.5)))

    def _all(self, query: str, values: list[Any] | None = None) -> Any:
        return self._connection.execute(query, values or []).fetchall()


def _texts_with(term: Term) -> tuple[str, list[Any]]:
    """SQL for (id, how often) of the texts that have a term, and the values for it. What SQLite's tokenizer takes apart
    is a phrase: its parts stand side by side. What it finds nothing in is in no text.
    """
    parts = terms_in([term.text])[0]
    if not parts:
        return "SELECT 0::BIGINT AS id, 0 AS f WHERE false", []
    wanted = ["term = ?"] * len(parts)
    if term.begins:
        wanted[-1], parts = "starts_with(term, ?) AND term >= ?", [*parts, parts[-1]]
    places = [f"(SELECT words, position FROM terms WHERE {where}) AS t{at}" for at, where in enumerate(wanted)]
    joins = "".join(
        f" JOIN {place} ON t{at}.words = t0.words AND t{at}.position = t0.position + {at}"
        for at, place in enumerate(places[1:], 1)
    )
    return f"SELECT t0.words AS id, count(*) AS f FROM {places[0]}{joins} GROUP BY t0.words", list(parts)


def _frequencies(terms: list[Term], *, every: bool) -> tuple[str, list[Any]]:
    """SQL for (id, f0, f1, ...) of the texts with every one of these terms, or with any, and the values for it."""
    texts = [_texts_with(term) for term in terms]
    together = " UNION ALL ".join(f"SELECT id, f, {at} AS term FROM ({query})" for at, (query, _) in enumerate(texts))
    columns = ", ".join(f"coalesce(max(f) FILTER (term = {at}), 0) AS f{at}" for at in range(len(terms)))
    all_of_them = f"HAVING count(*) = {len(terms)}" if every else ""
    query = f"SELECT id, {columns} FROM ({together}) GROUP BY id {all_of_them}"
    return query, [value for _, values in texts for value in values]


def _listed(numbers: Iterable[int]) -> str:
    return ", ".join(map(str, numbers)) or "NULL"


def _hit(path: str, said: tuple[Any, ...], score: float) -> Hit:
    text, language, origin, phrases, phrases_origin = said
    return Hit(path, Words(text, language, Origin(origin)), score, tuple(phrases or ()), Origin(phrases_origin))
