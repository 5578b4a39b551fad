"""`semcodec jobs`: the same work on many pictures, on one machine or a cluster."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from semcodec.cli.encode import PICTURE_SUFFIXES
from semcodec.cli.encode_flags import BoxFlags, PictureFlags
from semcodec.cli.exits import ExitCode, say, sentence
from semcodec.cli.flags import Quiet, with_groups
from semcodec.cli.jobs_flags import Column, EngineFlags, Failures, NameColumn, ResultFlags, Source, Target
from semcodec.cli.limits import MaxPixels, chosen_limits
from semcodec.cli.paths import no_empty_names
from semcodec.errors import SemcodecError

if TYPE_CHECKING:
    from semcodec.jobs import Reading, Summary
    from semcodec.jobs.work import Work

_HELP = {"help_option_names": ["-h", "--help"]}
_MOST_SAID = 20  # failures that are said one by one

jobs = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings=_HELP,
)


@jobs.callback()
def about() -> None:
    """Work on archives: each input once, on one machine or many, whatever breaks in between.

    SRC is a folder, a pattern, WebDataset shards (*.tar) or Parquet tables, here or at a URL that fsspec opens. DST
    gets a row for each input, errors too. Run it again to go on: what is done is known by content, not by name.

    Packages: pip install 'semcodec[jobs]'
    """


@jobs.command(context_settings=_HELP)
@with_groups
def encode(
    source: Source,
    target: Target,
    *,
    sent: PictureFlags,
    boxes: BoxFlags,
    no_caption: Annotated[bool, typer.Option("--no-caption", help="No words.")] = False,
    regions: Annotated[bool, typer.Option("--regions", help="Add what is where, as far as it is sure.")] = False,
    vector: Annotated[
        bool | None, typer.Option("--vector/--no-vector", help="Add what search compares.", show_default=False)
    ] = None,
    captions: Annotated[
        str | None,
        typer.Option("--captions", metavar="NAME", help="Words of people: a column, or a suffix in shards (txt)."),
    ] = None,
    describer: Annotated[
        str | None, typer.Option("--describer", metavar="MODEL", help="Describe by a model of transformers.")
    ] = None,
    column: Column = None,
    name_column: NameColumn = None,
    engine: EngineFlags,
    results: ResultFlags,
    max_pixels: MaxPixels = None,
    quiet: Quiet = False,
) -> None:
    """Encode pictures to rows with a .semc file each, its words, regions and vector.

    Options of the file are those of `semcodec encode`.
    """
    from semcodec.jobs import Encode, Reading
    from semcodec.pictures.formats import known_suffixes

    says = not no_caption and describer is None
    work = Encode(
        **asdict(sent),
        describe=says,
        describer=describer,
        regions=regions or None,
        vector=vector if vector is not None or says else False,
        boxed=boxes.boxed,
        strip=boxes.strip,
        link=boxes.link,
        limits=chosen_limits(max_pixels),
        threads=engine.threads,
    )
    suffixes = tuple(sorted(PICTURE_SUFFIXES | known_suffixes()))
    _run(work, source, target, Reading(suffixes, column or "image", name_column, captions), engine, results, quiet)


@jobs.command(context_settings=_HELP)
@with_groups
def describe(
    source: Source,
    target: Target,
    *,
    regions: Annotated[bool, typer.Option("--regions", help="Say what is where, too.")] = False,
    column: Column = None,
    name_column: NameColumn = None,
    engine: EngineFlags,
    results: ResultFlags,
    max_pixels: MaxPixels = None,
    quiet: Quiet = False,
) -> None:
    """Tell what the embedded describer sees in pictures, sure or not, and a vector of each."""
    from semcodec.jobs import Describe, Reading
    from semcodec.pictures.formats import known_suffixes

    work = Describe(regions=regions, limits=chosen_limits(max_pixels), threads=engine.threads)
    suffixes = tuple(sorted(PICTURE_SUFFIXES | known_suffixes()))
    _run(work, source, target, Reading(suffixes, column or "image", name_column), engine, results, quiet)


@jobs.command(context_settings=_HELP)
@with_groups
def decode(
    source: Source,
    target: Target,
    *,
    format: Annotated[str, typer.Option("--format", help="Of the pictures: png, webp, jpg, avif, ...")] = "png",
    restore: Annotated[
        bool, typer.Option("--restore/--no-restore", help="Let the restorer finish what was decoded.")
    ] = True,
    column: Column = None,
    name_column: NameColumn = None,
    engine: EngineFlags,
    results: ResultFlags,
    max_pixels: MaxPixels = None,
    quiet: Quiet = False,
) -> None:
    """Decode .semc files, or the results of `jobs encode`, to rows with a picture each."""
    from semcodec.jobs import Decode, Reading

    try:
        work = Decode(format=format, restore=restore, limits=chosen_limits(max_pixels), threads=engine.threads)
    except ValueError as exc:
        raise typer.BadParameter(f"--{exc}") from exc
    _run(work, source, target, Reading((".semc",), column or "semc", name_column), engine, results, quiet)


@jobs.command(context_settings=_HELP)
@with_groups
def index(
    source: Source,
    target: Annotated[
        str, typer.Argument(metavar="INDEX", help="The folder of the index, on a local disk.", callback=no_empty_names)
    ],
    *,
    column: Column = None,
    name_column: NameColumn = None,
    engine: EngineFlags,
    part: Annotated[int, typer.Option("--part", min=1, help="The most files of a task.")] = 100_000,
    batch: Annotated[int, typer.Option("--batch", min=1, help="Files that a worker takes together.")] = 4096,
    failures: Failures = None,
    max_pixels: MaxPixels = None,
    quiet: Quiet = False,
) -> None:
    """Read the words, regions and vectors of .semc files, or of the results of `jobs encode`, into tables.

    `semcodec search --index INDEX` asks them. Run it again to bring the tables up to date, or after an interruption.
    """
    from semcodec.cli.progress import counting
    from semcodec.jobs import Manner, Reading, index_job

    with _told_of(target):
        with counting("files read", quiet=quiet) as advance:
            summary = index_job(
                source,
                target,
                reading=Reading((".semc",), column or "semc", name_column),
                engine=engine.chosen(),
                manner=Manner(part, batch),
                limits=chosen_limits(max_pixels),
                advance=advance,
            )
        _end(summary, source, failures, quiet=quiet)


@jobs.command(context_settings=_HELP)
def opensearch(
    tables: Annotated[
        str, typer.Argument(metavar="INDEX", help="The folder that `jobs index` made.", callback=no_empty_names)
    ],
    folder: Annotated[str, typer.Argument(metavar="DST", help="The folder to write to.", callback=no_empty_names)],
    name: Annotated[str, typer.Option("--name", help="What the index is called in OpenSearch.")] = "semcodec",
    quiet: Quiet = False,
) -> None:
    """Write an index as OpenSearch loads it: mapping.json, and bulk-*.ndjson for its bulk interface."""
    from pathlib import Path

    from semcodec.search.opensearch import write_bulk

    with _told_of(folder):
        count = write_bulk(Path(tables), Path(folder), name=name)
    if not quiet:
        say(f"{folder}: {count} documents")


@jobs.command(context_settings=_HELP)
@with_groups
def verify(
    source: Source,
    target: Target,
    *,
    column: Column = None,
    name_column: NameColumn = None,
    engine: EngineFlags,
    batch: Annotated[int, typer.Option("--batch", min=1, help="Inputs that a worker takes together.")] = 16,
    failures: Failures = None,
    max_pixels: MaxPixels = None,
    quiet: Quiet = False,
) -> None:
    """Check that each input of SRC has its row in DST, once, and that the files there are whole. Nothing is written.

    Exit codes: 0 all are there; 1 some are missing, twice or unreadable; 3 files are damaged; 4 inputs are not those
    that were worked on.
    """
    from semcodec.cli.progress import counting
    from semcodec.jobs import Manner, Reading, verify_job

    limits = chosen_limits(max_pixels)
    with _told_of(target):
        with counting("inputs looked at", quiet=quiet) as advance:
            summary = verify_job(
                source,
                target,
                reading=Reading(_suffixes(target), column or "image", name_column),
                engine=engine.chosen(),
                manner=Manner(batch=batch),
                limits=limits,
                advance=advance,
            )
        _say_failures(summary, failures)
    if not quiet:
        wrong = ", ".join(f"{number} {kind}" for kind, number in sorted(summary.report.kinds.items()))
        say(f"{source}: {summary.report.num_inputs} inputs: {wrong or 'each has its row, and each file is whole'}")
    if not summary.report.num_failed:
        raise typer.Exit(ExitCode.OK)
    codes = {"damaged": ExitCode.DAMAGED, "changed": ExitCode.DIFFERENT}
    found = {codes.get(kind, ExitCode.FAILURE) for kind in summary.report.kinds}
    raise typer.Exit(min(found))


def _suffixes(target: str) -> tuple[str, ...]:
    """Of the inputs of the job that left these results."""
    from semcodec.jobs.results import found_results
    from semcodec.pictures.formats import known_suffixes

    is_of_files = found_results(target).kind == "decode"
    return (".semc",) if is_of_files else tuple(sorted(PICTURE_SUFFIXES | known_suffixes()))


@contextlib.contextmanager
def _told_of(target: str) -> Iterator[None]:
    """What goes wrong with all of it ends the command with a sentence."""
    try:
        yield
    except (SemcodecError, OSError) as exc:
        say(sentence(target, exc) if isinstance(exc, OSError) else str(exc))
        raise typer.Exit(ExitCode.FAILURE) from exc


def _run(
    work: Work,
    source: str,
    target: str,
    reading: Reading,
    engine: EngineFlags,
    results: ResultFlags,
    quiet: bool,
) -> None:
    from semcodec.cli.progress import counting
    from semcodec.jobs import run_job

    with _told_of(target):
        with counting("inputs dealt with", quiet=quiet) as advance:
            summary = run_job(
                work,
                source,
                target,
                reading=reading,
                form=results.to.value,
                engine=engine.chosen(),
                manner=results.manner(),
                retry_errors=results.retry_errors,
                advance=advance,
            )
        _end(summary, source, results.failures, quiet=quiet)


def _end(summary: Summary, source: str, failures: str | None, *, quiet: bool) -> None:
    """Says what was done, and ends the command."""
    _say_failures(summary, failures)
    if not quiet:
        say(f"{source}: {_summed_up(summary)}")
    report = summary.report
    if report.num_failed or report.num_failed_before:
        raise typer.Exit(ExitCode.FAILURE)
    raise typer.Exit(ExitCode.DAMAGED if report.num_damaged else ExitCode.OK)


def _summed_up(summary: Summary) -> str:
    report = summary.report
    known = f", {report.num_known} known" if report.num_known else ""
    copied = f", {report.num_copied} copied (known under another name)" if report.num_copied else ""
    again = f" ({summary.num_reopened} of an earlier run were tried again)" if summary.num_reopened else ""
    before = f" and {report.num_failed_before} before (--retry-errors)" if report.num_failed_before else ""
    made = f" to {report.made_bytes}" if report.made_bytes else ""
    rate = f", {report.num_made / summary.wall_s:.1f} a second" if report.num_made else ""
    done = f"{report.num_made} done{known}{copied}"
    return (
        f"{report.num_inputs} inputs: {done}, {report.num_failed} failed{again}{before}; "
        f"{report.source_bytes} bytes{made}; {report.seconds:.0f} s of work in {summary.wall_s:.0f} s{rate}"
    )


def _say_failures(summary: Summary, path: str | None) -> None:
    report = summary.report
    if path is not None:
        from semcodec.jobs.run import failures_table

        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(failures_table(report.failures))
    if report.num_failed <= _MOST_SAID:
        for failure in sorted(report.failures, key=lambda failure: failure.name):
            say(f"{failure.name}: {failure.error}")
        return
    for kind, number in sorted(report.kinds.items(), key=lambda pair: -pair[1]):
        like: Any = next((failure for failure in report.failures if failure.kind == kind), None)
        example = "" if like is None else f", such as {like.name}: {like.error}"
        say(f"{number} times {kind}{example}")
    say("--failures FILE lists them; of a job each is a row of the results, with its `error`")
