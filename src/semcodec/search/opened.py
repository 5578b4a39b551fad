"""An index by its path: a file is SQLite's, a folder is tables."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from semcodec.search.sqlite_index import SqliteIndex
from semcodec.search.store import default_database, open_database

if TYPE_CHECKING:
    from semcodec.search.contract import Index


@contextlib.contextmanager
def open_index(path: str | os.PathLike[str] | None) -> Iterator[Index]:
    """To be asked. None: the user's own. Raises `IndexFileError`; MissingExtraError: tables, and no DuckDB."""
    path = Path(path or default_database())
    if path.is_dir():
        from semcodec.search.table_index import open_tables

        with open_tables(path) as tables:
            yield tables
    else:
        with open_database(path) as connection:
            yield SqliteIndex(connection)
