"""`semcodec decode`: .semc files to pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from semcodec.cli.batch import Done, Manner, run_jobs
from semcodec.cli.exits import printable
from semcodec.cli.hub_options import (
    Controls,
    Device,
    Dtype,
    Guidance,
    LazyPainter,
    Loras,
    Painter,
    PainterFlags,
    Scheduler,
    Steps,
    Strength,
    TrustRemoteCode,
)
from semcodec.cli.limits import MaxPixels, chosen_limits
from semcodec.cli.plan import Job, Kinds, UsageError, plan_jobs
from semcodec.cli.streams import STANDARD, read_input, write_output


def decode(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH",
            help=".semc files, folders, patterns; the last path may be the OUTPUT. - is stdin or stdout.",
        ),
    ],
    format: Annotated[
        str | None, typer.Option("--format", help="png, jpg, webp, avif, tif, bmp, ppm; follows from OUTPUT, else png.")
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option("--seed", min=0, help="Another seed paints what was not sent another way; else the file's, or 0."),
    ] = None,
    painter: Painter = None,
    strength: Strength = None,
    steps: Steps = None,
    guidance: Guidance = None,
    scheduler: Scheduler = None,
    lora: Loras = None,
    control: Controls = None,
    device: Device = "auto",
    dtype: Dtype = "auto",
    trust_remote_code: TrustRemoteCode = False,
    strip: Annotated[
        bool, typer.Option("--strip", help="Leave the file's EXIF, XMP and colour profile out of the picture.")
    ] = False,
    max_pixels: MaxPixels = None,
    output_dir: Annotated[
        str | None, typer.Option("--output-dir", help="Write there; the tree below input folders is kept.")
    ] = None,
    num_jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Files in work at the same time.")] = 1,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Redo outputs that exist instead of skipping.")
    ] = False,
    verbose: Annotated[int, typer.Option("--verbose", "-v", count=True, help="Say more, on stderr.")] = 0,
    quiet: Annotated[bool, typer.Option("--quiet", help="Say only what failed or came out damaged.")] = False,
) -> None:
    """Decode .semc files to pictures.

    INPUT OUTPUT, or INPUT... FOLDER, or INPUT... alone: then a PNG lands beside each file.

    A damaged or truncated file that still shows a picture is decoded, with a sentence and exit code 3.
    """
    from semcodec.pictures import OUTPUT_FORMATS

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
        return (format or ("png" if target == STANDARD else Path(target).suffix[1:])).lower()

    for job in jobs:
        if job.problem is None and format_of(job.target) not in OUTPUT_FORMATS:
            raise typer.BadParameter(f"{job.target}: its suffix names no format ({known}); rename it or give --format")

    flags = PainterFlags(
        painter,
        strength,
        steps,
        guidance,
        scheduler,
        tuple(lora or ()),
        tuple(control or ()),
        device,
        dtype,
        trust_remote_code,
    )
    opened = LazyPainter(flags)

    def work(job: Job) -> Done:
        from semcodec import api
        from semcodec.metadata.provenance import provenance_of
        from semcodec.pictures import Beside, picture_bytes

        reading = api.read(read_input(job.source), limits=limits)
        generator = opened.get()
        api.check_picture(reading, from_words=generator is not None)
        image_HWC = api.render(reading.scene, generator=generator, seed=seed)
        other = api.other_painter(reading.scene, generator)
        notes = [] if other is None else [other]
        kept = reading.metadata
        alpha_HW, trouble = api.opacity(kept, reading.scene.size)
        beside = Beside(
            alpha_HW,
            None if strip else kept.icc_profile,
            None if strip else kept.exif,
            None if strip else kept.xmp,
            provenance_of(reading.scene, None if generator is None else generator.name),
        )
        picture = picture_bytes(image_HWC, format=format_of(job.target), name=job.target, beside=beside, notes=notes)
        write_output(job.target, picture)
        beside_damage = (*kept.problems, *(() if trouble is None else (trouble,)))
        return Done(
            f"{reading.scene.size}",
            notes=tuple(notes),
            damage=(
                *(f"{problem}; the picture shows what came before" for problem in reading.problems),
                *(f"{problem}; the picture is whole without it" for problem in beside_damage),
            ),
        )

    manner = Manner(num_jobs=num_jobs, overwrite=overwrite, verbose=verbose, quiet=quiet)
    raise typer.Exit(run_jobs(jobs, work, _was_decoded_here, manner))


def _was_decoded_here(data: bytes) -> bool:
    from semcodec.pictures import SOFTWARE

    return SOFTWARE.encode() in data
