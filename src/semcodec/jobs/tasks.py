"""What there is to do, in tasks: some inputs of a source, that one worker reads, works on, and writes the results of.

```text
a folder, a pattern, any URL of fsspec --listed--> pictures      --> FilesTask     some files
                                                   *.tar         --> TarTask       samples of a WebDataset shard
                                                   *.parquet     --> ParquetTask   rows of a table
                                                   what cannot be listed --> ProblemTask   a row that says so
```

A task is told in JSON, which every engine carries, and is known by the hash of that: whoever does it again, in this run
or another one, finds what was left of it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from semcodec.jobs.items import Item
from semcodec.jobs.places import Place


@dataclass(frozen=True, slots=True)
class Reading:
    """How a source is read. `suffixes`: of files that are inputs. `column`, `name_column`, `caption_column`: of tables;
    `caption_column` is also the suffix of a WebDataset's captions ("txt").
    """

    suffixes: tuple[str, ...]
    column: str = "image"
    name_column: str | None = None
    caption_column: str | None = None


@dataclass(frozen=True, slots=True)
class FilesTask:
    """Files below the root, by their names."""

    root: str
    names: tuple[str, ...]
    reading: Reading

    def items(self) -> Iterator[Item]:
        root = Place.at(self.root)
        for name in self.names:
            try:
                yield Item(name, (root / name).read())
            except OSError as exc:
                yield Item(name, problem=exc.strerror or str(exc))


@dataclass(frozen=True, slots=True)
class TarTask:
    """The samples of a shard; of each `step` of them the one that is number `first`."""

    root: str
    name: str
    reading: Reading
    first: int = 0
    step: int = 1

    def items(self) -> Iterator[Item]:
        from semcodec.jobs.tars import samples_of

        place = Place.at(self.root) / self.name if self.name else Place.at(self.root)
        yield from samples_of(place, self.name or place.name, self.reading, self.first, self.step)


@dataclass(frozen=True, slots=True)
class ParquetTask:
    """Rows of a table: those of the row groups from `first` to before `end`."""

    root: str
    name: str
    reading: Reading
    first: int = 0
    end: int = 0

    def items(self) -> Iterator[Item]:
        from semcodec.jobs.tables import rows_of

        place = Place.at(self.root) / self.name if self.name else Place.at(self.root)
        yield from rows_of(place, self.name or place.name, self.reading, self.first, self.end)


@dataclass(frozen=True, slots=True)
class ProblemTask:
    """An input that cannot even be listed."""

    name: str
    problem: str

    def items(self) -> Iterator[Item]:
        yield Item(self.name, problem=self.problem)


Task = FilesTask | TarTask | ParquetTask | ProblemTask
_KINDS: dict[str, Any] = {kind.__name__: kind for kind in (FilesTask, TarTask, ParquetTask, ProblemTask)}


def told(task: Task) -> str:
    """A task as JSON."""
    return json.dumps({"task": type(task).__name__, **asdict(task)}, sort_keys=True)


def task_of(text: str) -> Task:
    """The task that was told."""
    said = json.loads(text)
    kind = _KINDS[said.pop("task")]
    if "names" in said:
        said["names"] = tuple(said["names"])
    if "reading" in said:
        said["reading"] = Reading(**said["reading"] | {"suffixes": tuple(said["reading"]["suffixes"])})
    found: Task = kind(**said)
    return found


def ident(task: Task) -> str:
    """What its results are known by."""
    return hashlib.sha256(told(task).encode()).hexdigest()[:16]
