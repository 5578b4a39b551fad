"""Runs the benchmark: what is not in the results yet is coded and measured, by one or several processes.

Promises: (1) a run that was stopped goes on where it was; (2) a line is used again only if picture, settings, budgets
and measures are those wanted now, so committed results of the peers serve as a cache; (3) if only measures
are new, the files of the peers are made again as their lines say, and nothing that was measured is measured again, but
words kept with another describer; (4) the finished file is in a fixed order.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import queue
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from semcodec.errors import SemcodecError
from semcodec.evaluation import ours
from semcodec.evaluation.budgets import Unit
from semcodec.evaluation.environment import describe_environment
from semcodec.evaluation.files import FileStore
from semcodec.evaluation.measures.fid import fid
from semcodec.evaluation.measures.judges import COSTLY, Judges, WeightPaths
from semcodec.evaluation.measures.kid import MIN_PICTURES, kid
from semcodec.evaluation.peers.peer import Peer
from semcodec.evaluation.results import (
    Line,
    SetLine,
    append_lines,
    read_lines,
    read_set_lines,
    replace_file,
    write_lines,
)
from semcodec.evaluation.sets import PictureSet
from semcodec.evaluation.worker import Done, Task, Worker

BUDGETS = (100, 340, 1000, 2000, 4000, 6000)
QUICK_BUDGETS = (340, 1000, 4000)
NUM_QUICK_PICTURES = 6


@dataclass(frozen=True, slots=True)
class Plan:
    """`absent`: sentences about what will not be measured."""

    pictures: PictureSet
    peers: tuple[Peer, ...]
    budgets: tuple[int, ...]
    weights: WeightPaths
    out: Path
    with_vmaf: bool = True
    with_semcodec: bool = True
    how: ours.How = ours.EMBEDDED
    absent: tuple[str, ...] = field(default=())
    unit: Unit = Unit.BYTES

    def settings(self) -> dict[str, str]:
        """{codec: a short hash of everything that decides its files}, in the order of the report."""
        texts = {ours.NAME: self.how.settings() + ours.fingerprint()} if self.with_semcodec else {}
        texts |= {peer.name: peer.settings for peer in self.peers}
        return {name: hashlib.sha256(text.encode()).hexdigest()[:12] for name, text in texts.items()}


def run_plan(plan: Plan, *, jobs: int = 1, on_progress: Callable[[int, int, str], None] | None = None) -> None:
    """Fills `plan.out`: results.jsonl, sets.jsonl, files.zip, run.json. Single failures are raised at the end."""
    results, store = plan.out / "results.jsonl", FileStore(plan.out)
    judges = Judges(plan.weights, with_vmaf=plan.with_vmaf)
    settings = plan.settings()
    lines = [_without_another_describer(line, judges) for line in read_lines(results)]
    own: dict[tuple[str, str, str], list[Line]] = {}
    for line in lines:
        own.setdefault((line.codec, line.settings, line.picture_sha256), []).append(line)
    tasks = [
        Task(codec, mark, picture, plan.budgets, plan.unit, _known(codec, found, plan.budgets))
        for picture in plan.pictures.pictures
        for codec, mark in settings.items()
        for found in [own.get((codec, mark, picture.sha256), [])]
        if not _is_done(found, plan.budgets, judges.names)
    ]
    anew = {(task.codec, task.picture.sha256) for task in tasks if not task.known}
    lines = [line for line in lines if (line.codec, line.picture_sha256) not in anew]
    write_lines(results, lines)
    failures = []
    for num_done, (done, failure) in enumerate(_work(tasks, plan, jobs=jobs), start=1):
        if failure:
            failures.append(failure)
        else:
            assert done is not None
            for name, data in done.files.items():
                store.put(name, data)
            _save_features(plan.out, done)
            append_lines(results, done.lines)
            redone = done.task.codec, done.task.picture.sha256
            lines = [line for line in lines if (line.codec, line.picture_sha256) != redone] + list(done.lines)
        if on_progress:
            on_progress(num_done, len(tasks), f"{done.task.picture.name} {done.task.codec}" if done else failure)
    # Lines of codecs and pictures that are not in this plan stay: they are somebody's cache.
    lines = [line for line in lines if line.settings == settings.get(line.codec, line.settings)]
    order = {codec: at for at, codec in enumerate(settings)}
    lines.sort(key=lambda one: (order.get(one.codec, len(order)), one.codec, one.picture, one.scale, one.num_bytes))
    write_lines(results, lines)
    write_lines(plan.out / "sets.jsonl", _measure_sets(plan, settings, judges))
    store.pack(line.file_name for line in lines if line.shown)
    _describe(plan, judges, settings)
    if failures:
        raise SemcodecError(f"{len(failures)} of {len(tasks)} pieces of work failed; the first: {failures[0]}")


def _without_another_describer(line: Line, judges: Judges) -> Line:
    """What another describer said is not to be compared with what the one of this run says."""
    if not judges.describer or line.describer in ("", judges.describer):
        return line
    values = {name: value for name, value in line.values.items() if name != "words_kept"}
    return replace(line, values=values, describer="")


def _covers(lines: list[Line], budgets: tuple[int, ...]) -> bool:
    return {budget for line in lines for budget in line.budgets} >= set(budgets)


def _known(codec: str, lines: list[Line], budgets: tuple[int, ...]) -> tuple[Line, ...]:
    """What need not be looked for again. semcodec has no ladder, and its files are made anew."""
    return tuple(lines) if codec != ours.NAME and _covers(lines, budgets) else ()


def _is_done(lines: list[Line], budgets: tuple[int, ...], names: tuple[str, ...]) -> bool:
    """`lines` are one codec's of one picture. A costly measure is due at every budget, the others in every line."""
    files = [line for line in lines if line.num_bytes]
    usual = set(names) - COSTLY
    measured = {(budget, name) for line in files for budget in line.budgets for name in COSTLY if name in line.values}
    due = {(budget, name) for line in files for budget in line.budgets for name in COSTLY & set(names)}
    every = all(line.values.keys() | set(line.without) >= usual for line in files)
    return _covers(lines, budgets) and every and measured >= due


