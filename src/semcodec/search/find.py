"""From a few plain words to the files that say them, the best first (bm25).

A query is words and nothing else: each is quoted before the full-text index sees it, so that no operator, column name
or unpaired quote of its query language has a meaning. English endings do not count ("dogs" finds "dog"), nor accents.
An emoji is a word.
"""

from __future__ import annotations

import json
import os
import sqlite3
from dataclasses import dataclass

from semcodec.errors import SemcodecError
from semcodec.ids import Origin
from semcodec.search.store import default_database, has_terms, open_database, terms_of
from semcodec.types import Words

MAX_TERMS = 32
# A word that more than a fifth of all texts have tells nothing in any language, and would cost most of the time. These
# tell nothing in a small index either.
_COMMON_SHARE, _NEVER_COMMON = 5, 200
_LITTLE_WORDS = frozenset("a an and are as at by for from in is it its of on or that the their there to with".split())


class QueryError(SemcodecError, ValueError):
    """There is nothing in the query to look for."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A file that was found. `score`: higher is better; comparable within one answer alone.

    `words` have no text where the file has only regions; `phrases` are those of its regions, each once.
    """

    path: str
    words: Words
    score: float
    phrases: tuple[str, ...] = ()
    phrases_origin: Origin = Origin.HUMAN

    def report(self) -> dict[str, object]:
        """All of it as numbers, strings, lists and dictionaries, for `json.dump`."""
        said = {"phrases": list(self.phrases), "origin": self.phrases_origin.name.lower()} if self.phrases else None
        return {
            "file": self.path,
            "text": self.words.text,
            "language": self.words.language,
            "origin": self.words.origin.name.lower(),
            "score": round(self.score, 6),
            "regions": said,
        }


def search_words(
    query: str, *, top: int = 20, database: str | os.PathLike[str] | None = None, as_typed: bool = False
) -> list[Hit]:
    """The `top` best files. Those with every word of the query (common ones aside) stand before those with some.

    `as_typed`: the last word may be half typed; it finds the words that begin so.

    Raises:
        QueryError: the query has no word. IndexFileError: there is no index, or it cannot be read.
    """
    terms = quoted_terms(query, as_typed=as_typed)
    with open_database(database or default_database()) as connection:
        telling = telling_terms(connection, terms)
        if not telling:
            return hits_of(connection, _unranked(connection, " AND ".join(terms), top), top)
        ranked = ranked_rows(connection, " AND ".join(telling), top)
        if len(ranked) < top and len(telling) > 1:
            have = {words_id for words_id, _ in ranked}
            ranked += [row for row in ranked_rows(connection, " OR ".join(telling), top) if row[0] not in have]
        return hits_of(connection, ranked, top)


def quoted_terms(query: str, *, as_typed: bool = False) -> list[str]:
    """The words of a query, each a string of FTS5 in quotes; `as_typed`: the last one with the sign of a beginning.

    Raises `QueryError` where there is none.
    """
    spaced = [part for part in query.split() if has_terms(part)]
    if not spaced:
        raise QueryError("there is no word in the query; say what to look for")
    if len(spaced) > MAX_TERMS:
        raise QueryError(f"the query has {len(spaced)} words, more than {MAX_TERMS}; ask for fewer")
    spaced = [part for part in spaced if part.lower() not in _LITTLE_WORDS] or spaced
    words = [terms_of(part).encode(errors="replace").decode().replace('"', " ") for part in spaced]
    quoted = [f'"{word}"' for word in words]
    if as_typed and query[-1:].strip():
        quoted[-1] += "*"
    return list(dict.fromkeys(quoted))


def hits_of(connection: sqlite3.Connection, ranked: list[tuple[int, float]], top: int) -> list[Hit]:
    """The first `top` files that have the words of these rows, in their order; files with the same words by path."""
    hits: list[Hit] = []
    for words_id, score in ranked:
        rows = connection.execute(
            "SELECT path, text, language, origin, phrases, phrases_origin FROM files "
            "JOIN words ON files.words = words.id WHERE words.id = ? ORDER BY path LIMIT ?",
            (words_id, top - len(hits)),
        )
        hits += [
            Hit(
                os.fsdecode(path),
                Words(text, language, Origin(origin)),
                score,
                tuple(json.loads(phrases)),
                Origin(phrases_origin or 0),
            )
            for path, text, language, origin, phrases, phrases_origin in rows
        ]
    return hits


def hit_of_file(connection: sqlite3.Connection, file: int, score: float) -> Hit:
    """One file, by its row; without words where it has none."""
    path, text, language, origin, phrases, phrases_origin = connection.execute(
        "SELECT path, coalesce(text, ''), coalesce(language, 'und'), coalesce(origin, 0), coalesce(phrases, '[]'), "
        "coalesce(phrases_origin, 0) FROM files LEFT JOIN words ON files.words = words.id WHERE files.id = ?",
        (file,),
    ).fetchone()
    words = Words(text, language, Origin(origin))
    return Hit(os.fsdecode(path), words, score, tuple(json.loads(phrases)), Origin(phrases_origin))


def hits_together(
    connection: sqlite3.Connection,
    terms: list[str],
    scores: dict[int, float],
    top: int,
    *,
    least: float,
    machines: float = 1.0,
) -> list[Hit]:
    """The `top` best files, by row, of what was found otherwise (`scores`) and by their words: both sums are logarithms
    of likelihoods, so they are added. Without a word of the query a file needs a score above `least`. `machines`: how
    much a machine's words count where there is a score.
    """
    with_words, telling = set(), telling_terms(connection, terms)
    for words_id, score in ranked_rows(connection, " OR ".join(telling), -1) if telling else ():
        for file, origin in connection.execute(
            "SELECT files.id, origin FROM files JOIN words ON files.words = words.id WHERE words.id = ?", (words_id,)
        ):
            counts = machines if file in scores and origin == Origin.MACHINE else 1.0
            scores[file] = scores.get(file, 0.0) + counts * score
            with_words.add(file)
    found = (file for file in scores if file in with_words or scores[file] > least)
    best = sorted(found, key=lambda file: (-scores[file], file))[:top]
    return [hit_of_file(connection, file, scores[file]) for file in best]


def telling_terms(connection: sqlite3.Connection, terms: list[str]) -> list[str]:
    """Without the words that nearly everything has; none, where all are such."""
    most = max(_NEVER_COMMON, (connection.execute("SELECT max(id) FROM words").fetchone()[0] or 0) // _COMMON_SHARE)
    counted = [
        connection.execute(
            "SELECT count(*) FROM (SELECT 1 FROM found WHERE found MATCH ? LIMIT ?)", (term, most + 1)
        ).fetchone()[0]
        for term in terms
    ]
    return [term for term, count in zip(terms, counted, strict=True) if count <= most]


def ranked_rows(connection: sqlite3.Connection, expression: str, top: int) -> list[tuple[int, float]]:
    """Rows of `words`, best first. Each has at least one file, so `top` of them are enough."""
    rows = connection.execute(
        "SELECT rowid, -rank FROM found WHERE found MATCH ? ORDER BY rank, rowid LIMIT ?", (expression, top)
    )
    return rows.fetchall()


def _unranked(connection: sqlite3.Connection, expression: str, top: int) -> list[tuple[int, float]]:
    """The oldest rows: bm25 gives a word that most texts have no weight, and takes 80 ms to say so of 100,000."""
    rows = connection.execute(
        "SELECT rowid, 0.0 FROM found WHERE found MATCH ? ORDER BY rowid LIMIT ?", (expression, top)
    )
    return rows.fetchall()
