"""One task, done by a worker: inputs read, those that are known passed over, the others worked on, rows written.

Promises
1. Each input of the task has exactly one row when it is done, however often it was begun: a worker first looks for
   what another one has left of the task.
2. What a worker has done is written at least once a minute, so no more is lost with it.
3. An input that kills its worker costs nobody else: at the third attempt each is worked on in a process of its own, and
   one whose process dies gets an error.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import count, islice

from semcodec.jobs.alone import rows_alone
from semcodec.jobs.columns import COLUMNS
from semcodec.jobs.items import Failure, Item, Row
from semcodec.jobs.known import Known
from semcodec.jobs.results import ATTEMPTS, Results
from semcodec.jobs.tasks import Task, ident
from semcodec.jobs.work import Work

_FLUSH_S = 60.0
_FLUSH_BYTES = 1 << 26
_ATTEMPTS_TOGETHER = 2
_TOLD = ("name", "sha256", "source_bytes", "semc_bytes", "seconds", "damage", "error", "error_kind")
_MOST_TOLD = 100  # failures of a task that are told one by one; all are in the results

_Left = dict[tuple[str, str | None], Row]


@dataclass
class Report:
    """What became of a task's inputs. `num_known`: they have a row from an earlier run, `num_failed_before` of them one
    with an error; `num_copied`: known under another name. `num_made`: without an error, `num_damaged` of these of
    damaged input. `seconds`: of work, over all workers; `made_bytes`: of .semc files; `kinds`: of errors, counted.
    """

    num_inputs: int = 0
    num_made: int = 0
    num_known: int = 0
    num_copied: int = 0
    num_damaged: int = 0
    num_failed_before: int = 0
    num_failed: int = 0
    source_bytes: int = 0
    made_bytes: int = 0
    seconds: float = 0.0
    kinds: dict[str, int] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)

    def add(self, other: Report) -> None:
        for name in vars(other):
            if name != "kinds":
                setattr(self, name, getattr(self, name) + getattr(other, name))
        for kind, num_failed in other.kinds.items():
            self.kinds[kind] = self.kinds.get(kind, 0) + num_failed

    def count(self, row: Row) -> None:
        """A row that was made."""
        self.seconds += row["seconds"]
        self.source_bytes += row["source_bytes"] or 0
        self.made_bytes += row.get("semc_bytes") or 0
        if row["error"] is None:
            self.num_made += 1
            self.num_damaged += bool(row["damage"])
            return
        self.fail(Failure(row["name"], row["error_kind"], row["error"]))

    def fail(self, failure: Failure) -> None:
        self.num_failed += 1
        self.kinds[failure.kind] = self.kinds.get(failure.kind, 0) + 1
        if len(self.failures) < _MOST_TOLD:
            self.failures.append(failure)


@dataclass(frozen=True)
class Manner:
    """`part_rows`: the most rows of a part. `batch`: inputs that are worked on together."""

    part_rows: int = 1000
    batch: int = 16


class Performer:
    """A worker. Kept, so that the networks stay open. `advance`: is told how many inputs were dealt with."""

    def __init__(
        self, work: Work, results: Results, manner: Manner, known: Known, advance: Callable[[int], None] | None = None
    ) -> None:
        self._work, self._results, self._known, self._manner = work, results, known, manner
        self._advance = advance or (lambda count: None)
        self._rows_of = lru_cache(2)(results.rows)

    def __call__(self, task: Task) -> Report:
        report, name = Report(), ident(task)
        with self._attempt(name) as attempts:
            work = self._work.rows if attempts < _ATTEMPTS_TOGETHER else lambda items: rows_alone(self._work, items)
            left, num_parts = self._left_of(name)
            out = _Parts(self._results, name, num_parts, self._manner.part_rows)
            try:
                items = task.items()
                while batch := list(islice(items, self._manner.batch)):
                    out.add(self._done(batch, left, work, report))
                    self._advance(len(batch))
            finally:
                out.flush()  # (also what was done before an interruption)
        return report

    def _done(
        self, batch: list[Item], left: _Left, work: Callable[[list[Item]], list[Row]], report: Report
    ) -> list[Row]:
        """The rows that are to be written."""
        rows, todo = list[Row](), list[Item]()
        for item in batch:
            sha256 = item.sha256
            report.num_inputs += 1
            if sha256 is not None and self._known.has(item.name, sha256):
                report.num_known += 1
                report.num_failed_before += self._known.failed(item.name, sha256)
            elif (item.name, sha256) in left:  # (made in this run, by a worker that has died)
                report.count(left[item.name, sha256])
            elif sha256 is not None and (row := self._copy(item.name, sha256)) is not None:
                report.num_copied += 1
                rows.append(row)
            else:
                todo.append(item)
        made = work(todo)
        for row in made:
            report.count(row)
        return rows + made

    def _copy(self, name: str, sha256: str) -> Row | None:
        found = self._known.where(sha256)
        if found is None:
            return None
        part, at = found
        row = self._rows_of(part)[at]
        return {**row, "name": name} if row["sha256"] == sha256 else None

    def _left_of(self, task: str) -> tuple[_Left, int]:
        """What earlier attempts have written, and in how many parts."""
        left: _Left = {}
        told = [column for column in _TOLD if column in COLUMNS[self._results.kind]]
        for number in count():
            part = self._results.part_name(task, number)
            if not (self._results.place / part).exists():
                break
            left |= {(row["name"], row["sha256"]): row for row in self._results.rows(part, told)}
        return left, number

    @contextlib.contextmanager
    def _attempt(self, task: str) -> Iterator[int]:
        """How often the task was begun by workers that died. What ends with an error of ours, or is interrupted, does
        not count.
        """
        note = self._results.place / ATTEMPTS / task
        attempts = int(note.read() or 0) if note.exists() else 0
        note.write(str(attempts + 1).encode())
        try:
            yield attempts
        except BaseException:
            note.write(str(attempts).encode())
            raise
        note.remove()


class _Parts:
    """Rows, gathered to parts of one task."""

    def __init__(self, results: Results, task: str, number: int, most: int) -> None:
        self._results, self._task, self._number, self._most = results, task, number, most
        self._rows: list[Row] = []
        self._num_bytes, self._flushed = 0, time.monotonic()

    def add(self, rows: list[Row]) -> None:
        for row in rows:
            self._rows.append(row)
            self._num_bytes += sum(len(value) for value in row.values() if isinstance(value, bytes))
            if len(self._rows) >= self._most or self._num_bytes > _FLUSH_BYTES:
                self.flush()
        if time.monotonic() - self._flushed > _FLUSH_S:
            self.flush()

    def flush(self) -> None:
        if self._rows:
            self._results.write(self._results.part_name(self._task, self._number), self._rows)
            self._rows, self._num_bytes, self._number = [], 0, self._number + 1
        self._flushed = time.monotonic()
