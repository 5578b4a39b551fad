"""Tasks on this machine: one after the other in this process, or in a pool of processes. No Ray is needed."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool

from semcodec.errors import SemcodecError
from semcodec.jobs.perform import Report
from semcodec.jobs.tasks import Task

Perform = Callable[[Task], Report]

_TICK_S = 0.2  # on Windows a wait without an end cannot be interrupted

_DEATHS_A_WORKER = 8


class WorkersError(SemcodecError):
    """No worker stays alive."""


_performer: Perform | None = None


def in_this_process(tasks: Iterator[Task], make: Callable[[], Perform]) -> Iterator[Report]:
    yield from map(make(), tasks)


def in_processes(tasks: Iterator[Task], make: Callable[[], Perform], workers: int) -> Iterator[Report]:
    """Whoever dies takes the pool along: a new one goes on with what was in work."""
    waiting, num_deaths = list[Task](), 0
    while True:
        running: dict[Future[Report], Task] = {}
        # (spawned: a fork would inherit locks and the threads of network runtimes)
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_open, initargs=(make,))
        try:
            while True:
                while len(running) < 2 * workers and (task := _next(waiting, tasks)) is not None:
                    running[pool.submit(_perform, task)] = task
                if not running:
                    return
                finished, _ = wait(running, timeout=_TICK_S, return_when=FIRST_COMPLETED)
                for future in finished:
                    report = future.result()
                    del running[future]
                    num_deaths = 0
                    yield report
        except BrokenProcessPool as exc:
            num_deaths += 1
            if num_deaths > _DEATHS_A_WORKER * workers:  # (a task is begun three times, then it kills nobody)
                raise WorkersError("every worker dies as soon as it begins; does `semcodec encode` work here?") from exc
            waiting = [*running.values(), *waiting]
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _next(waiting: list[Task], tasks: Iterator[Task]) -> Task | None:
    return waiting.pop(0) if waiting else next(tasks, None)


def _open(make: Callable[[], Perform]) -> None:
    global _performer
    _performer = make()


def _perform(task: Task) -> Report:
    assert _performer is not None, "the pool opens one first"
    return _performer(task)
