"""A job: every input of a source has a row in the results when it ends, whatever it was begun with."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from typing import Any

from semcodec.jobs.items import Failure
from semcodec.jobs.known import Known
from semcodec.jobs.listing import tasks_of
from semcodec.jobs.local import in_processes, in_this_process
from semcodec.jobs.on_ray import Cluster, on_ray
from semcodec.jobs.perform import Manner, Performer, Report
from semcodec.jobs.places import Place
from semcodec.jobs.results import Results, found_results
from semcodec.jobs.tasks import Reading, Task
from semcodec.jobs.verify import TWICE, LookAtFile, Verifier, look_for_row
from semcodec.jobs.work import Work
from semcodec.limits import DEFAULT_LIMITS, Limits

_MOST_FAILURES = 10_000  # kept here; all are in the results


@dataclass(frozen=True)
class Engine:
    """Where the work is done. `name`: "local" (this process, or a pool of `workers`) or "ray" (`cluster`)."""

    name: str = "local"
    workers: int = 1
    cluster: Cluster = field(default_factory=Cluster)


@dataclass
class Summary:
    """What a run did. `num_reopened`: errors of an earlier run that were made again; `wall_s`: how long it took."""

    report: Report = field(default_factory=Report)
    num_reopened: int = 0
    wall_s: float = 0.0


def run_job(
    work: Work,
    source: str,
    target: str,
    *,
    reading: Reading,
    form: str = "parquet",
    engine: Engine | None = None,
    manner: Manner | None = None,
    retry_errors: bool = False,
    advance: Callable[[int], None] | None = None,
) -> Summary:
    """Does what is not done yet. `advance` is told how many inputs were dealt with so far.

    `form`: "parquet" or "webdataset". `retry_errors`: inputs with an error of their own in an earlier run are worked on
    again; those with another one (a disk, a missing package) are so in any case.

    Raises:
        PlaceError: there is nothing at the source. ResultsError: the target is something else. OSError: it cannot be
        written. MissingExtraError: a package is not installed.
    """
    engine, manner, began = engine or Engine(), manner or Manner(), time.monotonic()
    results = Results(Place.at(target).url, work.kind, form)
    but = frozenset({Place.at(target).path})
    tasks = tasks_of(source, reading, most=manner.part_rows, workers=engine.workers, but=but)
    tasks = chain([next(tasks)], tasks)  # (nothing is made for a source that is not there)
    results.begin(work.settings())
    summary = Summary(num_reopened=results.reopen(all_errors=retry_errors))
    make = partial(Performer, work, results, manner)
    _go_through(tasks, make, results.known(), engine, summary.report, _Told(advance))
    results.end()
    summary.wall_s = time.monotonic() - began
    return summary


def verify_job(
    source: str,
    target: str,
    *,
    reading: Reading,
    engine: Engine | None = None,
    manner: Manner | None = None,
    limits: Limits = DEFAULT_LIMITS,
    advance: Callable[[int], None] | None = None,
) -> Summary:
    """Whether each input has its row, once, and whether the files in the rows are whole. Nothing is written.

    `report.kinds` counts what is wrong: "missing", "changed", "twice", "unreadable", "damaged".

    Raises:
        PlaceError: there is nothing at the source. ResultsError: the target holds no results.
    """
    engine, manner, began = engine or Engine(), manner or Manner(), time.monotonic()
    results, summary, told = found_results(target), Summary(), _Told(advance)
    known = results.known()
    but = frozenset({Place.at(target).path})
    tasks = tasks_of(source, reading, most=manner.part_rows, workers=engine.workers, but=but)
    _go_through(tasks, partial(Verifier, look_for_row, manner), known, engine, summary.report, told)
    if results.kind == "encode":
        files = Report()
        tasks = tasks_of(target, Reading((".semc",), "semc"), most=manner.part_rows, workers=engine.workers)
        _go_through(tasks, partial(Verifier, LookAtFile(limits), manner), known, engine, files, _Told(None))
        summary.report.add(replace(files, num_inputs=0, num_made=0, source_bytes=0))
    if num_twice := known.num_twice():
        summary.report.kinds[TWICE] = num_twice
        summary.report.num_failed += num_twice
    summary.wall_s = time.monotonic() - began
    return summary


def _go_through(
    tasks: Iterator[Task], make: Callable[..., Any], known: Known, engine: Engine, report: Report, told: _Told
) -> None:
    """All tasks, on this engine, into the report. `make(known)`: a worker."""
    if engine.name == "ray":
        reports = on_ray(tasks, make, known, replace(engine.cluster, workers=engine.workers))
    elif engine.workers == 1:
        reports = in_this_process(tasks, partial(make, known, told.more))
    else:
        reports = in_processes(tasks, partial(make, known), engine.workers)
    for found in reports:
        report.add(found)
        del report.failures[_MOST_FAILURES:]
        told.at_least(report.num_inputs)


class _Told:
    """How many inputs were dealt with: told by workers of this process, or with the reports of others."""

    def __init__(self, advance: Callable[[int], None] | None) -> None:
        self._advance, self._count = advance, 0

    def more(self, count: int) -> None:
        self.at_least(self._count + count)

    def at_least(self, count: int) -> None:
        if count > self._count:
            self._count = count
            if self._advance is not None:
                self._advance(count)


def failures_table(failures: list[Failure]) -> str:
    """As CSV: name, kind, error."""
    import csv
    import io

    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["name", "kind", "error"])
    writer.writerows((failure.name, failure.kind, failure.error) for failure in failures)
    return out.getvalue()
