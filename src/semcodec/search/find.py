"""From a few plain words to the files that say them, the best first (bm25).

A query is words and nothing else. English endings do not count ("dogs" finds "dog"), nor accents. An emoji is a word.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from semcodec.errors import SemcodecError
from semcodec.ids import Origin
from semcodec.search.contract import Term
from semcodec.search.hit import Hit
from semcodec.search.opened import open_index
from semcodec.search.store import has_terms, terms_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from semcodec.search.contract import Index

MAX_TERMS = 32
# A word that more than a fifth of all texts have tells nothing in any language, and would cost most of the time. These
# tell nothing in a small index either.
_COMMON_SHARE, _NEVER_COMMON = 5, 200
_LITTLE_WORDS = frozenset("a an and are as at by for from in is it its of on or that the their there to with".split())


class QueryError(SemcodecError, ValueError):
    """There is nothing in the query to look for."""


def search_words(
    query: str, *, top: int = 20, database: str | os.PathLike[str] | None = None, as_typed: bool = False
) -> list[Hit]:
    """The `top` best files. Those with every word of the query (common ones aside) stand before those with some.

    `database`: a file that `semcodec index` made, or a folder that `semcodec jobs index` did.
    `as_typed`: the last word may be half typed; it finds the words that begin so.

    Raises:
        QueryError: the query has no word. IndexFileError: there is no index, or it cannot be read.
    """
    terms = query_terms(query, as_typed=as_typed)
    with open_index(database) as index:
        telling = telling_terms(index, terms)
        if not telling:
            return index.hits_with(index.first(terms, top), top)
        ranked = index.ranked(telling, top, every=True)
        if len(ranked) < top and len(telling) > 1:
            have = {words for words, _ in ranked}
            ranked += [row for row in index.ranked(telling, top, every=False) if row[0] not in have]
        return index.hits_with(ranked, top)


def query_terms(query: str, *, as_typed: bool = False) -> list[Term]:
    """The words of a query; `as_typed`: the last one is a beginning. Raises `QueryError` where there is none."""
    spaced = [part for part in query.split() if has_terms(part)]
    if not spaced:
        raise QueryError("there is no word in the query; say what to look for")
    if len(spaced) > MAX_TERMS:
        raise QueryError(f"the query has {len(spaced)} words, more than {MAX_TERMS}; ask for fewer")
    spaced = [part for part in spaced if part.lower() not in _LITTLE_WORDS] or spaced
    terms = [Term(terms_of(part).encode(errors="replace").decode().replace('"', " ")) for part in spaced]
    if as_typed and query[-1:].strip():
        terms[-1] = replace(terms[-1], begins=True)
    return list(dict.fromkeys(terms))


def hits_together(
    index: Index,
    terms: list[Term],
    files_N: NDArray[np.int64],
    scores_N: NDArray[np.float64],
    top: int,
    *,
    least: float,
    machines: float = 1.0,
) -> list[Hit]:
    """The `top` best files of what was found otherwise (`scores_N` of `files_N`, each once) and by their words: both
    sums are logarithms of likelihoods, so they are added. Without a word of the query a file needs a score above
    `least`. `machines`: how much a machine's words count where there is a score.
    """
    import numpy as np

    telling = telling_terms(index, terms)
    said = dict(index.ranked(telling, -1, every=False)) if telling else {}
    rows = index.files_with(list(said))
    by_words_M = np.array([file for file, _, _ in rows], np.int64)
    of_words_M = np.array([said[words] for _, words, _ in rows], np.float64)
    by_machine_M = np.array([origin == Origin.MACHINE for _, _, origin in rows], bool)
    of_words_M *= np.where(by_machine_M & np.isin(by_words_M, files_N), machines, 1.0)

    found_K, at = np.unique(np.concatenate([files_N, by_words_M]), return_inverse=True)
    sums_K, has_words_K = np.zeros(len(found_K)), np.zeros(len(found_K), bool)
    sums_K[at[: len(files_N)]] += scores_N
    sums_K[at[len(files_N) :]] += of_words_M
    has_words_K[at[len(files_N) :]] = True
    kept = np.flatnonzero(has_words_K | (sums_K > least))
    best = kept[np.lexsort((found_K[kept], -sums_K[kept]))[:top]]
    return index.hits([(int(found_K[one]), float(sums_K[one])) for one in best])


def telling_terms(index: Index, terms: list[Term]) -> list[Term]:
    """Without the words that nearly everything has; none, where all are such."""
    most = max(_NEVER_COMMON, index.num_words() // _COMMON_SHARE)
    return [term for term in terms if index.count(term, most) <= most]
