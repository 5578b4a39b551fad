"""An index as tables in Parquet, for millions of files: made by `semcodec jobs index`, asked by DuckDB where they lie.

```text
files.parquet     a file: id, path, sha256, bytes, which words it has, its regions, vector and that one's space, problem
words.parquet     each text once, however many files have it: id, key, text, language, origin, phrases, how many terms
terms.parquet     where each term stands: term, words, position; sorted by term, so that a search reads little of it
```

Rows of files and words are numbered by path, which settles ties between equal scores.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from semcodec.extras import require
from semcodec.search.store import IndexFileError, indexed_terms
from semcodec.search.terms import terms_in

FILES, WORDS, TERMS = "files.parquet", "words.parquet", "terms.parquet"
_BATCH = 50_000
_ROW_GROUP = 100_000


@contextlib.contextmanager
def open_duckdb(scratch: Path | None = None) -> Iterator[Any]:
    """A DuckDB in memory; what does not fit lies in `scratch`. Its errors become `IndexFileError`."""
    duckdb = require("duckdb", extra="jobs")
    try:
        with contextlib.closing(duckdb.connect()) as connection:
            connection.execute("SET enable_progress_bar = false")  # (stdout is for data)
            if scratch is not None:
                connection.execute(f"SET temp_directory = {quoted(scratch / '.scratch')}")
            yield connection
    except duckdb.Error as exc:
        raise IndexFileError(f"the tables cannot be used: {' '.join(str(exc).split())}") from exc


def make_tables(rows: str, folder: Path, advance: Callable[[int], None] | None = None) -> int:
    """Tables in `folder`, of the rows that `semcodec jobs index` has written (`rows`, a pattern of Parquet files).

    Tables that are there are replaced when all new ones are whole. Returns how many files there are. Raises
    `IndexFileError`, OSError.
    """
    # (hidden, until all are whole)
    new = {table: folder / f".{table}" for table in (FILES, WORDS, TERMS)}
    terms, lengths = folder / ".places.parquet", folder / ".lengths.parquet"
    with open_duckdb(folder) as connection:
        connection.execute(f"CREATE VIEW made AS SELECT * FROM read_parquet({quoted(rows)})")
        connection.execute(
            "CREATE TABLE known AS SELECT row_number() OVER (ORDER BY first) AS id, * FROM (SELECT words_key AS key, "
            "min(name) AS first, any_value(words) AS text, any_value(language) AS language, any_value(origin) AS "
            "origin, any_value(phrases) AS phrases, any_value(phrases_origin) AS phrases_origin FROM made "
            "WHERE words_key IS NOT NULL GROUP BY words_key)"
        )
        _write_terms(connection, terms, lengths, advance)
        copy(connection, f"SELECT * FROM {quoted(terms)} ORDER BY term, words, position", new[TERMS])
        copy(
            connection,
            "SELECT known.id, key, text, language, origin, phrases, phrases_origin, num_terms FROM known "
            f"JOIN {quoted(lengths)} AS lengths ON lengths.id = known.id ORDER BY known.id",
            new[WORDS],
        )
        copy(
            connection,
            "SELECT row_number() OVER (ORDER BY name) AS id, name AS path, sha256, source_bytes AS num_bytes, "
            "known.id AS words, regions, coalesce(vector_space, 0) AS space, vector, coalesce(damage[1], error) AS "
            "problem FROM made LEFT JOIN known ON known.key = made.words_key ORDER BY name",
            new[FILES],
        )
        count: int = connection.execute(f"SELECT count(*) FROM {quoted(new[FILES])}").fetchone()[0]
    for made in (terms, lengths):
        made.unlink()
    for table, made in new.items():
        made.replace(folder / table)
    return count


def _write_terms(connection: Any, terms: Path, lengths: Path, advance: Callable[[int], None] | None) -> None:
    """Where each term of each text stands, unsorted, and how many terms each text has."""
    arrow, parquet = require("pyarrow", extra="jobs"), require("pyarrow.parquet", extra="jobs")
    places = arrow.schema([("term", arrow.string()), ("words", arrow.int64()), ("position", arrow.int32())])
    counts = arrow.schema([("id", arrow.int64()), ("num_terms", arrow.int32())])
    num_done = 0
    with parquet.ParquetWriter(terms, places) as all_places, parquet.ParquetWriter(lengths, counts) as all_counts:
        while found := connection.execute(
            f"SELECT id, text, phrases FROM known WHERE id > {num_done} AND id <= {num_done + _BATCH} ORDER BY id"
        ).fetchall():
            said = terms_in([indexed_terms(text or "", phrases or []) for _, text, phrases in found])
            at = [(words, place) for (words, _, _), one in zip(found, said, strict=True) for place in range(len(one))]
            columns = [
                [term for one in said for term in one],
                [words for words, _ in at],
                [place for _, place in at],
            ]
            all_places.write_table(arrow.table(columns, schema=places))
            all_counts.write_table(arrow.table([[words for words, _, _ in found], list(map(len, said))], schema=counts))
            num_done += len(found)
            if advance is not None:
                advance(num_done)


def copy(connection: Any, query: str, path: Path) -> None:
    connection.execute(
        f"COPY ({query}) TO {quoted(path)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_ROW_GROUP})"
    )


def quoted(text: str | Path) -> str:
    """As a string of SQL."""
    return "'" + str(text).replace("'", "''") + "'"
