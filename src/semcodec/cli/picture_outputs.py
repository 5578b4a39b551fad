"""Jobs whose outputs are pictures, and the format of each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from semcodec.cli.exits import printable
from semcodec.cli.outputs import is_device
from semcodec.cli.plan import Job, Kinds, UsageError, plan_jobs
from semcodec.cli.streams import STANDARD

if TYPE_CHECKING:
    from collections.abc import Callable

Format = Annotated[
    str | None, typer.Option("--format", help="png, jpg, webp, avif, tif, bmp, ppm; follows from OUTPUT, else png.")
]


def planned(
    paths: list[str],
    output_dir: str | None,
    format: str | None,
    suffixes: frozenset[str],
    unread: Callable[[Path], str | None] = lambda path: None,
) -> list[Job]:
    """`suffixes`: of inputs. `unread` as in `Kinds`. Raises `typer.BadParameter`."""
    from semcodec.pictures import OUTPUT_FORMATS

    known = ", ".join(OUTPUT_FORMATS)
    if format is not None and format.lower() not in OUTPUT_FORMATS:
        raise typer.BadParameter(f"--format {format} is not known; the known ones are {known}")
    kinds = Kinds(
        is_input=lambda path: path.suffix.lower() in suffixes,
        is_output=lambda path: path.suffix[1:].lower() in OUTPUT_FORMATS,
        input_suffixes=suffixes,
        output_suffix=f".{(format or 'png').lower()}",
        unread=unread,
    )
    try:
        jobs = plan_jobs(paths, output_dir, kinds)
    except UsageError as exc:
        raise typer.BadParameter(printable(str(exc))) from exc
    for job in jobs:
        if job.problem is None and job.unread is None and format_of(job.target, format) not in OUTPUT_FORMATS:
            raise typer.BadParameter(f"{job.target}: its suffix names no format ({known}); rename it or give --format")
    return jobs


def format_of(target: str, format: str | None) -> str:
    """Of an output: what was typed, or what its suffix says."""
    suffix = Path(target).suffix[1:]
    return (format or ("png" if target == STANDARD or (not suffix and is_device(target)) else suffix)).lower()
