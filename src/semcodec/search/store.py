"""The database: one SQLite file. Everything about its tables is here.

```text
files     path, time, size and bytes read of each file; which words it has; what is wrong with it
words     each coded text with its regions once, however many files have it: text, language, origin; the phrases of
          the regions, a list in JSON, with theirs
found     the full-text index of `words` (FTS5, without a copy of the text)
vectors   embeddings of `words`, made on request
shown     of each file, its vector and the number of the space that this lies in (0: it has none), with time and size
          when it was looked for: an older build leaves it alone
seen      of each file whose picture was looked at, on request: time and size then, which describer looked, and the
          words that it may say of it: their numbers and chances
```

Paths are stored as the file system has them (bytes): a name need not be text.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

from semcodec.errors import SemcodecError

VARIABLE = "SEMCODEC_INDEX"
_APPLICATION, _VERSION = 0x53454D43, 3  # "SEMC"; stand in the file's header
_BUSY_S = 60.0

TOKENIZER = "porter unicode61 remove_diacritics 2"
_TABLES = f"""
CREATE TABLE words (
    id INTEGER PRIMARY KEY, sha BLOB NOT NULL UNIQUE, text TEXT NOT NULL, language TEXT NOT NULL,
    origin INTEGER NOT NULL, problem TEXT, phrases TEXT NOT NULL DEFAULT '[]', phrases_origin INTEGER);
CREATE TABLE files (
    id INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE, mtime_ns INTEGER NOT NULL, num_bytes INTEGER NOT NULL,
    num_bytes_read INTEGER NOT NULL, words INTEGER REFERENCES words, problem TEXT);
CREATE INDEX files_of_words ON files (words);
CREATE VIRTUAL TABLE found USING fts5 (text, content='', tokenize='{TOKENIZER}');
CREATE TABLE vectors (words INTEGER PRIMARY KEY REFERENCES words, vector BLOB NOT NULL);
"""
_SHOWN = """
CREATE TABLE IF NOT EXISTS shown (
    path BLOB PRIMARY KEY, mtime_ns INTEGER NOT NULL, num_bytes INTEGER NOT NULL, space INTEGER NOT NULL, vector BLOB)
"""
_SEEN = """
CREATE TABLE IF NOT EXISTS seen (
    path BLOB PRIMARY KEY, mtime_ns INTEGER NOT NULL, num_bytes INTEGER NOT NULL, describer TEXT NOT NULL,
    words BLOB NOT NULL)
"""
# Scripts that are written without spaces: each character is a term of its own, and what was asked for a phrase of them.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
                       "\U00020000-\U0003ffff]")  # fmt: skip
# Emoji and other signs, which the index would take for gaps between words: each is given as a letter of its own, one
# for private use, that no text has. What only changes its look (skin tones, joiners) goes.
_SIGNS = re.compile("[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u2500-\u27bf\u2900-\u297f"
                    "\u2b00-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001f3fa\U0001f400-\U0001faff]"
                    "[\u200d\u20e3\ufe0e\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]*")  # fmt: skip
_PRIVATE = 0xF0000


class IndexFileError(SemcodecError):
    """The database is absent, is none of ours, or cannot be written."""


def default_database() -> Path:
    """Where the words of all folders are kept unless a database is named: `SEMCODEC_INDEX`, or the user's own data."""
    if named := os.environ.get(VARIABLE):
        return Path(named)
    if sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    elif os.name == "nt":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home())
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "semcodec" / "words.sqlite"


@contextlib.contextmanager
def open_database(path: str | os.PathLike[str], *, create: bool = False) -> Iterator[sqlite3.Connection]:
    """The database, in autocommit: who writes begins a transaction. `create`: makes one where there is none.

    Raises `IndexFileError`, also for what SQLite says while it is open.
    """
    path = Path(path)
    if not create and not path.is_file():
        raise IndexFileError(f"{path}: there is no index yet; make one with: semcodec index FOLDER")
    try:
        if create:
            path.parent.mkdir(parents=True, exist_ok=True)
        # ("rw" for readers too: what a killed writer left half done is undone by whoever opens the database next.
        # SQLite falls back to reading where it may not write.)
        uri = f"{path.resolve().as_uri()}?mode={'rwc' if create else 'rw'}"
        with contextlib.closing(sqlite3.connect(uri, timeout=_BUSY_S, isolation_level=None, uri=True)) as connection:
            connection.execute("PRAGMA trusted_schema = OFF")  # a database may come from a stranger, too
            _check(connection, path, create=create)
            yield connection
    except OSError as exc:
        raise IndexFileError(f"{path}: cannot be made: {exc.strerror or exc}") from exc
    except sqlite3.Error as exc:
        raise IndexFileError(f"{path}: {exc}; {_advice(exc)}") from exc


