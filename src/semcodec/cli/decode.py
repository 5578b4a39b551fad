"""`semcodec decode`: .semc files to pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from semcodec.cli.batch import Done, Manner, run_jobs
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
    seed: Annotated[int, typer.Option("--seed", min=0, help="Another seed paints what was not sent another way.")] = 0,
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
        raise typer.BadParameter(str(exc)) from exc

    def format_of(target: str) -> str:
        return (format or ("png" if target == STANDARD else Path(target).suffix[1:])).lower()

    for job in jobs:
        if job.problem is None and format_of(job.target) not in OUTPUT_FORMATS:
            raise typer.BadParameter(f"{job.target}: its suffix names no format ({known}); rename it or give --format")

    def work(job: Job) -> Done:
        from semcodec import api
        from semcodec.pictures import picture_bytes

        reading = api.read(read_input(job.source))
        api.check_picture(reading)
        image_HWC = api.render(reading.scene, seed=seed)
        write_output(job.target, picture_bytes(image_HWC, format=format_of(job.target), name=job.target))
        return Done(
            f"{reading.scene.size}",
            damage=tuple(f"{problem}; the picture shows what came before" for problem in reading.problems),
        )

    manner = Manner(num_jobs=num_jobs, overwrite=overwrite, verbose=verbose, quiet=quiet)
    raise typer.Exit(run_jobs(jobs, work, _was_decoded_here, manner))


def _was_decoded_here(data: bytes) -> bool:
    from semcodec.pictures import SOFTWARE

    return SOFTWARE.encode() in data
