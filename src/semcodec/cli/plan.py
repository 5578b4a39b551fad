"""From what the user typed to a list of jobs: which file is written where. Nothing is read or written here.

Rules
1. One input and an output: that output. Many inputs, folders or patterns: a folder for outputs, or each output beside
   its input. A folder is searched to its depths, and the tree below it is kept.
2. An input never is an output, and no two inputs share one.
3. What is passed over in a folder is said: each as a job that cannot be done.

Questions to the system are asked with `os.path`, which takes what cannot be told for "no": who opens the file then
learns why, and names it.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from semcodec.cli.streams import STANDARD, as_input, as_output


class UsageError(Exception):
    """The command line asks for something that cannot be meant."""


@dataclass(frozen=True, slots=True)
class Job:
    """One input and its output. `named`: the user wrote the output's name.

    `problem`: why it cannot be done, where planning already knows. `unread`: the kind of picture that it is, where a
    folder holds one that cannot be read here.
    """

    source: str
    target: str
    named: bool = False
    problem: str | None = None
    unread: str | None = None


@dataclass(frozen=True, slots=True)
class Kinds:
    """What a command reads and writes, by suffix."""

    is_input: Callable[[Path], bool]  # found in folders, and never taken for an output
    is_output: Callable[[Path], bool]
    input_suffixes: frozenset[str]  # removed from a name before `output_suffix` is added
    output_suffix: str
    # The name of a kind that would be an input if it could be read here; None for all other files.
    unread: Callable[[Path], str | None] = lambda path: None


def plan_jobs(paths: list[str], output_dir: str | None, kinds: Kinds) -> list[Job]:
    """The jobs in a fixed order. Raises `UsageError`."""
    inputs, output = (paths, None) if output_dir else _split_off_output(paths, kinds)
    if not inputs:
        raise UsageError("an input is needed")
    inputs = [as_input(path) for path in inputs]
    single = len(inputs) == 1 and not _is_many(inputs[0])
    folder = output_dir
    if output is not None:
        is_folder = os.path.isdir(output) or output.endswith(("/", "\\"))
        if single and not is_folder:
            return [Job(inputs[0], as_output(output), named=True)]
        if output == STANDARD or kinds.is_output(Path(output)) or (os.path.exists(output) and not is_folder):
            raise UsageError(f"{output}: several inputs need a folder to write to")
        folder = output
    if STANDARD in inputs:
        if len(inputs) > 1 or folder:
            raise UsageError("- (stdin) can only be the one input, with one output")
        return [Job(STANDARD, STANDARD, named=True)]
    jobs: list[Job] = []
    for item in inputs:
        found = _expand(item, kinds)
        if not found.inputs and not found.problems:
            nothing = "holds no file of a kind that is known here" if os.path.isdir(item) else "matches no file"
            jobs.append(Job(item, "", problem=f"{item}: {nothing}"))
        for source, relative in found.inputs:
            name = _output_name(relative, kinds)
            target = Path(folder, name) if folder else source.parent / name.name
            jobs.append(Job(str(source), str(target)))
        jobs += found.problems
    return _without_clashes(jobs)


def _split_off_output(paths: list[str], kinds: Kinds) -> tuple[list[str], str | None]:
    """The last path is the output, unless that cannot be: `encode *.jpg` must not write over the last photograph."""
    if len(paths) < 2:
        return paths, None
    last = Path(paths[-1])
    exists = os.path.exists(last)
    if paths[-1] == STANDARD or os.path.isdir(last) or paths[-1].endswith(("/", "\\")) or kinds.is_output(last):
        return paths[:-1], paths[-1]
    if glob.has_magic(paths[-1]):
        return paths, None
    if kinds.is_input(last):
        if len(paths) == 2 and not os.path.lexists(last):
            raise UsageError(
                f"{paths[-1]}: there is no such file to read, and as the name of an output it would have to end with "
                f"{kinds.output_suffix}"
            )
        return paths, None
    if exists and len(paths) > 2:
        raise UsageError(
            f"{paths[-1]}: exists and is neither a known input nor a known output; "
            f"name an output *{kinds.output_suffix}, or use --output-dir"
        )
    return paths[:-1], paths[-1]


def _is_many(item: str) -> bool:
    return os.path.isdir(item) or (glob.has_magic(item) and not os.path.lexists(item))


@dataclass(frozen=True, slots=True)
class _Found:
    """`inputs`: (path, its place below the folder or pattern). `problems`: what was passed over."""

    inputs: list[tuple[Path, Path]]
    problems: list[Job]


def _expand(item: str, kinds: Kinds) -> _Found:
    """All inputs behind what the user wrote."""
    path = Path(item)
    if os.path.isdir(item):
        return _in_folder(path, kinds)
    if os.path.lexists(item) or not glob.has_magic(item):
        return _Found([(path, Path(path.name))], [])
    # What exists as it is written is no pattern, whatever brackets it has: "album [2024]/*.png".
    base, rest = Path(), list(path.parts)
    while len(rest) > 1 and (not glob.has_magic(rest[0]) or os.path.lexists(base / rest[0])):
        base /= rest.pop(0)
    # Below a wildcard a bracket may be either.
    patterns = {os.path.join(*rest), os.path.join(*(part.replace("[", "[[]") for part in rest))}
    prefix = glob.escape(str(base)) if base.parts else ""
    matches = {Path(match) for end in patterns for match in glob.glob(os.path.join(prefix, end), recursive=True)}
    return _Found([(match, match.relative_to(base)) for match in sorted(matches) if os.path.isfile(match)], [])


def _in_folder(folder: Path, kinds: Kinds) -> _Found:
    """The inputs below a folder, without what is hidden. Links to folders are not followed: they may lead round."""
    inputs: list[Path] = []
    problems: list[Job] = []

    def left_out(path: Path, why: str) -> None:
        problems.append(Job(str(path), "", problem=f"{path}: {why}"))

    folders = [folder]
    while folders:
        inside = folders.pop()
        try:
            with os.scandir(inside) as entries:
                listed = [entry for entry in entries if not entry.name.startswith(".")]
        except OSError as exc:
            left_out(inside, f"cannot be listed, what is in it was left out: {exc.strerror or exc}")
            continue
        for entry in listed:
            path = Path(inside, entry.name)
            kind = kinds.unread(path)
            if entry.is_dir(follow_symlinks=False):
                folders.append(path)
            elif os.path.isdir(path):
                left_out(path, "is a link to a folder, which was left out; name that folder, too")
            elif kinds.is_input(path) or kind is not None:
                if os.path.islink(path) and not os.path.exists(path):
                    left_out(path, "is a link that leads nowhere")
                elif kind is not None:
                    problems.append(Job(str(path), "", unread=kind))
                elif os.path.isfile(path) or not os.path.exists(path):
                    inputs.append(path)  # (where it cannot be told, reading it tells why)
    problems.sort(key=lambda job: job.source)
    return _Found([(path, path.relative_to(folder)) for path in sorted(inputs)], problems)


def _output_name(relative: Path, kinds: Kinds) -> Path:
    known = relative.suffix.lower() in kinds.input_suffixes and relative.stem
    return relative.with_name((relative.stem if known else relative.name) + kinds.output_suffix)


def _without_clashes(jobs: list[Job]) -> list[Job]:
    """Two inputs of one output: the first has it, the others say so. The same input twice counts once."""
    owners: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    kept: list[Job] = []
    for job in jobs:
        if job.problem is not None or job.unread is not None:
            kept.append(job)
            continue
        owner = owners.setdefault(os.path.normpath(_absolute(job.target)), job.source)
        if owner == job.source:
            if (job.source, job.target) not in seen:
                seen.add((job.source, job.target))
                kept.append(job)
        else:
            problem = f"{job.source}: would be written to {job.target}, as {owner} is; rename one of the two"
            kept.append(Job(job.source, job.target, problem=problem))
    return kept


def _absolute(path: str) -> str:
    try:
        return os.path.abspath(path)
    except OSError:  # the current folder has been deleted: relative names all lead to the same nothing
        return path
