"""Search by the vectors that files hold of what their pictures show, and by their words, together. No network.

A file's score is the bm25 of its words, and the product of its vector with that of the query, less the mean of that
over all files with a vector: how much likelier these words are said of this picture than of another one. So "a red
bird" finds macaws whose caption says "parrots", and files without any words.

Promise: vectors of different spaces, which is to say of different describers, are never compared. A query is made a
vector of each space that the files of an index have, and meets the files of that space alone; so does a picture.
"""

from __future__ import annotations

import os
import sqlite3

import numpy as np
from numpy.typing import NDArray

from semcodec.errors import SemcodecError
from semcodec.file.inspecting import info
from semcodec.ids import MAGIC, VECTOR_SPACES
from semcodec.limits import DEFAULT_LIMITS, Limits
from semcodec.models import Models, default_models
from semcodec.nets.embedder import numbers_of
from semcodec.pictures import as_pixels
from semcodec.search.find import Hit, hit_of_file, hits_together, quoted_terms
from semcodec.search.store import IndexFileError, default_database, has_shown, open_database
from semcodec.types import Metadata, Vector

# How much a machine's words count beside a vector, which says again what it saw: on 80 pictures for choosing the
# caption's is among the first 5 for 74.4 % without them, 75.9 with 0.3 of them, 73.8 with all.
MACHINES_WORDS = 0.3
_LEAST_SCORE = 1.0  # of a file without a word of the query: e times as likely as the usual one
_JOINED = "files JOIN shown ON shown.path = files.path AND shown.mtime_ns = files.mtime_ns AND shown.num_bytes = " \
    "files.num_bytes"  # fmt: skip


class NotComparableError(SemcodecError, ValueError):
    """There is no vector to compare, or none of the same space."""


def holds_vectors(*, database: str | os.PathLike[str] | None = None) -> bool:
    """Whether a file of the index has a vector. Raises `IndexFileError` where there is no index."""
    with open_database(database or default_database()) as connection:
        return bool(_spaces_in(connection))


def search_shown(
    query: str,
    *,
    top: int = 20,
    database: str | os.PathLike[str] | None = None,
    models: Models | None = None,
    as_typed: bool = False,
) -> list[Hit]:
    """The `top` files by their words and by their vectors, together; those without a vector by their words.

    `as_typed`: the last word may be half typed; it finds the words that begin so.

    Raises:
        QueryError: the query has no word. IndexFileError: there is no index.
    """
    terms = quoted_terms(query, as_typed=as_typed)
    scores: dict[int, float] = {}
    with open_database(database or default_database()) as connection:
        for space in _spaces_in(connection):
            embedder = (models or default_models()).embedder_of(space)
            wanted_D = None if embedder is None else embedder.query(query)
            if wanted_D is not None:
                files, numbers_ND = _vectors_of(connection, space)
                found_N = numbers_ND @ wanted_D
                scores |= dict(zip(files, (found_N - found_N.mean()).tolist(), strict=True))
        return hits_together(connection, terms, scores, top, least=_LEAST_SCORE, machines=MACHINES_WORDS)


def vector_of(data: bytes, *, name: str, limits: Limits = DEFAULT_LIMITS, models: Models | None = None) -> Vector:
    """That of a .semc file, or of what the describer sees in a picture file. `name` stands in errors.

    Raises:
        NotComparableError: a .semc file without a vector that this build knows. PictureError, FormatError, LimitError:
        it cannot be read. WeightsError: of a picture, where there is no describer, or no embedder for it.
    """
    if data.startswith(MAGIC):
        found = info(data, limits=limits).vector
        if found is None:
            raise NotComparableError(
                f"{name}: has no vector; encode it with --vector, or give the picture that it was made from"
            )
        return found
    models = models or default_models()
    describer, embedder = models.describer(), models.embedder()
    image_HWC = as_pixels(data, limits=limits, given=Metadata()).image_HWC
    return embedder.vector_of(describer.see(image_HWC), describer.vocabulary)


def search_like(vector: Vector, *, top: int = 20, database: str | os.PathLike[str] | None = None) -> list[Hit]:
    """The `top` files whose pictures are most like one of this vector; `Hit.score` is the cosine, -1 to 1.

    Raises:
        NotComparableError: the index has vectors of other spaces alone. IndexFileError: no index, or one without any.
    """
    path = database or default_database()
    with open_database(path) as connection:
        spaces = _spaces_in(connection)
        if not spaces:
            raise IndexFileError(
                f"{os.fspath(path)}: none of its files has a vector; encode them with --vector, and index them again"
            )
        if vector.space not in spaces:
            others = " and ".join(VECTOR_SPACES.get(space, f"number {space}") for space in spaces)
            raise NotComparableError(
                f"its vector is of {VECTOR_SPACES.get(vector.space, vector.space)}, those of the index are of "
                f"{others}: vectors of different describers are never compared"
            )
        files, numbers_ND = _vectors_of(connection, vector.space)
        wanted_D = numbers_of(np.frombuffer(vector.levels, np.uint8))
        lengths_N = np.linalg.norm(numbers_ND, axis=1) * np.linalg.norm(wanted_D)
        cosines_N = numbers_ND @ wanted_D / lengths_N  # (no number is 0)
        best = np.argsort(-cosines_N, kind="stable")[:top]
        return [hit_of_file(connection, files[at], float(cosines_N[at])) for at in best]


def _spaces_in(connection: sqlite3.Connection) -> list[int]:
    if not has_shown(connection):
        return []
    return [
        space for (space,) in connection.execute(f"SELECT DISTINCT space FROM {_JOINED} WHERE space ORDER BY space")
    ]


def _vectors_of(connection: sqlite3.Connection, space: int) -> tuple[list[int], NDArray[np.float32]]:
    """The rows of files with a vector of this space, and its numbers, (N, D)."""
    rows = connection.execute(f"SELECT files.id, vector FROM {_JOINED} WHERE space = ? ORDER BY files.id", (space,))
    files, vectors = zip(*rows.fetchall(), strict=True)
    bytes_NB = np.frombuffer(b"".join(vectors), np.uint8).reshape(len(files), -1)
    levels_ND = np.stack([bytes_NB >> 4, bytes_NB & 15], -1).reshape(len(files), -1)
    return list(files), numbers_of(levels_ND)
