"""`--report`: what was painted, for machines; one JSON document of all files of a run. docs/report.md describes it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from semcodec.cli.outputs import refuse_foreign
from semcodec.cli.streams import STANDARD, as_output, write_output
from semcodec.metadata.report import SCHEMA

if TYPE_CHECKING:
    from semcodec.painting import Painting
    from semcodec.types import Roi

Report = Annotated[
    str | None,
    typer.Option(
        "--report",
        metavar="json|FILE.json",
        help="Tell as JSON, on stdout or in a file, what arrived, and what was restored or invented where.",
    ),
]
Label = Annotated[
    bool, typer.Option("--label", help="Add a band below the picture: bytes, missing packets, what was restored.")
]
_SIGN = f'{{"semcodec_report":{SCHEMA},'  # a file that begins so may be written over


def report_target(report: str | None, outputs: Iterable[str], *, overwrite: bool) -> str | None:
    """Where the report goes; None: nowhere. `outputs`: where pictures go.

    Raises:
        typer.BadParameter: it is neither "json" nor the name of a JSON file, or stdout is taken. FileInTheWayError,
        OutputError: the file is somebody else's, or cannot be told.
    """
    if report is None:
        return None
    target = STANDARD if report == "json" else as_output(report)
    if target != STANDARD and not target.lower().endswith(".json"):
        raise typer.BadParameter(
            f"--report {report}: give json (it goes to stdout), or a file whose name ends in .json"
        )
    if target == STANDARD and any(output == STANDARD for output in outputs):
        raise typer.BadParameter("the picture goes to stdout already: name a file for the report, such as report.json")
    refuse_foreign(target, lambda data: data.startswith(_SIGN.encode()), overwrite=overwrite)
    return target


def file_report(
    source: str, output: str, painting: Painting | None, *, error: str | None = None, roi: Roi | None = None
) -> dict[str, Any]:
    """Of one file: where it went, or why it went nowhere (neither: its output was there already). `roi`: the part of it
    that was painted.
    """
    head = {"file": source, "output": None if painting is None else output, "error": error}
    return head if painting is None else {**head, **painting.report(), "roi": None if roi is None else list(roi)}


def write_report(target: str, files: list[dict[str, Any]]) -> None:
    """In ASCII alone, a line a file. Raises `OutputError`."""
    lines = ",\n".join(json.dumps(file, separators=(",", ":")) for file in files)
    write_output(target, f'{_SIGN}"files":[\n{lines}\n]}}\n'.encode())
