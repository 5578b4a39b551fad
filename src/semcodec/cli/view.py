"""`semcodec view`: a page that shows files, in one file, opened in a browser."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from semcodec.cli.exits import ExitCode, printable, say, sentence
from semcodec.cli.flags import Quiet
from semcodec.cli.limits import MaxPixels, chosen_limits
from semcodec.cli.outputs import refuse_foreign, there
from semcodec.cli.paths import no_empty_names
from semcodec.cli.plan import Job, Kinds, UsageError, plan_jobs
from semcodec.cli.streams import STANDARD, as_output, input_name, read_input, write_output
from semcodec.errors import SemcodecError
from semcodec.files import FileInTheWayError, refuse_same_file

if TYPE_CHECKING:
    from semcodec.limits import Limits
    from semcodec.viewer.page import Shown

_NAME_OF_SEVERAL = "pictures.html"
_KINDS = Kinds(
    is_input=lambda path: path.suffix.lower() == ".semc",
    is_output=lambda path: False,
    input_suffixes=frozenset({".semc"}),
    output_suffix=".html",
)


def view(
    paths: Annotated[
        list[str],
        typer.Argument(metavar="FILE...", help=".semc files, folders, patterns; - is stdin.", callback=no_empty_names),
    ],
    *,
    out: Annotated[
        str | None,
        typer.Option(
            "--out",
            metavar="PAGE",
            help="Where it is written; - is stdout. Else beside the file; pictures.html beside the first of several.",
            callback=no_empty_names,
        ),
    ] = None,
    open_page: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in a browser.")] = True,
    restorer: Annotated[
        bool,
        typer.Option("--restorer/--no-restorer", help="Put the restorer in: 12 MB, and 2 MB that run it."),
    ] = True,
    max_pixels: MaxPixels = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a PAGE that semcodec has not written of these files.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Write a page that shows .semc files, and open it in a browser.

    The page holds all that it takes, works offline, and can be sent on: 20 MB for a base picture, 28 MB for tokens, 5
    and 15 MB with --no-restorer.
    """
    from semcodec.viewer.page import page_of, sign_of

    jobs = _planned(paths)
    limits = chosen_limits(max_pixels)
    target = _target(jobs, out)
    shown, code = _read(jobs, limits)
    if not shown:
        raise typer.Exit(ExitCode.FAILURE)
    for job in jobs:
        if STANDARD not in (job.source, target):
            refuse_same_file(job.source, target)
    sign = sign_of([file.name for file in shown])
    if out is not None:
        refuse_foreign(target, lambda data: sign in data, overwrite=overwrite)
    elif (found := there(target)) is not None and sign not in found:
        raise FileInTheWayError(f"{target}: exists and is not a page of these files; name another one with --out")
    page = page_of(shown, restore=restorer)
    for note in page.notes:
        say(note)
    write_output(target, page.html)
    if target != STANDARD:
        if not quiet:
            pictures = shown[0].name if len(shown) == 1 else f"{len(shown)} pictures"
            say(f"{target}: {pictures}, {len(page.html) / 1e6:.1f} MB")
        if open_page:
            _open(target)
    raise typer.Exit(code)


def _planned(paths: list[str]) -> list[Job]:
    """A job for each input; where its output would be tells where the page goes. Raises `typer.BadParameter`."""
    try:
        return [job for path in paths for job in plan_jobs([path], None, _KINDS)]
    except UsageError as exc:
        raise typer.BadParameter(printable(str(exc))) from exc


def _target(jobs: list[Job], out: str | None) -> str:
    if out is not None:
        if os.path.isdir(out) or out.endswith(("/", "\\")):
            raise typer.BadParameter(f"--out {printable(out)} is a folder; name the page in it")
        return as_output(out)
    targets = [job.target for job in jobs if job.problem is None]
    if STANDARD in targets:
        raise typer.BadParameter("- (stdin) needs --out PAGE: it has no name that the page could have")
    if len(targets) == 1:
        return targets[0]
    return str(Path(targets[0]).with_name(_NAME_OF_SEVERAL)) if targets else ""


def _read(jobs: list[Job], limits: Limits) -> tuple[list[Shown], ExitCode]:
    """What can be shown, each file once; what cannot is said."""
    from semcodec.container.decode import read_file
    from semcodec.file.reading import read
    from semcodec.viewer.page import Shown

    code = ExitCode.OK
    shown: dict[str, Shown] = {}
    for job in jobs:
        name = input_name(job.source)
        try:
            if job.problem is not None:
                raise SemcodecError(job.problem)
            data = read_input(job.source)
            problems = read(data, limits=limits).problems
            _, sections, _ = read_file(data, limits)
        except (SemcodecError, OSError) as exc:
            say(sentence(name, exc))
            code = ExitCode.FAILURE
            continue
        if problems:
            say(f"{sentence(name, problems[0])}; the page shows its good part")
            code = code or ExitCode.DAMAGED
        shown[job.source] = Shown(Path(name).name, data, sections)
    return list(shown.values()), code


def _open(path: str) -> None:
    import webbrowser

    address = Path(path).resolve().as_uri()
    try:
        is_open = webbrowser.open(address)
    except (webbrowser.Error, OSError):
        is_open = False
    if not is_open:
        say(f"no browser was found; open {address} in one")
