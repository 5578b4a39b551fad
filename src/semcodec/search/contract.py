"""What a search asks of an index, wherever that lies: a file of SQLite, or tables.

Rows of words are numbered from 1 on, in the order that breaks ties; so are files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from semcodec.search.hit import Hit


@dataclass(frozen=True, slots=True)
class Term:
    """A word of a query as `terms_of` gives it, or several that stand side by side. `begins`: the last may go on."""

    text: str
    begins: bool = False


class Index(Protocol):
    """Scores are bm25 with k1 1.2 and b 0.75 over whole texts, as FTS5 has it; higher is better."""

    def num_words(self) -> int:
        """How many different texts there are."""
        ...

    def count(self, term: Term, most: int) -> int:
        """How many texts have a term, counted up to one above `most`."""
        ...

    def ranked(self, terms: list[Term], top: int, *, every: bool) -> list[tuple[int, float]]:
        """The `top` best texts (-1: all) with every one of these terms, or with any: (row, score)."""
        ...

    def first(self, terms: list[Term], top: int) -> list[tuple[int, float]]:
        """The first `top` texts with all of these terms, each with the score 0."""
        ...

    def hits_with(self, ranked: list[tuple[int, float]], top: int) -> list[Hit]:
        """The first `top` files that have the words of these rows, in their order; of the same words, by path."""
        ...

    def files_with(self, words: list[int]) -> list[tuple[int, int, int]]:
        """(file, words, their origin) of all files that have any of these words."""
        ...

    def hits(self, files: list[tuple[int, float]]) -> list[Hit]:
        """These files, in their order, each with its score; without words where they have none."""
        ...

    def spaces(self) -> list[int]:
        """The numbers of the spaces that vectors of files lie in."""
        ...

    def vectors(self, space: int) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
        """The files with a vector of this space, ascending, (N,), and their levels, (N, D)."""
        ...