def make_shown(connection: sqlite3.Connection) -> None:
    """The table of the files' own vectors: an index from before it has none."""
    connection.execute(_SHOWN)


def make_seen(connection: sqlite3.Connection) -> None:
    """The table of what was seen: an index from before it, or one of which no picture was looked at, has none."""
    connection.execute(_SEEN)


def has_shown(connection: sqlite3.Connection) -> bool:
    return _has_table(connection, "shown")


def has_seen(connection: sqlite3.Connection) -> bool:
    return _has_table(connection, "seen")


def _has_table(connection: sqlite3.Connection, name: str) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (name,)).fetchone() is not None


def _advice(exc: sqlite3.Error) -> str:
    """What to do. Only a damaged file is ever to be deleted: a full disk passes, and a good index is hours of work."""
    code = getattr(exc, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF  # (the rest says more about the same)
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return "if it is an index of semcodec, it is damaged: delete it and run: semcodec index FOLDER"
    if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
        return "is the disk full? make room there, or name another place with --db; what was in the index is whole"
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return "another run is writing to it: wait for its end"
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return "check that you may write there, or name another place with --db"
    return "run it again"


def _check(connection: sqlite3.Connection, path: Path, *, create: bool) -> None:
    def pragma(name: str) -> int:
        return int(connection.execute(f"PRAGMA {name}").fetchone()[0])

    if create and not pragma("schema_version"):
        with transaction(connection):
            if not pragma("schema_version"):  # (another process may have been faster)
                for statement in _TABLES.split(";"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA application_id = {_APPLICATION}")
                connection.execute(f"PRAGMA user_version = {_VERSION}")
    if pragma("application_id") != _APPLICATION:
        raise IndexFileError(f"{path}: is not an index of semcodec; name another file")
    if pragma("user_version") == 1:  # from before there were regions
        with transaction(connection):
            if pragma("user_version") == 1:
                for column in ("phrases TEXT NOT NULL DEFAULT '[]'", "phrases_origin INTEGER"):
                    connection.execute(f"ALTER TABLE words ADD COLUMN {column}")
                connection.execute("PRAGMA user_version = 2")
    if pragma("user_version") == 2:  # from before signs were terms
        _index_anew(connection)
    if pragma("user_version") not in {2, _VERSION}:
        raise IndexFileError(
            f"{path}: has form {pragma('user_version')}, this build reads {_VERSION}; "
            "delete it and run: semcodec index FOLDER"
        )


def _index_anew(connection: sqlite3.Connection) -> None:
    """The full-text index from the texts, as this build makes it. Where it cannot be written, it can still be read."""
    try:
        with transaction(connection):
            connection.execute("INSERT INTO found (found) VALUES ('delete-all')")
            texts = connection.execute("SELECT id, text, phrases FROM words").fetchall()
            connection.executemany(
                "INSERT INTO found (rowid, text) VALUES (?, ?)",
                ((words, indexed_terms(text, json.loads(phrases))) for words, text, phrases in texts),
            )
            connection.execute(f"PRAGMA user_version = {_VERSION}")
    except sqlite3.OperationalError as exc:
        if not exc.sqlite_errorname.startswith("SQLITE_READONLY"):
            raise


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing, whatever ends it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def indexed_terms(text: str, phrases: list[str]) -> str:
    """What the full-text index is given of a file: its words, then the phrases of its regions."""
    return terms_of("\n".join([text, *phrases]))


def terms_of(text: str) -> str:
    """The text as it is given to the full-text index, and so a query, too."""
    spaced = _UNSPACED.sub(r" \g<0> ", text.replace("\0", " "))
    return _SIGNS.sub(lambda sign: f" {chr(ord(sign[0][0]) + _PRIVATE)} ", spaced)


def has_terms(text: str) -> bool:
    """Whether there is anything in it to look for."""
    return re.search(r"\w", text) is not None or _SIGNS.search(text) is not None
