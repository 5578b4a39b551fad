"""`semcodec decode`: .semc files to pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from semcodec.cli.batch import Done, Manner, run_jobs
from semcodec.cli.exits import printable
from semcodec.cli.flags import OutputDir, Redo, Verbose, with_groups
from semcodec.cli.limits import MaxPixels, chosen_limits
from semcodec.cli.outputs import Outputs, is_device, size_of_semc
from semcodec.cli.painter_flags import Painter, PainterFlags
from semcodec.cli.paths import no_empty_names
from semcodec.cli.plan import Job, Kinds, UsageError, plan_jobs
from semcodec.cli.roi import ROI_METAVAR, chosen_roi
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
    format: Annotated[
        str | None, typer.Option("--format", help="png, jpg, webp, avif, tif, bmp, ppm; follows from OUTPUT, else png.")
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option("--seed", min=0, help="Another seed paints what was not sent another way; else the file's, or 0."),
    ] = None,
    invent: Annotated[
        bool | None,
        typer.Option(
            "--invent/--no-invent",
            help="Let the embedded generator draw what was not sent. By default it paints files of words alone.",
            show_default=False,
        ),
    ] = None,
    fast: Annotated[bool, typer.Option("--fast", help="It draws in fewer steps.")] = False,
    restore: Annotated[
        bool,
        typer.Option(
            "--restore/--no-restore",
            help="Let the embedded restorer finish what was decoded. By default it does.",
            show_default=False,
        ),
    ] = True,
    roi: Annotated[
        str | None,
        typer.Option("--roi", metavar=ROI_METAVAR, help="Paint only this rectangle, in pixels of the picture."),
    ] = None,
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
    from semcodec.pictures import OUTPUT_FORMATS
    from semcodec.pictures.formats import upright_size
    from semcodec.pictures.sign import was_written_here

    limits = chosen_limits(max_pixels)
    known = ", ".join(OUTPUT_FORMATS)
    if format is not None and format.lower() not in OUTPUT_FORMATS:
        raise typer.BadParameter(f"--format {format} is not known; the known ones are {known}")
    kinds = Kinds(
        is_input=lambda path: path.suffix.lower() == ".semc",
        is_output=lambda path: path.suffix[1:].lower() in OUTPUT_FORMATS,
        input_suffixes=frozenset({".semc"}),
        output_suffix=f".{(format or 'png').lower()}",
    )
    try:
        jobs = plan_jobs(paths, output_dir, kinds)
    except UsageError as exc:
        raise typer.BadParameter(printable(str(exc))) from exc

    def format_of(target: str) -> str:
        suffix = Path(target).suffix[1:]
        return (format or ("png" if target == STANDARD or (not suffix and is_device(target)) else suffix)).lower()

    for job in jobs:
        if job.problem is None and format_of(job.target) not in OUTPUT_FORMATS:
            raise typer.BadParameter(f"{job.target}: its suffix names no format ({known}); rename it or give --format")

    if painter is not None and (invent is not None or fast):
        raise typer.BadParameter("--invent, --no-invent and --fast are about the embedded generator, not a --painter")
    if progressive and any(job.target == STANDARD for job in jobs):
        raise typer.BadParameter("--progressive writes OUTPUT again and again: name a file, not -")
    opened, part = painting.opened(painter), chosen_roi(roi)

    def write(job: Job, painting: Painting) -> Done:
        from semcodec.pictures import Beside, picture_bytes

        scene, kept = painting.reading.scene, painting.reading.metadata
        notes = [] if painting.other_painter is None else [painting.other_painter]
        beside = Beside(
            painting.alpha_HW,
            None if strip else kept.icc_profile,
            None if strip else kept.exif,
            None if strip else kept.xmp,
            painting.provenance,
        )
        data = picture_bytes(
            painting.image_HWC, format=format_of(job.target), name=job.target, beside=beside, notes=notes
        )
        write_output(job.target, data)
        height, width = painting.image_HWC.shape[:2]
        return Done(
            "" if job.target == STANDARD else f"{width}x{height}, {len(data)} bytes",
            f"{width}x{height}{'' if part is None else f' of {scene.size}'}; {painting.provenance.parts}",
            notes=tuple(notes),
            damage=(
                *(f"{problem}; the picture shows what came before" for problem in painting.reading.problems),
                *(f"{problem}; the picture is whole without it" for problem in painting.beside_problems),
            ),
        )

    def work(job: Job) -> Done:
        from semcodec.options import PaintOptions
        from semcodec.painting import paint
        from semcodec.progressive import arriving

        options = PaintOptions(
            painter=opened.get(), seed=seed, invent=invent, fast=fast, restore=restore, roi=part, limits=limits
        )
        if not progressive:
            return write(job, paint(read_input(job.source), options=options))
        with open_input(job.source) as stream:
            *_, done = (write(job, arrived.painting) for arrived in arriving(stream, options))
        return done

    manner = Manner(num_jobs=num_jobs, overwrite=overwrite, verbose=verbose, quiet=quiet)
    outputs = Outputs(was_written_here) if part else Outputs(was_written_here, _size_of_source, upright_size)
    raise typer.Exit(run_jobs(jobs, work, outputs, manner))


def _size_of_source(path: str) -> Size | None:
    try:
        return size_of_semc(read_input(path))
    except OSError:  # decoding it will say so
        return None
