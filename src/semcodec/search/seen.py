"""Search by what the describer sees in the pictures, and by the words of their files, together.

`look_at_pictures` decodes each picture once and keeps which words the describer may say of it, and how likely each is:
64 words in 256 bytes. What it would say comes from the whole of its beam: a file whose caption has "parrots" is found
by "bird" too.

A file's score is the bm25 of its words, and for each word of the query that the describer knows the logarithm of its
chance there, less the mean of that over all files. So a word that every picture may show tells nothing.

Promise: what one describer saw is never compared with what another one saw. Each row names its describer, down to the
hash of the networks; a search asks the one that is open now, and finds only its rows.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from semcodec.errors import SemcodecError
from semcodec.extractors.words import WordsExtractor
from semcodec.limits import DEFAULT_LIMITS, Limits
from semcodec.models import Models, default_models
from semcodec.options import PaintOptions
from semcodec.painting import paint
from semcodec.search.find import hits_together, query_terms
from semcodec.search.hit import Hit
from semcodec.search.index import below
from semcodec.search.sqlite_index import SqliteIndex
from semcodec.search.store import IndexFileError, default_database, has_seen, make_seen, open_database, transaction
from semcodec.zoo.catalog import shipped

MOST_WORDS = 64
_LEAST_CHANCE = 1e-3  # of a word that is not among these
_LEAST_SCORE = 0.01  # of a picture that is shown without a word of the query
_STORED = np.dtype([("word", "<u2"), ("chance", "<u2")])
_FULL = 65535  # a chance of 1
_BATCH = 16


def look_at_pictures(
    folder: str | os.PathLike[str],
    *,
    database: str | os.PathLike[str] | None = None,
    limits: Limits = DEFAULT_LIMITS,
    advance: Callable[[int], None] | None = None,
    models: Models | None = None,
) -> int:
    """Looks at the pictures of the indexed files below the folder that this describer has not seen as they are now, in
    batches that are each whole or not there. Returns how many.

    Of a file that shows no picture nothing is seen; it is not tried again until it changes.

    Raises:
        IndexFileError: there is no index, or it cannot be written. WeightsError: there is no describer.
    """
    models = models or default_models()
    describer, identity = models.describer(), identity_of_describer(models)
    num_seen = 0
    with open_database(database or default_database()) as connection:
        make_seen(connection)
        new = iter(_not_seen(connection, below(os.path.realpath(os.fsencode(folder))), identity))
        while batch := list(islice(new, _BATCH)):
            rows = [
                (path, mtime_ns, num_bytes, identity, _words_seen(path, describer, limits, models))
                for path, mtime_ns, num_bytes in batch
            ]
            with transaction(connection):
                connection.executemany("INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?, ?)", rows)
            num_seen += len(batch)
            if advance is not None:
                advance(num_seen)
        with transaction(connection):
            connection.execute("DELETE FROM seen WHERE path NOT IN (SELECT path FROM files)")
    return num_seen


def search_seen(
    query: str, *, top: int = 20, database: str | os.PathLike[str] | None = None, models: Models | None = None
) -> list[Hit]:
    """The `top` files by their words and by what the describer saw, together.

    Raises:
        QueryError: the query has no word. IndexFileError: there is no index, or this describer has seen none of its
            pictures. WeightsError: there is no describer.
    """
    models = models or default_models()
    terms, path = query_terms(query), database or default_database()
    with open_database(path) as connection:
        seen = list(_seen_by(connection, identity_of_describer(models)))
        if not seen:
            raise IndexFileError(
                f"{os.fspath(path)}: its pictures were not looked at by this describer; look with: semcodec index "
                "FOLDER --pictures"
            )
        files_N = np.array([file for file, _ in seen], np.int64)
        index = SqliteIndex(connection)
        return hits_together(index, terms, files_N, _scores(query, seen, models), top, least=_LEAST_SCORE)


def identity_of_describer(models: Models) -> str:
    """Raises `WeightsError`."""
    package = models.package("describer")
    if package is None:
        raise shipped().missing("describer")
    return package.identity


def _not_seen(connection: sqlite3.Connection, ends: tuple[bytes, bytes], identity: str) -> list[tuple[bytes, int, int]]:
    """Path, time and size of the files below a folder whose picture this describer has not seen."""
    return connection.execute(
        "SELECT path, mtime_ns, num_bytes FROM files WHERE path >= ? AND path < ? AND NOT EXISTS (SELECT 1 FROM seen "
        "WHERE seen.path = files.path AND seen.mtime_ns = files.mtime_ns AND seen.num_bytes = files.num_bytes "
        "AND describer = ?) ORDER BY path",
        (*ends, identity),
    ).fetchall()


def _words_seen(path: bytes, describer: WordsExtractor, limits: Limits, models: Models) -> bytes:
    """The numbers of words and their chances; empty where there is no picture to see."""
    try:
        image_HWC = paint(
            Path(os.fsdecode(path)), options=PaintOptions(invent=False, limits=limits), models=models
        ).image_HWC
    except (SemcodecError, OSError):
        return b""
    likely = [(word, round(chance * _FULL)) for word, chance in describer.likely(image_HWC, most=MOST_WORDS)]
    return np.array(likely, _STORED).tobytes()


def _seen_by(connection: sqlite3.Connection, identity: str) -> Iterator[tuple[int, bytes]]:
    """(file, words) of the files that are as this describer saw them."""
    if has_seen(connection):
        yield from connection.execute(
            "SELECT files.id, seen.words FROM files JOIN seen ON seen.path = files.path AND seen.mtime_ns = "
            "files.mtime_ns AND seen.num_bytes = files.num_bytes WHERE describer = ? AND seen.words != x'' "
            "ORDER BY files.id",
            (identity,),
        )


def _scores(query: str, seen: list[tuple[int, bytes]], models: Models) -> NDArray[np.float64]:
    """(N,), what was seen of each file for the query."""
    vocabulary = [word.strip().lower() for word in models.describer().vocabulary.words]
    known = np.frombuffer(b"".join(words for _, words in seen), _STORED)
    of_file = np.repeat(np.arange(len(seen)), [len(words) // _STORED.itemsize for _, words in seen])
    scores_N = np.zeros(len(seen))
    for asked in set(re.findall(r"\w+", query.lower())):
        numbers = [number for number, word in enumerate(vocabulary) if word == asked]
        here = np.isin(known["word"], numbers)
        chances_N = np.full(len(seen), _LEAST_CHANCE)
        np.maximum.at(chances_N, of_file[here], known["chance"][here] / _FULL)
        logs_N = np.log(chances_N)
        scores_N += logs_N - logs_N.mean()
    return scores_N
