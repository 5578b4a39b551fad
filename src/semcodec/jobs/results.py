"""The folder of results: parts (`part-TASK-000.parquet`, or `.tar`) with a row for each input, and a note on the job.

Promises
1. A part is there whole or not at all.
2. Results of different settings never lie in one folder: `_semcodec.json` says what they were made with.
3. A folder that no job has made is left alone.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import semcodec
from semcodec.errors import SemcodecError
from semcodec.jobs.items import Row
from semcodec.jobs.known import Known, known_of
from semcodec.jobs.places import Place
from semcodec.jobs.tables import table_bytes, table_rows
from semcodec.jobs.tars import shard_bytes, shard_rows
from semcodec.jobs.work import is_final

ABOUT = "_semcodec.json"
ATTEMPTS = "_attempts"  # a note for each task in work: how often it was begun
FORMS = ("parquet", "webdataset")
_SUFFIX = {"parquet": ".parquet", "webdataset": ".tar"}
_KEYS = ["name", "sha256", "error", "error_kind"]


class ResultsError(SemcodecError):
    """The results cannot be written to this place."""


@dataclass(frozen=True)
class Results:
    """`kind`: of work, which the columns follow from."""

    address: str
    kind: str
    form: str = "parquet"

    @property
    def place(self) -> Place:
        return Place.at(self.address)

    def begin(self, settings: dict[str, Any]) -> None:
        """Makes the folder, or finds that it was made with the same settings. Raises `ResultsError`."""
        about = {"command": self.kind, "to": self.form, **settings}
        note, names = self.place / ABOUT, self.place.names()
        if ABOUT in names:
            before = json.loads(note.read())
            for name in sorted({*about, *before} - {"version"}):
                if before.get(name) != about.get(name):
                    raise ResultsError(
                        f"{self.address}: was made with {name} {before.get(name)}, not {about.get(name)}: "
                        "name another folder, or give the same options"
                    )
            return
        if names or (self.place.exists() and not self.place.is_folder()):
            raise ResultsError(f"{self.address}: is there, and no results of a job; name a new or an empty folder")
        note.write(json.dumps({**about, "version": semcodec.__version__}, indent=1).encode())

    def end(self) -> None:
        """Leaves nothing but results: no worker is in the middle of anything."""
        with contextlib.suppress(OSError):
            self.place.system.rmdir((self.place / ATTEMPTS).path)

    def parts(self) -> list[str]:
        return [name for name in self.place.names() if name.startswith("part-") and name.endswith(_SUFFIX[self.form])]

    def part_name(self, task: str, number: int) -> str:
        return f"part-{task}-{number:03}{_SUFFIX[self.form]}"

    def write(self, part: str, rows: list[Row]) -> None:
        """Raises OSError."""
        as_bytes = table_bytes if self.form == "parquet" else shard_bytes
        (self.place / part).write(as_bytes(rows, self.kind))

    def rows(self, part: str, columns: list[str] | None = None) -> list[Row]:
        """Of a part. Raises OSError, ValueError."""
        if self.form == "parquet":
            return table_rows(self.place / part, columns)
        return shard_rows(self.place / part, self.kind)

    def keys(self) -> Iterator[tuple[str, int, Row]]:
        """(part, number in it, what tells whether it is done) of all rows."""
        for part in self.parts():
            for at, row in enumerate(self.rows(part, _KEYS)):
                yield part, at, row

    def known(self) -> Known:
        return known_of(
            (part, at, row["name"], row["sha256"], row["error"] is None)
            for part, at, row in self.keys()
            if row["sha256"] is not None
        )

    def reopen(self, *, all_errors: bool) -> int:
        """Takes the rows out that are to be made again: what went wrong in passing, or (`all_errors`) whatever went
        wrong. Returns how many.
        """
        num_out = 0
        for part in self.parts():
            keys = self.rows(part, _KEYS)
            kept = [row["error"] is None if all_errors else is_final(row) for row in keys]
            if all(kept):
                continue
            num_out += kept.count(False)
            rows = [row for row, is_kept in zip(self.rows(part), kept, strict=True) if is_kept]
            # (a part stays in its place without rows: its task goes on behind it)
            self.write(part, rows)
        return num_out


def found_results(address: str) -> Results:
    """The results that a job has left at an address. Raises `ResultsError` where there are none."""
    note = Place.at(address) / ABOUT
    if not note.exists():
        raise ResultsError(f"{address}: holds no results of a job")
    about = json.loads(note.read())
    return Results(Place.at(address).url, about["command"], about["to"])
