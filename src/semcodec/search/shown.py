"""Search by the vectors that files hold of what their pictures show, and by their words, together. No network.

A file's score is the bm25 of its words, and the product of its vector with that of the query, less the mean of that
over all files with a vector: how much likelier these words are said of this picture than of another one. So "a red
bird" finds macaws whose caption says "parrots", and files without any words.

Promise: vectors of different spaces, which is to say of different describers, are never compared. A query is made a
vector of each space that the files of an index have, and meets the files of that space alone; so does a picture.
"""

from __future__ import annotations

import os

import numpy as np
from numpy.typing import NDArray

from semcodec.errors import SemcodecError
from semcodec.file.inspecting import info
from semcodec.ids import MAGIC, VECTOR_SPACES
from semcodec.limits import DEFAULT_LIMITS, Limits
from semcodec.models import Models, default_models
from semcodec.nets.embedder import numbers_of
from semcodec.pictures import as_pixels
from semcodec.search.find import hits_together, query_terms
from semcodec.search.hit import Hit
from semcodec.search.opened import open_index
from semcodec.search.store import IndexFileError, default_database
from semcodec.types import Metadata, Vector

# How much a machine's words count beside a vector, which says again what it saw: on 80 pictures for choosing the
# caption's is among the first 5 for 74.4 % without them, 75.9 with 0.3 of them, 73.8 with all.
MACHINES_WORDS = 0.3
_LEAST_SCORE = 1.0  # of a file without a word of the query: e times as likely as the usual one
_CHUNK = 1 << 16  # vectors that are numbers at the same time: a million would take 256 MB


class NotComparableError(SemcodecError, ValueError):
    """There is no vector to compare, or none of the same space."""


def holds_vectors(*, database: str | os.PathLike[str] | None = None) -> bool:
    """Whether a file of the index has a vector. Raises `IndexFileError` where there is no index."""
    with open_index(database) as index:
        return bool(index.spaces())


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
    terms = query_terms(query, as_typed=as_typed)
    files, scores = [np.empty(0, np.int64)], [np.empty(0, np.float64)]
    with open_index(database) as index:
        for space in index.spaces():
            embedder = (models or default_models()).embedder_of(space)
            wanted_D = None if embedder is None else embedder.query(query)
            if wanted_D is not None:
                files_N, levels_ND = index.vectors(space)
                found_N = _products(levels_ND, wanted_D)
                files.append(files_N)
                scores.append((found_N - found_N.mean()).astype(np.float64))
        return hits_together(
            index,
            terms,
            np.concatenate(files),
            np.concatenate(scores),
            top,
            least=_LEAST_SCORE,
            machines=MACHINES_WORDS,
        )


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
    with open_index(database) as index:
        spaces = index.spaces()
        if not spaces:
            raise IndexFileError(
                f"{os.fspath(database or default_database())}: none of its files has a vector; encode them with "
                "--vector, and index them again"
            )
        if vector.space not in spaces:
            others = " and ".join(VECTOR_SPACES.get(space, f"number {space}") for space in spaces)
            raise NotComparableError(
                f"its vector is of {VECTOR_SPACES.get(vector.space, vector.space)}, those of the index are of "
                f"{others}: vectors of different describers are never compared"
            )
        files_N, levels_ND = index.vectors(vector.space)
        wanted_D = numbers_of(np.frombuffer(vector.levels, np.uint8))
        lengths_N = _lengths(levels_ND) * np.linalg.norm(wanted_D)
        cosines_N = _products(levels_ND, wanted_D) / lengths_N  # (no number is 0)
        best = np.argsort(-cosines_N, kind="stable")[:top]
        return index.hits([(int(files_N[at]), float(cosines_N[at])) for at in best])


def _products(levels_ND: NDArray[np.uint8], wanted_D: NDArray[np.float32]) -> NDArray[np.float32]:
    """(N,)"""
    return np.concatenate([numbers_of(levels_ND[at : at + _CHUNK]) @ wanted_D for at in _starts(levels_ND)])


def _lengths(levels_ND: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.concatenate(
        [np.linalg.norm(numbers_of(levels_ND[at : at + _CHUNK]), axis=1) for at in _starts(levels_ND)]
    )


def _starts(levels_ND: NDArray[np.uint8]) -> range:
    return range(0, len(levels_ND), _CHUNK)