def _work(tasks: list[Task], plan: Plan, *, jobs: int) -> Iterator[tuple[Done | None, str]]:
    """(what was done, "") or (None, why not), in any order."""
    if jobs <= 1 or len(tasks) <= 1:
        worker = Worker(plan.weights, with_vmaf=plan.with_vmaf, how=plan.how)
        for task in tasks:
            try:
                yield worker.run(task), ""
            except Exception as exc:
                yield None, _sentence(task, exc)
        return
    context = multiprocessing.get_context("spawn")
    todo: Any = context.Queue()
    results: Any = context.Queue()
    for task in tasks:
        todo.put(task)
    for _ in range(jobs):
        todo.put(None)
    processes = [
        context.Process(target=_serve, args=(todo, results, plan.weights, plan.with_vmaf, plan.how), daemon=True)
        for _ in range(jobs)
    ]
    for process in processes:
        process.start()
    for _ in tasks:
        while True:
            try:
                yield results.get(timeout=5)
                break
            except queue.Empty:
                if any(process.exitcode not in (None, 0) for process in processes):
                    raise SemcodecError(
                        "a worker process died; run again with fewer --jobs, the results so far are kept"
                    ) from None
    for process in processes:
        process.join()


def _serve(todo: Any, results: Any, weights: WeightPaths, with_vmaf: bool, how: ours.How) -> None:
    worker = Worker(weights, with_vmaf=with_vmaf, how=how)
    while (task := todo.get()) is not None:
        try:
            results.put((worker.run(task), ""))
        except Exception as exc:
            results.put((None, _sentence(task, exc)))


def _sentence(task: Task, exc: Exception) -> str:
    where = traceback.extract_tb(exc.__traceback__)[-1]
    return (
        f"{task.codec} on {task.picture.name}: {type(exc).__name__}: {exc} ({Path(where.filename).name}:{where.lineno})"
    )


def _features_path(out: Path, codec: str, picture: str, settings: str) -> Path:
    return out / "scratch" / "features" / codec / f"{picture}-{settings}.npz"


def _save_features(out: Path, done: Done) -> None:
    if done.features:
        path = _features_path(out, done.task.codec, done.task.picture.name, done.task.settings)
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(path, allow_pickle=False, **done.features)


def _measure_sets(plan: Plan, settings: dict[str, str], judges: Judges) -> list[SetLine]:
    """KID and FID of every codec and budget: of this run, else of an earlier run on the same pictures."""
    pictures = plan.pictures.pictures
    mark = plan.pictures.sha256
    earlier = {
        (line.codec, line.budget, line.measure, line.pictures_sha256): line
        for line in read_set_lines(plan.out / "sets.jsonl")
        if line.settings == settings.get(line.codec, line.settings)
    }
    if len(pictures) < MIN_PICTURES:
        return list(earlier.values())
    for codec, own in settings.items():
        paths = [_features_path(plan.out, codec, p.name, own) for p in pictures]
        if not all(path.exists() for path in paths):
            continue
        features: list[dict[str, Any]] = [dict(np.load(path)) for path in paths]
        for wanted in judges.set_names:
            originals = [one[f"{wanted}-original"] for one in features if f"{wanted}-original" in one]
            for budget in plan.budgets:
                decoded = [one[f"{wanted}-{budget}"] for one in features if f"{wanted}-{budget}" in one]
                if not len(originals) == len(decoded) == len(pictures):
                    continue
                value, error = (fid(originals, decoded), 0.0) if wanted == "fid" else kid(originals, decoded)
                numbers = (round(value, 6), round(error, 6), len(pictures))
                earlier[codec, budget, wanted, mark] = SetLine(codec, own, mark, budget, wanted, *numbers)
    order = {codec: at for at, codec in enumerate(settings)}
    return sorted(
        earlier.values(),
        key=lambda line: (order.get(line.codec, len(order)), line.codec, line.measure, line.budget, line.num_pictures),
    )


def _describe(plan: Plan, judges: Judges, settings: dict[str, str]) -> None:
    """run.json: what a reader must know about the numbers."""
    about = {
        "set": {
            "name": plan.pictures.name,
            "title": plan.pictures.title,
            "licence": plan.pictures.licence,
            "sha256": plan.pictures.sha256,
        },
        "pictures": [{"name": p.name, "sha256": p.sha256} for p in plan.pictures.pictures],
        "budgets": plan.budgets,
        "unit": plan.unit,
        "codecs": [
            {"name": name, "title": plan.how.title, "settings": plan.how.settings()}
            if name == ours.NAME
            else next({"name": p.name, "title": p.title, "settings": p.settings} for p in plan.peers if p.name == name)
            for name in settings
        ],
        "measures": judges.names,
        "absent": [*plan.absent, *judges.absent],
        "weights": judges.weight_files(),
        "environment": describe_environment(),
    }
    replace_file(plan.out / "run.json", (json.dumps(about, indent=1) + "\n").encode())
