"""Runs jobs: one after the other or several at once, with a progress bar where somebody watches.

Promises
1. One failing file does not stop the others; failures are listed at the end.
2. Outputs are whole or absent, so a run that was interrupted is resumed by running it again: outputs that are there
   are skipped unless their input has changed. What may be written over is decided in `outputs`.
3. An interruption ends it at once, whatever is in work.
"""

from __future__ import annotations

import os
import sys
import threading
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass

from semcodec.cli.exits import ExitCode, printable, say, sentence
from semcodec.cli.outputs import Outputs, is_to_be_made, keep_up
from semcodec.cli.plan import Job
from semcodec.cli.streams import STANDARD, OutputError, input_name, output_name
from semcodec.errors import NothingToRestoreError, SemcodecError

_THREADS = "semcodec-job"
_TICK_S = 0.2  # on Windows a wait without an end cannot be interrupted


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a job: `summary`, a line for everybody (empty: nothing to say); `detail`, with -v in its place;
    sentences for the user (`damage`: of a picture that came out all the same).
    """

    summary: str
    detail: str
    notes: tuple[str, ...] = ()
    damage: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    job: Job
    done: Done | None = None
    error: str | None = None
    trace: str = ""
    left: str | None = None  # why there was nothing to do for it

    @property
    def skipped(self) -> bool:
        return self.done is None and self.error is None and self.left is None and self.job.unread is None


@dataclass(frozen=True, slots=True)
class Manner:
    """How jobs are run and what is said about them."""

    num_jobs: int = 1
    overwrite: bool = False
    verbose: int = 0
    quiet: bool = False


def run_jobs(
    jobs: list[Job],
    work: Callable[[Job], Done],
    outputs: Outputs,
    manner: Manner,
    cure: Callable[[str], str] = lambda kind: "",
    ended: Callable[[Report], None] = lambda report: None,
) -> ExitCode:
    """Runs all jobs; returns the exit code. `outputs` tells an older output from somebody else's file; `cure` what to
    do about a kind of picture that cannot be read; `ended` is told what became of each job.
    """

    def attempt(job: Job) -> Report:
        return _attempt(job, work, outputs, overwrite=manner.overwrite)

    reports: list[Report] = []
    with _progress(len(jobs), manner) as advance, _executor(manner.num_jobs) as executor:
        for report in _in_order_of_completion(jobs, attempt, executor, 2 * manner.num_jobs):
            reports.append(report)
            ended(report)
            advance(_lines(report, manner, many=len(jobs) > 1))
    failed = [report for report in reports if report.error is not None]
    num_left = sum(report.left is not None for report in reports)
    unread = Counter(job.unread for job in jobs if job.unread is not None)
    if len(jobs) > 1 and not manner.quiet:
        num_skipped = sum(report.skipped for report in reports)
        num_done = len(reports) - len(failed) - num_skipped - num_left - unread.total()
        skipped = f", {num_skipped} skipped (their output exists; --overwrite redoes it)" if num_skipped else ""
        left = f", {num_left} left as they are" if num_left else ""
        say(f"{len(jobs)} files: {num_done} done{skipped}{left}, {len(failed)} failed")
    for report in sorted(failed, key=lambda failure: failure.job.source):
        say(report.error or "")
        if manner.verbose and report.trace:
            sys.stderr.write(report.trace)
    for kind, count in sorted(unread.items()):
        say(f"{count} of {len(jobs)} left out: {kind}{cure(kind)}")
    if failed or unread:
        return ExitCode.FAILURE
    if num_left and num_left == len(reports):
        return ExitCode.NOTHING
    return ExitCode.DAMAGED if any(report.done and report.done.damage for report in reports) else ExitCode.OK


def _attempt(job: Job, work: Callable[[Job], Done], outputs: Outputs, *, overwrite: bool) -> Report:
    name = input_name(job.source)
    if job.problem is not None or job.unread is not None:
        return Report(job, error=job.problem)
    try:
        if not is_to_be_made(job, outputs, overwrite=overwrite):
            return Report(job)
        if job.target != STANDARD and not job.named:
            _make_folder(os.path.dirname(job.target))
        done = work(job)
        keep_up(job)
        return Report(job, done=done)
    except NothingToRestoreError as exc:
        return Report(job, left=sentence(name, exc))
    except (SemcodecError, OSError, MemoryError) as exc:
        return Report(job, error=sentence(name, exc))
    except Exception as exc:  # a defect of ours must not cost the user the other files
        what = f"{name}: internal error, please report it: {type(exc).__name__}: {exc}"
        return Report(job, error=what, trace=traceback.format_exc())


def _make_folder(folder: str) -> None:
    try:
        os.makedirs(folder or ".", exist_ok=True)
    except OSError as exc:
        raise OutputError(f"{folder}: the folder for outputs cannot be made: {exc.strerror or exc}") from exc


@contextmanager
def _executor(num_jobs: int) -> Iterator[Executor | None]:
    # Threads, not processes: nine tenths of an encode are spent in libaom and the networks, outside the interpreter's
    # lock, and the weights are loaded once.
    if num_jobs == 1:
        yield None
        return
    executor = ThreadPoolExecutor(num_jobs, thread_name_prefix=_THREADS)
    try:
        yield executor
    except BaseException:
        executor.shutdown(wait=False, cancel_futures=True)
        raise
    executor.shutdown()


def are_jobs_running() -> bool:
    """Whether threads are left that an interrupted run did not wait for."""
    return any(thread.name.startswith(_THREADS) for thread in threading.enumerate())


def _in_order_of_completion(
    jobs: Iterable[Job], attempt: Callable[[Job], Report], executor: Executor | None, num_ahead: int
) -> Iterator[Report]:
    if executor is None:
        yield from map(attempt, jobs)
        return
    running: set[Future[Report]] = set()
    for job in jobs:
        running.add(executor.submit(attempt, job))
        while len(running) >= num_ahead:
            finished, running = wait(running, timeout=_TICK_S, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in finished)
    while running:
        finished, running = wait(running, timeout=_TICK_S, return_when=FIRST_COMPLETED)
        yield from (future.result() for future in finished)


def _lines(report: Report, manner: Manner, *, many: bool) -> list[str]:
    """What is said of a job when it ends; failures wait for the end."""
    name = input_name(report.job.source)
    if report.skipped:
        told = manner.verbose or not (many or manner.quiet)
        return [f"{name}: skipped, {report.job.target} exists (--overwrite redoes it)"] if told else []
    if report.left is not None:
        return [] if many and manner.quiet else [report.left]
    if report.done is None:
        return []
    lines = [f"{name}: {text}" for text in report.done.damage]
    if not manner.quiet:
        lines += [f"{name}: {text}" for text in report.done.notes]
    if manner.verbose:
        lines.append(f"{name} -> {output_name(report.job.target)}: {report.done.detail}")
    elif report.done.summary and not manner.quiet:
        lines.append(f"{output_name(report.job.target)}: {report.done.summary}")
    return lines


@contextmanager
def _progress(num_jobs: int, manner: Manner) -> Iterator[Callable[[list[str]], None]]:
    """A function to call at the end of each job with what there is to say about it."""
    if num_jobs < 2 or manner.quiet or not sys.stderr.isatty():

        def say_all(lines: list[str]) -> None:
            for line in lines:
                say(line)

        yield say_all
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("semcodec"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=num_jobs)

        def say_above_the_bar(lines: list[str]) -> None:
            for line in lines:
                text = f"semcodec: {printable(line)}"
                bar.console.print(text, markup=False, emoji=False, highlight=False, soft_wrap=True)
            bar.advance(task)

        yield say_above_the_bar
