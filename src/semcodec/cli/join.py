"""`semcodec join`: the packets that arrived to a picture or a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from semcodec.cli.exits import ExitCode, say, sentence
from semcodec.cli.limits import MaxPixels, chosen_limits
from semcodec.cli.outputs import is_semc, refuse_foreign
from semcodec.cli.paths import no_empty_names
from semcodec.cli.report import Label, Report, file_report, report_target, write_report
from semcodec.cli.streams import STANDARD, as_output, input_name, put, write_output
from semcodec.errors import SemcodecError
from semcodec.types import Fate, Joined

_UNUSED = {Fate.DUPLICATE: "duplicate", Fate.FOREIGN: "of another file", Fate.NO_PACKET: "that is no packet"}
_MOST_RANGES = 8  # of missing packets, in one line


def join(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="DIR|PACKET... [OUT]",
            help="Packets, folders of them, texts with them (- is stdin); then a picture or .semc file (- is stdout). "
            "With --missing nothing is written.",
            callback=no_empty_names,
        ),
    ],
    file_id: Annotated[
        str | None, typer.Option("--file", help="Which file is meant, where packets of several are there: 3fa2.")
    ] = None,
    missing: Annotated[
        bool,
        typer.Option(
            "--missing",
            help="Only print what has to be sent again, a line for each file, short enough for a packet: 3fa2:3,7-9. "
            "`split --only` takes it.",
        ),
    ] = False,
    label: Label = False,
    report: Report = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Name every packet that was not used.")] = False,
    max_pixels: MaxPixels = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace OUT even if semcodec has not written it.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Say only what is missing or failed.")] = False,
) -> None:
    """Paint from the packets that arrived, or put a .semc file together from them.

    The order does not matter. Packets as text (`split --text`) are found in whatever stands around them, such as the
    lines of a chat. Duplicates, packets of other files, damaged ones and what is no packet are left out.
    Missing packets are computed from repair packets (pip install 'semcodec[radio]'), where enough are there.

    Exit code 3: something came out, but packets are missing.
    """
    from semcodec.pictures import OUTPUT_FORMATS

    if missing:
        raise typer.Exit(_print_missing(paths, _file_number(file_id)))
    *sources, target = paths
    target = as_output(target)
    if not sources:
        raise typer.BadParameter("name packets, or a folder of them, and then what to write")
    suffix = Path(target).suffix[1:].lower()
    if target != STANDARD and suffix != "semc" and suffix not in OUTPUT_FORMATS:
        raise typer.BadParameter(f"{target}: its suffix is neither .semc nor one of {', '.join(OUTPUT_FORMATS)}")
    if suffix not in OUTPUT_FORMATS and (label or report is not None):
        raise typer.BadParameter(f"--label and --report are about a picture: name one as the output, not {target}")
    wanted, limits = _file_number(file_id), chosen_limits(max_pixels)
    name = input_name(sources[0]) if len(sources) == 1 else f"{len(sources)} packets"
    try:
        import semcodec
        from semcodec.cli.arrived import arrived_packets
        from semcodec.cli.outcome import said_of
        from semcodec.options import PaintOptions
        from semcodec.painting import paint_reading
        from semcodec.pictures.sign import was_written_here

        report_to = report_target(report, [target], overwrite=overwrite)
        refuse_foreign(target, was_written_here if suffix in OUTPUT_FORMATS else is_semc, overwrite=overwrite)
        found = arrived_packets(sources)
        joined = semcodec.join([data for _, data in found], file_id=wanted, limits=limits)
        if suffix in OUTPUT_FORMATS:
            painting = paint_reading(joined.reading, PaintOptions(label=label))
            data = painting.picture_bytes(suffix, name=target)
            height, width = painting.image_HWC.shape[:2]
            said = f"{width}x{height}, {len(data)} bytes"
        else:
            data = joined.data
            said = said_of(data, limits, tells_words=False)
        write_output(target, data)
        if report_to is not None:
            told = file_report(name, target, painting)
            told["packets"]["missing"] = [list(gap) for gap in joined.missing]
            write_report(report_to, [told])
    except (SemcodecError, OSError) as exc:
        say(sentence(name, exc))
        raise typer.Exit(ExitCode.FAILURE) from exc
    if target != STANDARD and not quiet:
        repaired = len(joined.repaired)
        say(f"{target}: {said}" + (f", {repaired} packet{'s' * (repaired > 1)} repaired" if repaired else ""))
    is_whole = _tell(name, [where for where, _ in found], joined, verbose=verbose)
    raise typer.Exit(ExitCode.OK if is_whole else ExitCode.DAMAGED)


def _print_missing(sources: list[str], wanted: int | None) -> ExitCode:
    """A request for each file; code 3 where something is missing."""
    import semcodec
    from semcodec.cli.arrived import arrived_packets

    try:
        requests = semcodec.missing([data for _, data in arrived_packets(sources)], file_id=wanted)
        for request in requests:
            put(request + "\n")
    except (SemcodecError, OSError) as exc:
        say(sentence(input_name(sources[0]) if len(sources) == 1 else f"{len(sources)} packets", exc))
        return ExitCode.FAILURE
    return ExitCode.OK if all(request.endswith(":") for request in requests) else ExitCode.DAMAGED


def _file_number(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        if len(text) == 4:
            return int(text, 16)
    except ValueError:
        pass
    raise typer.BadParameter(f"--file {text}: a file's number is 4 hexadecimal digits, the first of its packets' names")


def _tell(name: str, files: list[str], joined: Joined, *, verbose: bool) -> bool:
    """Says what was left out and what is missing; whether nothing is."""
    counts = {fate: sum(verdict.fate is fate for verdict in joined.verdicts) for fate in Fate}
    for file, verdict in zip(files, joined.verdicts, strict=True):
        if verdict.fate is Fate.DAMAGED or (verbose and verdict.fate is not Fate.USED):
            say(f"{file}: left out: {verdict.reason}")
    others = [f"{counts[fate]} {what}" for fate, what in _UNUSED.items() if counts[fate]]
    if others and not verbose:
        say(f"{name}: left out: {', '.join(others)} (-v names them)")
    problems = (*joined.reading.problems, *joined.reading.metadata.problems)
    for problem in problems:
        say(f"{name}: {problem}")
    if joined.num_missing:
        ranges = [str(first) if first == last else f"{first}-{last}" for first, last in joined.missing]
        shown = ", ".join(ranges[:_MOST_RANGES]) + (", ..." if len(ranges) > _MOST_RANGES else "")
        say(
            f"{name}: {joined.num_missing} of {joined.num_packets} packets of file {joined.file_id:04x} are missing "
            f"({shown}); it shows what the others say"
        )
    return not joined.num_missing and not problems
