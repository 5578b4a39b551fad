"""`semcodec decode`: .semc files to pictures."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from semcodec.cli.batch import Done, Manner, run_jobs
from semcodec.cli.batch import Report as Result
from semcodec.cli.flags import OutputDir, Redo, Verbose, with_groups
from semcodec.cli.limits import MaxPixels, chosen_limits
from semcodec.cli.outputs import Outputs, size_of_semc
from semcodec.cli.paint_flags import PaintFlags
from semcodec.cli.painter_flags import Painter, PainterFlags
from semcodec.cli.paths import no_empty_names
from semcodec.cli.picture_outputs import Format, format_of, planned
from semcodec.cli.plan import Job
from semcodec.cli.report import Report, file_report, report_target, write_report
from semcodec.cli.streams import STANDARD, open_input, read_input, write_output

if TYPE_CHECKING:
    from semcodec.painting import Painting
    from semcodec.types import Size


@with_groups
def decode(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH",
            help=".semc files, folders, patterns; the last path may be the OUTPUT. - is stdin or stdout.",
            callback=no_empty_names,
        ),
    ],
    *,
    format: Format = None,
    shown: PaintFlags,
    report: Report = None,
    progressive: Annotated[
        bool, typer.Option("--progressive", help="While INPUT arrives, write OUTPUT anew where there is more to see.")
    ] = False,
    painter: Painter = None,
    painting: PainterFlags,
    strip: Annotated[
        bool, typer.Option("--strip", help="Leave the file's EXIF, XMP and colour profile out of the picture.")
    ] = False,
    max_pixels: MaxPixels = None,
    output_dir: OutputDir = None,
    num_jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Files in work at the same time.")] = 1,
    overwrite: Redo = False,
    verbose: Verbose = 0,
    quiet: Annotated[bool, typer.Option("--quiet", help="Say only what failed or came out damaged.")] = False,
) -> None:
    """Decode .semc files to pictures.

    INPUT OUTPUT, or INPUT... FOLDER, or INPUT... alone: then a PNG lands beside each file.

    A picture that semcodec has not written is never replaced, unless you name it and say --overwrite.

    A damaged or truncated file that still shows a picture is decoded, with a sentence and exit code 3.
    """
    from semcodec.pictures.formats import upright_size
    from semcodec.pictures.sign import was_written_here

    jobs = planned(paths, output_dir, format, frozenset({".semc"}))
    if progressive and any(job.target == STANDARD for job in jobs):
        raise typer.BadParameter("--progressive writes OUTPUT again and again: name a file, not -")
    options, opened = shown.options(painter, chosen_limits(max_pixels)), painting.opened(painter)

    report_to = report_target(report, [job.target for job in jobs], overwrite=overwrite)
    painted_of: dict[Job, Painting] = {}
    told: list[dict[str, Any]] = []

    def ended(result: Result) -> None:
        job = result.job
        painted = painted_of.pop(job, None)
        told.append(file_report(job.source, job.target, painted, error=result.error, roi=options.roi))

    def write(job: Job, painted: Painting) -> Done:
        if report_to is not None:
            painted_of[job] = painted
        return _written(job, painted, format_of(job.target, format), strip=strip, is_part=options.roi is not None)

    def work(job: Job) -> Done:
        from semcodec.painting import paint
        from semcodec.progressive import arriving

        asked = replace(options, painter=opened.get())
        if not progressive:
            return write(job, paint(read_input(job.source), options=asked))
        with open_input(job.source) as stream:
            *_, done = (write(job, arrived.painting) for arrived in arriving(stream, asked))
        return done

    manner = Manner(num_jobs=num_jobs, overwrite=overwrite, verbose=verbose, quiet=quiet)
    # (a part, or a picture with a band, is of another size than what the file shows)
    sizes = () if options.roi or options.label else (_size_of_source, upright_size)
    code = run_jobs(jobs, work, Outputs(was_written_here, *sizes), manner, ended=ended)
    if report_to is not None:
        write_report(report_to, told)
    raise typer.Exit(code)


def _written(job: Job, painted: Painting, format: str, *, strip: bool, is_part: bool) -> Done:
    """Writes a picture, and says what was written. `is_part`: not all that the file shows."""
    notes = [] if painted.other_painter is None else [painted.other_painter]
    data = painted.picture_bytes(format, name=job.target, strip=strip, notes=notes)
    write_output(job.target, data)
    height, width = painted.image_HWC.shape[:2]
    return Done(
        "" if job.target == STANDARD else f"{width}x{height}, {len(data)} bytes",
        f"{width}x{height}{f' of {painted.reading.scene.size}' if is_part else ''}; {painted.provenance.parts}",
        notes=tuple(notes),
        damage=(
            *(f"{problem}; the picture shows what came before" for problem in painted.reading.problems),
            *(f"{problem}; the picture is whole without it" for problem in painted.beside_problems),
        ),
    )


def _size_of_source(path: str) -> Size | None:
    try:
        return size_of_semc(read_input(path))
    except OSError:  # decoding it will say so
        return None
