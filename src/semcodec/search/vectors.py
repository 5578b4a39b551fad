"""Search by what words mean: a vector for each text, and the nearest ones to the query's (extra `search`).

The vectors lie in the same database, 384 numbers of 16 bits each, of length 1. A search compares all of them: 100,000
are 77 MB. The network (all-MiniLM-L6-v2) knows English.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable

import numpy as np

from semcodec.search.find import QueryError
from semcodec.search.hit import Hit
from semcodec.search.sentence_network import NUM_FEATURES, load_network
from semcodec.search.sqlite_index import SqliteIndex
from semcodec.search.store import IndexFileError, default_database, open_database, transaction

_BATCH = 256
_STORED = np.dtype("<f2")


def add_vectors(*, database: str | os.PathLike[str] | None = None, advance: Callable[[int], None] | None = None) -> int:
    """Makes the vectors that are missing, in batches that are each whole or not there. Returns how many.

    Raises:
        MissingExtraError: the extra is not installed. IndexFileError: there is no index, or it cannot be written.
    """
    network = load_network()
    num_added = 0
    with open_database(database or default_database()) as connection:
        while rows := connection.execute(
            "SELECT id, text FROM words WHERE text != '' AND id NOT IN (SELECT words FROM vectors) ORDER BY id LIMIT ?",
            (_BATCH,),
        ).fetchall():
            vectors_NF = network.vectors_of([text for _, text in rows]).astype(_STORED)
            with transaction(connection):
                # (their words may be gone, and another run may have been faster)
                connection.executemany(
                    "INSERT OR IGNORE INTO vectors (words, vector) SELECT id, ? FROM words WHERE id = ?",
                    [(vector.tobytes(), words_id) for (words_id, _), vector in zip(rows, vectors_NF, strict=True)],
                )
            num_added += len(rows)
            if advance is not None:
                advance(num_added)
    return num_added


def search_vectors(query: str, *, top: int = 20, database: str | os.PathLike[str] | None = None) -> list[Hit]:
    """The `top` files whose words are nearest to the query in meaning; `Hit.score` is the cosine, -1 to 1.

    Raises:
        QueryError: the query is empty. MissingExtraError. IndexFileError: no index, or one without vectors.
    """
    if not query.strip():
        raise QueryError("there is no word in the query; say what to look for")
    path = database or default_database()
    with open_database(path) as connection:
        ids, vectors_NF = _all_vectors(connection)
        if not len(ids):
            raise IndexFileError(
                f"{os.fspath(path)}: has no vectors yet; make them with: semcodec index FOLDER --vectors"
            )
        cosines_N = vectors_NF.astype(np.float32) @ load_network().vectors_of([query])[0]
        best = np.argsort(-cosines_N, kind="stable")[:top]
        return SqliteIndex(connection).hits_with([(int(ids[at]), float(cosines_N[at])) for at in best], top)


def _all_vectors(connection: sqlite3.Connection) -> tuple[np.ndarray, np.ndarray]:
    """(N,) of `words`, (N, F)."""
    num_bytes = NUM_FEATURES * _STORED.itemsize
    rows = connection.execute(
        "SELECT words, vector FROM vectors WHERE length(vector) = ? ORDER BY words", (num_bytes,)
    ).fetchall()
    vectors = b"".join(vector for _, vector in rows)
    return (
        np.array([words_id for words_id, _ in rows], np.int64),
        np.frombuffer(vectors, _STORED).reshape(len(rows), NUM_FEATURES),
    )
