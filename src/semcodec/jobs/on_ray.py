"""Tasks on a cluster: Ray Data hands them to actors, each of which keeps its networks open.

A task is a row of a Ray dataset. What an actor makes of it goes from there to the results; only a report comes back.
Where an actor or its machine dies, Ray begins its tasks again elsewhere, and `Performer` goes on with what is left.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from semcodec.extras import require
from semcodec.jobs.items import Failure
from semcodec.jobs.known import Known
from semcodec.jobs.perform import Report
from semcodec.jobs.tasks import Task, task_of, told

Make = Callable[[Known], Callable[[Task], Report]]


@dataclass(frozen=True)
class Cluster:
    """`address`: of a cluster that runs ("auto", `ray://host:10001`); None: `RAY_ADDRESS`, or one on this machine.

    `workers`: actors; `cpus` and `gpus`: what each takes of a machine.
    """

    address: str | None = None
    workers: int = 1
    cpus: float = 1
    gpus: float = 0


class _Actor:
    """What Ray starts once for each worker, and calls with one task after the other."""

    def __init__(self, make: Make, known: Any) -> None:
        self._perform = make(require("ray", extra="jobs").get(known))

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        return {"report": [_as_json(self._perform(task_of(str(text)))) for text in batch["task"]]}


def on_ray(tasks: Iterator[Task], make: Make, known: Known, cluster: Cluster) -> Iterator[Report]:
    """`make(known)`: a worker. Raises `MissingExtraError` where Ray is not installed."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    logging.getLogger("ray").setLevel(logging.ERROR)
    ray, data = require("ray", extra="jobs"), require("ray.data", extra="jobs")
    was_running = ray.is_initialized()
    if not was_running:
        _start(ray, cluster)
    try:
        said = [{"task": told(task)} for task in tasks]
        if not said:
            return
        logging.getLogger("ray.data").setLevel(logging.ERROR)
        context = data.DataContext.get_current()
        context.enable_progress_bars = False
        # (a block for each task: what a machine loses when it dies is the task in work)
        rows = data.from_items(said, override_num_blocks=len(said)).map_batches(
            _Actor,
            fn_constructor_args=(make, ray.put(known)),
            batch_size=1,
            compute=data.ActorPoolStrategy(size=min(cluster.workers, len(said))),
            num_cpus=cluster.cpus,
            num_gpus=cluster.gpus,
        )
        for row in rows.iter_rows():
            yield _from_json(row["report"])
    finally:
        if not was_running:
            ray.shutdown()


def _start(ray: Any, cluster: Cluster) -> None:
    quiet: dict[str, Any] = {"logging_level": logging.ERROR, "log_to_driver": False, "ignore_reinit_error": True}
    address = cluster.address or os.environ.get("RAY_ADDRESS")
    if address:
        ray.init(address=address, **quiet)
    else:
        ray.init(num_cpus=max(1, round(cluster.workers * cluster.cpus)), include_dashboard=False, **quiet)


def _as_json(report: Report) -> str:
    return json.dumps(asdict(report))


def _from_json(text: str) -> Report:
    said = json.loads(text)
    failures = [Failure(**failure) for failure in said.pop("failures")]
    return Report(**said | {"failures": failures})
