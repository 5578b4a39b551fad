"""Rows of a long measurement, kept as they are made: one that was stopped goes on where it was.

A row is a frozen dataclass with a `key`: whatever decides about its values (hashes of weights and code among it).
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar


class KeptRow(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def key(self) -> tuple[object, ...]: ...


Row = TypeVar("Row", bound=KeptRow)
Task = TypeVar("Task")


def digest(files: Iterable[Path]) -> str:
    """Twelve digits that name the bytes of several files."""
    return hashlib.sha256("".join(hashlib.sha256(p.read_bytes()).hexdigest() for p in files).encode()).hexdigest()[:12]


def kept_rows(path: Path, kind: type[Row]) -> dict[tuple[object, ...], Row]:
    """What was measured before, by key. A last line that was cut short is left out, as is one of other fields."""
    rows = {}
    for line in path.read_text("utf-8").splitlines() if path.exists() else ():
        try:
            row = kind(**json.loads(line))
        except (ValueError, TypeError):
            continue
        rows[row.key] = row
    return rows


def measure_rows(
    tasks: Sequence[Task],
    rows_of: Callable[[Task], list[Row]],
    path: Path,
    *,
    num_jobs: int,
    begin: Callable[..., None],
    begin_with: tuple[Any, ...],
) -> dict[tuple[object, ...], Row]:
    """The rows of all tasks, by key, appended to `path` task by task. `begin(*begin_with)` opens what a process of the
    pool needs; both functions are found by name there.
    """
    rows = {}
    spawn = multiprocessing.get_context("spawn")
    with (
        path.open("a", encoding="utf-8") as out,
        ProcessPoolExecutor(num_jobs, mp_context=spawn, initializer=begin, initargs=begin_with) as pool,
    ):
        for future in as_completed([pool.submit(rows_of, task) for task in tasks]):
            for row in future.result():
                rows[row.key] = row
                out.write(json.dumps(asdict(row)) + "\n")
            out.flush()
    return rows
