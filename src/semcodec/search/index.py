"""A folder's words, and the vectors of its files, into the database.

Promises
1. A file whose time and size are those of the last run is not opened, unless it was damaged then. Words that are known
   from another file, or from before, are not decoded again.
2. What is written is written in batches, each whole or not at all: an interrupted run is resumed by running it again.
   Two runs at once do no harm.
3. Files that are gone disappear from the index; those below a folder that could not be listed stay.
4. A damaged file is listed with its problem; the words that could be read of it are indexed all the same.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from semcodec.limits import DEFAULT_LIMITS, Limits
from semcodec.search.said import Said, said_by, vector_in
from semcodec.search.store import (
    IndexFileError,
    default_database,
    indexed_terms,
    make_shown,
    open_database,
    transaction,
)
from semcodec.search.words import CodedWords, read_coded_words
from semcodec.types import Words

SUFFIX = b".semc"
_BATCH = 8192  # texts that are decoded side by side; an interruption loses that many at most


@dataclass(slots=True)
class Tally:
    """What a run found. Files are those below the folder; `num_bytes_read` counts this run alone.

    `damaged`: (path, what is wrong) of every file below the folder that cannot be read whole, by path.
    """

    num_files: int = 0
    num_unchanged: int = 0
    num_read: int = 0
    num_removed: int = 0
    num_without_words: int = 0
    num_bytes: int = 0
    num_bytes_read: int = 0
    damaged: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Found:
    """A file that is to be read."""

    path: bytes
    mtime_ns: int
    num_bytes: int


def index_folder(
    folder: str | os.PathLike[str],
    *,
    database: str | os.PathLike[str] | None = None,
    limits: Limits = DEFAULT_LIMITS,
    advance: Callable[[int], None] | None = None,
    links: bool = True,
) -> Tally:
    """Reads the words of all .semc files below `folder` into the database (None: the user's own).

    Hidden files and folders are not looked at, links to folders are not followed; links to files are, unless `links` is
    False. `advance` is called with the number of files read so far, after each batch.

    Raises:
        IndexFileError: no such folder, or a database that cannot be used.
    """
    root = os.path.realpath(os.fsencode(folder))
    if not os.path.isdir(root):
        raise IndexFileError(f"{os.fspath(folder)}: is not a folder")
    tally = Tally()
    with open_database(database or default_database(), create=True) as connection:
        make_shown(connection)
        known = {
            bytes(path): (mtime_ns, num_bytes)
            for path, mtime_ns, num_bytes in connection.execute(
                "SELECT path, iif(problem IS NULL AND shown.mtime_ns = files.mtime_ns AND shown.num_bytes = "
                "files.num_bytes, files.mtime_ns, -1), files.num_bytes FROM files LEFT JOIN shown USING (path) "
                "WHERE path >= ? AND path < ?",
                below(root),
            )
        }
        unlisted: list[tuple[bytes, str]] = []
        changed = _changed_files(root, known, unlisted, tally, links=links)
        while batch := list(islice(changed, _BATCH)):
            _write_batch(connection, batch, limits, tally)
            if advance is not None:
                advance(tally.num_read)
        _remove(connection, [path for path in known if not any(path.startswith(at) for at, _ in unlisted)], tally)
        _count(connection, root, tally)
    tally.damaged = sorted([*tally.damaged, *((os.fsdecode(path), why) for path, why in unlisted)])
    return tally


def below(root: bytes) -> tuple[bytes, bytes]:
    """The paths below a folder are from the first (with it) to the second (without it)."""
    prefix = root.rstrip(os.fsencode(os.sep)) + os.fsencode(os.sep)
    return prefix, prefix[:-1] + bytes([prefix[-1] + 1])


def _changed_files(
    root: bytes,
    known: dict[bytes, tuple[int, int]],
    unlisted: list[tuple[bytes, str]],
    tally: Tally,
    *,
    links: bool,
) -> Iterator[_Found]:
    """Files that are new or not as they were. What is there is taken out of `known`, so that the rest is gone."""
    folders = [root]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(folder) as entries:
                listed = [entry for entry in entries if not entry.name.startswith(b".")]
        except OSError as exc:
            unlisted.append((below(folder)[0], f"cannot be listed: {exc.strerror or exc}"))
            continue
        for entry in listed:
            try:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                elif not links and entry.is_symlink():
                    continue
                elif entry.name.lower().endswith(SUFFIX) and entry.is_symlink() and not os.path.exists(entry.path):
                    unlisted.append((entry.path, "is a link that leads nowhere"))
                elif entry.name.lower().endswith(SUFFIX) and entry.is_file():
                    status = entry.stat()
                    now = (status.st_mtime_ns, status.st_size)
                    tally.num_files += 1
                    if known.pop(entry.path, None) == now:
                        tally.num_unchanged += 1
                    else:
                        yield _Found(entry.path, *now)
            except FileNotFoundError:  # gone since it was listed
                continue
            except OSError as exc:
                unlisted.append((entry.path, exc.strerror or str(exc)))


def _write_batch(connection: sqlite3.Connection, batch: list[_Found], limits: Limits, tally: Tally) -> None:
    """Reads and decodes first, so that the database is locked only while it is written."""
    read = [(found, read_coded_words(found.path, limits)) for found in batch]
    shas = [coded.sha() for _, coded in read]
    wanted = {sha: coded for sha, (_, coded) in zip(shas, read, strict=True) if sha is not None}
    for known in tuple(wanted):
        if connection.execute("SELECT 1 FROM words WHERE sha = ?", (known,)).fetchone():
            del wanted[known]
    decoded = dict(zip(wanted, said_by(list(wanted.values()), limits), strict=True))
    with transaction(connection):
        for (found, coded), sha in zip(read, shas, strict=True):
            words, problem = _id_of_words(connection, sha, coded, decoded, limits)
            old = connection.execute("SELECT words FROM files WHERE path = ?", (found.path,)).fetchone()
            connection.execute(
                "INSERT INTO files (path, mtime_ns, num_bytes, num_bytes_read, words, problem) "
                "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (path) DO UPDATE SET mtime_ns = excluded.mtime_ns, "
                "num_bytes = excluded.num_bytes, num_bytes_read = excluded.num_bytes_read, words = excluded.words, "
                "problem = excluded.problem",
                (found.path, found.mtime_ns, found.num_bytes, coded.num_bytes_read, words, problem),
            )
            connection.execute(
                "INSERT OR REPLACE INTO shown VALUES (?, ?, ?, ?, ?)",
                (found.path, found.mtime_ns, found.num_bytes, *vector_in(coded)),
            )
            if old is not None and old[0] != words:
                _drop_unused(connection, old[0])
    tally.num_read += len(read)
    tally.num_bytes_read += sum(coded.num_bytes_read for _, coded in read)


def _id_of_words(
    connection: sqlite3.Connection, sha: bytes | None, coded: CodedWords, decoded: dict[bytes, Said], limits: Limits
) -> tuple[int | None, str | None]:
    """The row of a file's words, made if it is new (None: it has none), and what is wrong with them."""
    if sha is None:
        return None, coded.problem
    row = connection.execute("SELECT id, problem FROM words WHERE sha = ?", (sha,)).fetchone()
    if row is not None:
        known, trouble = row
        return known, trouble
    if sha not in decoded:  # they were there a moment ago; another run has dropped them
        (decoded[sha],) = said_by([coded], limits)
    said = decoded[sha]
    words, regions, problem = said.words, said.regions, said.problem
    if words is None and regions is None:
        return None, problem
    words = words or Words("")
    phrases = [] if regions is None else list(dict.fromkeys(region.phrase for region in regions.items))
    added = connection.execute(
        "INSERT INTO words (sha, text, language, origin, problem, phrases, phrases_origin) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            sha,
            words.text,
            words.language,
            int(words.origin),
            problem,
            json.dumps(phrases),
            None if regions is None else int(regions.origin),
        ),
    ).lastrowid
    connection.execute("INSERT INTO found (rowid, text) VALUES (?, ?)", (added, indexed_terms(words.text, phrases)))
    return added, problem


