"""`semcodec index`: the words of a folder's files into a database that `semcodec search` asks."""

from __future__ import annotations

from typing import Annotated

import typer

from semcodec.cli.exits import ExitCode, say, sentence
from semcodec.cli.flags import Quiet
from semcodec.cli.limits import MaxPixels, chosen_limits
from semcodec.cli.paths import no_empty_names
from semcodec.errors import SemcodecError

Database = Annotated[
    str | None,
    typer.Option(
        "--db",
        metavar="FILE",
        help="The database; by default SEMCODEC_INDEX, or one of your own for all.",
        callback=no_empty_names,
    ),
]


def index(
    folder: Annotated[
        str,
        typer.Argument(metavar="FOLDER", help="Where to look for .semc files, to its depths.", callback=no_empty_names),
    ],
    database: Database = None,
    vectors: Annotated[
        bool, typer.Option("--vectors", help="Also store what the words mean, for search --vectors (extra: search).")
    ] = False,
    pictures: Annotated[
        bool,
        typer.Option("--pictures", help="Also decode each picture and look at it, for search --pictures."),
    ] = False,
    quiet: Quiet = False,
    max_pixels: MaxPixels = None,
) -> None:
    """Read the words of all files in FOLDER into a database: some 30 bytes of a file. No picture is decoded unless you
    ask for it.

    Run it again to bring the database up to date, or after an interruption: only what changed is read.
    """
    try:
        tally = _index(folder, database, max_pixels, with_vectors=vectors, with_pictures=pictures, quiet=quiet)
    except (SemcodecError, OSError) as exc:
        say(sentence(folder, exc) if isinstance(exc, OSError) else str(exc))
        raise typer.Exit(ExitCode.FAILURE) from exc
    raise typer.Exit(ExitCode.DAMAGED if tally else ExitCode.OK)


def _index(
    folder: str,
    database: str | None,
    max_pixels: int | None,
    *,
    with_vectors: bool,
    with_pictures: bool,
    quiet: bool,
) -> int:
    """Says what was done; returns how many files are damaged."""
    from semcodec.cli.progress import counting
    from semcodec.search import index_folder

    with counting("files read", quiet=quiet) as advance:
        tally = index_folder(folder, database=database, limits=chosen_limits(max_pixels), advance=advance)
    if not quiet:
        a_file = f" ({tally.num_bytes_read / tally.num_read:.0f} a file)" if tally.num_read else ""
        say(
            f"{folder}: {_files(tally.num_files)} of {tally.num_bytes} bytes; {tally.num_read} read, "
            f"{tally.num_bytes_read} bytes of them{a_file}; {tally.num_unchanged} unchanged, {tally.num_removed} gone, "
            f"{tally.num_without_words} without words, {len(tally.damaged)} damaged"
        )
    for path, problem in tally.damaged:
        say(f"{path}: {problem}")
    if with_vectors:
        from semcodec.search.vectors import add_vectors

        with counting("texts understood", quiet=quiet) as advance:
            num_added = add_vectors(database=database, advance=advance)
        if not quiet:
            say(f"vectors of {num_added} texts added")
    if with_pictures:
        from semcodec.search.seen import look_at_pictures

        with counting("pictures looked at", quiet=quiet) as advance:
            num_seen = look_at_pictures(folder, database=database, limits=chosen_limits(max_pixels), advance=advance)
        if not quiet:
            say(f"{num_seen} pictures looked at")
    return len(tally.damaged)


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"
