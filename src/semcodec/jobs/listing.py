"""A source, as it is typed, to its tasks: a file, a folder, a pattern, or any of them at a URL of fsspec.

What is found decides: pictures, shards (`*.tar`, `*.tar.gz`, `*.tgz`) and tables (`*.parquet`) may lie in one folder.
Hidden names (`.name`) are passed over. What cannot be listed becomes an input that says so, not a gap.
"""

from __future__ import annotations

import glob
from collections.abc import Iterator
from itertools import chain, islice

from semcodec.jobs.places import Place, PlaceError
from semcodec.jobs.tables import row_groups
from semcodec.jobs.tasks import FilesTask, ParquetTask, ProblemTask, Reading, TarTask, Task

_SHARDS = (".tar", ".tar.gz", ".tgz")
_TABLES = (".parquet", ".pq")
_TASKS_A_WORKER = 4  # of a small source: so that none waits long for the last one to end


def tasks_of(
    source: str, reading: Reading, *, most: int, workers: int, but: frozenset[str] = frozenset()
) -> Iterator[Task]:
    """The tasks of a source, each of at most `most` files or rows (a row group at least, a shard as a whole); paths in
    `but` are passed over. Small sources are divided so that all workers have something to do.

    Raises:
        PlaceError: there is nothing at this address, or it cannot be opened.
    """
    root, found = _found_at(source, reading, but)
    wanted = workers * _TASKS_A_WORKER if workers > 1 else 1
    few = list(islice(found, most * wanted))
    if not few:
        raise PlaceError(f"{source}: holds no input: no {', '.join(reading.suffixes[:3])} ..., no *.tar, no *.parquet")
    size = max(1, min(most, -(-len(few) // wanted)))
    files: list[str] = []
    for one in chain(few, found):
        if isinstance(one, ProblemTask):
            yield one
        elif one.lower().endswith(_SHARDS):
            step = -(-wanted // len(few))
            yield from (TarTask(root.url, one, reading, first, step) for first in range(step))
        elif one.lower().endswith(_TABLES):
            yield from _of_table(root, one, reading, most, -(-wanted // len(few)))
        else:
            files.append(one)
            if len(files) == size:
                yield FilesTask(root.url, tuple(files), reading)
                files = []
    if files:
        yield FilesTask(root.url, tuple(files), reading)


def _found_at(source: str, reading: Reading, but: frozenset[str]) -> tuple[Place, Iterator[str | ProblemTask]]:
    """The folder that names are relative to, and the names."""
    place = Place.at(source)
    if place.is_folder():
        return place, _below(place, reading, but)
    folder, _, name = place.address.rpartition("/")
    if place.exists():
        return Place.at(folder or "."), iter([name])
    if not glob.has_magic(source):
        raise PlaceError(f"{source}: there is no such file or folder")
    parts = source.split("/")
    fixed = next(at for at, part in enumerate(parts) if glob.has_magic(part))
    root = Place.at("/".join(parts[:fixed]) or ("/" if source.startswith("/") else "."))
    matches = sorted(path for path in root.system.glob(place.path) if not root.system.isdir(path))
    names = (path[len(root.path) :].lstrip("/") for path in matches)
    return root, (name for name in names if not name.startswith(".") and "/." not in name)


def _below(place: Place, reading: Reading, but: frozenset[str]) -> Iterator[str | ProblemTask]:
    problems: list[ProblemTask] = []
    for name in place.walk(lambda folder, why: problems.append(ProblemTask(folder, why)), but=but):
        if name.lower().endswith((*reading.suffixes, *_SHARDS, *_TABLES)):
            yield name
    yield from problems


def _of_table(root: Place, name: str, reading: Reading, most: int, least_tasks: int) -> Iterator[Task]:
    try:
        sizes = row_groups(root / name)
    except (OSError, ValueError) as exc:
        yield ProblemTask(name, f"the table cannot be read: {exc}")
        return
    most = max(1, min(most, sum(sizes) // least_tasks))
    first = at = count = 0
    for at, size in enumerate(sizes):
        if count and count + size > most:
            yield ParquetTask(root.url, name, reading, first, at)
            first, count = at, 0
        count += size
    if sizes:
        yield ParquetTask(root.url, name, reading, first, at + 1)
