"""`jobs verify`: whether every input has its row, once, and whether every file in the rows is whole.

Nothing is written. The inputs are hashed and looked for among the rows; then the files in the rows are read to their
end, without a network.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any

from semcodec.errors import SemcodecError
from semcodec.jobs.items import NOT_MADE, Failure, Item
from semcodec.jobs.known import Known
from semcodec.jobs.perform import Manner, Report
from semcodec.jobs.tasks import Task
from semcodec.limits import DEFAULT_LIMITS, Limits

MISSING, CHANGED, UNREADABLE, DAMAGED, TWICE = "missing", "changed", "unreadable", "damaged", "twice"


class Verifier:
    """Looks at the items of tasks with `look`, which says what is wrong with one: its kind and a sentence."""

    def __init__(
        self,
        look: Callable[[Item, Known], tuple[str, str] | None],
        manner: Manner,
        known: Known,
        advance: Callable[[int], None] | None = None,
    ) -> None:
        self._look, self._known, self._manner = look, known, manner
        self._advance = advance or (lambda count: None)

    def __call__(self, task: Task) -> Report:
        report, items = Report(), task.items()
        while batch := list(islice(items, self._manner.batch)):
            for item in batch:
                report.num_inputs += 1
                report.source_bytes += len(item.data or b"")
                wrong = self._look(item, self._known)
                if wrong is None:
                    report.num_made += 1
                else:
                    report.fail(Failure(item.name, *wrong))
            self._advance(len(batch))
        return report


def look_for_row(item: Item, known: Known) -> tuple[str, str] | None:
    """Of an input: whether there is a row of this name and content."""
    sha256 = item.sha256
    if sha256 is None:
        return UNREADABLE, item.problem or "cannot be read"
    if known.has(item.name, sha256):
        return None
    if known.has_name(item.name):
        return CHANGED, "is another picture than the one that was worked on"
    return MISSING, "has no row; run the job again"


class LookAtFile:
    """Of a row: whether its .semc file is whole."""

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self._limits = limits

    def __call__(self, item: Item, known: Known) -> tuple[str, str] | None:
        from semcodec.file.reading import read

        if item.data is None:  # (an error of the job is no news)
            problem = item.problem or "cannot be read"
            return None if problem.startswith(NOT_MADE) else (UNREADABLE, problem)
        try:
            reading = read(item.data, limits=self._limits)
        except SemcodecError as exc:
            return DAMAGED, str(exc)
        problems: tuple[Any, ...] = (*reading.problems, *reading.metadata.problems)
        return (DAMAGED, str(problems[0])) if problems else None
