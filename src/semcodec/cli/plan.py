"""From what the user typed to a list of jobs: which file is written where. Nothing is read or written here.

Rules
1. One input and an output: that output. Many inputs, folders or patterns: a folder for outputs, or each output beside
   its input. A folder is searched to its depths, and the tree below it is kept.
2. An input never is an output, and no two inputs share one.
"""

from __future__ import annotations

import glob
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from semcodec.cli.streams import STANDARD


class UsageError(Exception):
    """The command line asks for something that cannot be meant."""


@dataclass(frozen=True, slots=True)
class Job:
    """One input and its output. `named`: the user wrote the output's name, so it may replace what is there."""

    source: str
    target: str
    named: bool = False
    problem: str | None = None  # why it cannot be done, where planning already knows


@dataclass(frozen=True, slots=True)
class Kinds:
    """What a command reads and writes, by suffix."""

    is_input: Callable[[Path], bool]  # found in folders, and never taken for an output
    is_output: Callable[[Path], bool]
    input_suffixes: frozenset[str]  # removed from a name before `output_suffix` is added
    output_suffix: str


def plan_jobs(paths: list[str], output_dir: str | None, kinds: Kinds) -> list[Job]:
    """The jobs in a fixed order. Raises `UsageError`."""
    inputs, output = (paths, None) if output_dir else _split_off_output(paths, kinds)
    if not inputs:
        raise UsageError("an input is needed")
    single = len(inputs) == 1 and not _is_many(inputs[0])
    folder = output_dir
    if output is not None:
        is_folder = Path(output).is_dir() or output.endswith(("/", "\\"))
        if single and not is_folder:
            return [Job(inputs[0], output, named=True)]
        if output == STANDARD or kinds.is_output(Path(output)) or Path(output).is_file():
            raise UsageError(f"{output}: several inputs need a folder to write to")
        folder = output
    if STANDARD in inputs:
        if len(inputs) > 1 or folder:
            raise UsageError("- (stdin) can only be the one input, with one output")
        return [Job(STANDARD, STANDARD, named=True)]
    jobs: list[Job] = []
    for item in inputs:
        found = _expand(item, kinds)
        if not found:
            nothing = "holds no file of a kind that is known here" if Path(item).is_dir() else "matches no file"
            jobs.append(Job(item, "", problem=f"{item}: {nothing}"))
        for source, relative in found:
            name = _output_name(relative, kinds)
            target = Path(folder, name) if folder else source.parent / name.name
            jobs.append(Job(str(source), str(target)))
    return _without_clashes(jobs)


def _split_off_output(paths: list[str], kinds: Kinds) -> tuple[list[str], str | None]:
    """The last path is the output, unless that cannot be: `encode *.jpg` must not write over the last photograph."""
    if len(paths) < 2:
        return paths, None
    last = Path(paths[-1])
    if paths[-1] == STANDARD or last.is_dir() or paths[-1].endswith(("/", "\\")) or kinds.is_output(last):
        return paths[:-1], paths[-1]
    if kinds.is_input(last) or glob.has_magic(paths[-1]):
        return paths, None
    if last.exists():
        raise UsageError(
            f"{paths[-1]}: exists and is neither a known input nor a known output; "
            f"name an output *{kinds.output_suffix}, or use --output-dir"
        )
    return paths[:-1], paths[-1]


def _is_many(item: str) -> bool:
    return Path(item).is_dir() or (glob.has_magic(item) and not Path(item).exists())


def _expand(item: str, kinds: Kinds) -> list[tuple[Path, Path]]:
    """(path, its place below the folder or pattern) of all inputs behind what the user wrote."""
    path = Path(item)
    if path.is_dir():
        found = [child for child in sorted(path.rglob("*")) if kinds.is_input(child) and child.is_file()]
        visible = [child for child in found if not any(p.startswith(".") for p in child.relative_to(path).parts)]
        return [(child, child.relative_to(path)) for child in visible]
    if path.exists() or not glob.has_magic(item):
        return [(path, Path(path.name))]
    fixed: list[str] = []
    for part in path.parts[:-1]:
        if glob.has_magic(part):
            break
        fixed.append(part)
    base = Path(*fixed)
    matches = [Path(match) for match in sorted(glob.glob(item, recursive=True))]
    return [(match, match.relative_to(base)) for match in matches if match.is_file()]


def _output_name(relative: Path, kinds: Kinds) -> Path:
    known = relative.suffix.lower() in kinds.input_suffixes and relative.stem
    return relative.with_name((relative.stem if known else relative.name) + kinds.output_suffix)


def _without_clashes(jobs: list[Job]) -> list[Job]:
    """Two inputs of one output: the first has it, the others say so. The same input twice counts once."""
    owners: dict[Path, str] = {}
    kept: list[Job] = []
    for job in jobs:
        if job.problem is not None:
            kept.append(job)
            continue
        owner = owners.setdefault(Path(job.target).absolute(), job.source)
        if owner == job.source:
            if not any(other.source == job.source and other.target == job.target for other in kept):
                kept.append(job)
        else:
            problem = f"{job.source}: would be written to {job.target}, as {owner} is; rename one of the two"
            kept.append(Job(job.source, job.target, problem=problem))
    return kept
