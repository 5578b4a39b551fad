"""The files of a folder as the index has them, in the order of their paths: what a gallery shows without a query."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass

from semcodec.ids import Origin
from semcodec.search.hit import Hit
from semcodec.search.index import below
from semcodec.search.store import default_database, open_database
from semcodec.types import Words


@dataclass(frozen=True, slots=True)
class Listing:
    """`num_files`: of the folder in all; `files`: those that were asked for, all with the score 0."""

    num_files: int
    files: list[Hit]


def list_files(
    folder: str | os.PathLike[str],
    *,
    first: int = 0,
    top: int = 100,
    database: str | os.PathLike[str] | None = None,
) -> Listing:
    """At most `top` files below a folder, from the one with the number `first` on. Raises `IndexFileError`."""
    root = below(os.path.realpath(os.fsencode(folder)))
    with open_database(database or default_database()) as connection:
        (num_files,) = connection.execute("SELECT count(*) FROM files WHERE path >= ? AND path < ?", root).fetchone()
        rows = connection.execute(
            "SELECT path, coalesce(text, ''), coalesce(language, 'und'), coalesce(origin, 0), coalesce(phrases, '[]'), "
            "coalesce(phrases_origin, 0) FROM files LEFT JOIN words ON files.words = words.id "
            "WHERE path >= ? AND path < ? ORDER BY path LIMIT ? OFFSET ?",
            (*root, top, first),
        )
        files = [
            Hit(
                os.fsdecode(path),
                Words(text, language, Origin(origin)),
                0.0,
                tuple(json.loads(phrases)),
                Origin(phrases_origin),
            )
            for path, text, language, origin, phrases, phrases_origin in rows
        ]
    return Listing(num_files, files)