def _drop_unused(connection: sqlite3.Connection, words: int | None) -> None:
    """Forgets words that no file has any more."""
    if words is None or connection.execute("SELECT 1 FROM files WHERE words = ?", (words,)).fetchone():
        return
    text, phrases = connection.execute("SELECT text, phrases FROM words WHERE id = ?", (words,)).fetchone()
    terms = indexed_terms(text, json.loads(phrases))
    connection.execute("INSERT INTO found (found, rowid, text) VALUES ('delete', ?, ?)", (words, terms))
    connection.execute("DELETE FROM vectors WHERE words = ?", (words,))
    connection.execute("DELETE FROM words WHERE id = ?", (words,))


def _remove(connection: sqlite3.Connection, gone: list[bytes], tally: Tally) -> None:
    for at in range(0, len(gone), _BATCH):
        with transaction(connection):
            for path in gone[at : at + _BATCH]:
                row = connection.execute("DELETE FROM files WHERE path = ? RETURNING words", (path,)).fetchone()
                connection.execute("DELETE FROM shown WHERE path = ?", (path,))
                if row is not None:
                    _drop_unused(connection, row[0])
                    tally.num_removed += 1


def _count(connection: sqlite3.Connection, root: bytes, tally: Tally) -> None:
    """What the index now holds below the folder."""
    where = "FROM files WHERE path >= ? AND path < ?"
    tally.num_bytes, tally.num_without_words = connection.execute(
        f"SELECT coalesce(sum(num_bytes), 0), coalesce(sum(words IS NULL), 0) {where}", below(root)
    ).fetchone()
    rows = connection.execute(f"SELECT path, problem {where} AND problem IS NOT NULL", below(root))
    tally.damaged = [(os.fsdecode(path), problem) for path, problem in rows]
