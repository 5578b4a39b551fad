"""`semcodec encode`: pictures to .semc files."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Annotated

import typer

from semcodec.cli.batch import Done, Manner, run_jobs
from semcodec.cli.plan import Job, Kinds, UsageError, plan_jobs
from semcodec.cli.streams import STANDARD, read_input, write_output
from semcodec.ids import MAGIC

# Suffixes that a folder is searched for. A file that is named is tried whatever its name is.
_SUFFIXES = """
.png .apng .jpg .jpeg .jpe .jfif .webp .avif .tif .tiff .bmp .gif .ppm .pgm .pbm .pnm .pfm .tga .jp2 .j2k .jpx .ico .psd
.sgi .dds .qoi .mpo
"""
PICTURE_SUFFIXES = frozenset(_SUFFIXES.split())


class OriginName(enum.StrEnum):
    HUMAN = "human"
    MACHINE = "machine"


def encode(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH", help="Pictures, folders, patterns; the last path may be the OUTPUT. - is stdin or stdout."
        ),
    ],
    num_bytes: Annotated[
        int | None, typer.Option("--bytes", min=1, help="The most bytes that the whole file may have.")
    ] = None,
    quality: Annotated[
        float | None,
        typer.Option("--quality", "-q", min=0, max=100, help="0..100, higher is better; 50 if nothing is set."),
    ] = None,
    bpp: Annotated[float | None, typer.Option("--bpp", min=0, help="Bits per pixel of the picture as shown.")] = None,
    effort: Annotated[
        int, typer.Option("--effort", "-e", min=1, max=9, help="How long to search for a better file.")
    ] = 5,
    caption: Annotated[str | None, typer.Option("--caption", help="What the picture says, in any language.")] = None,
    language: Annotated[
        str, typer.Option("--language", help="The caption's BCP-47 tag, such as en or zh-Hans.")
    ] = "und",
    origin: Annotated[OriginName, typer.Option("--origin", help="Who wrote the caption.")] = OriginName.HUMAN,
    output_dir: Annotated[
        str | None, typer.Option("--output-dir", help="Write there; the tree below input folders is kept.")
    ] = None,
    num_jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Pictures in work at the same time.")] = 1,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Redo outputs that exist instead of skipping.")
    ] = False,
    verbose: Annotated[int, typer.Option("--verbose", "-v", count=True, help="Say more, on stderr.")] = 0,
    quiet: Annotated[bool, typer.Option("--quiet", help="Say only what failed.")] = False,
) -> None:
    """Encode pictures to .semc files.

    INPUT OUTPUT, or INPUT... FOLDER, or INPUT... alone: then each file lands beside its picture.

    At most one of --bytes, --quality and --bpp. The inputs are never overwritten.
    """
    if sum(value is not None for value in (num_bytes, quality, bpp)) > 1:
        raise typer.BadParameter("--bytes, --quality and --bpp exclude each other; give one")
    if caption is None and language != "und":
        raise typer.BadParameter("--language says what --caption is in; give a caption")
    if bpp is not None and not 0 < bpp < float("inf"):
        raise typer.BadParameter("--bpp must be a number above 0")
    kinds = Kinds(
        is_input=lambda path: path.suffix.lower() in PICTURE_SUFFIXES,
        is_output=lambda path: path.suffix.lower() == ".semc",
        input_suffixes=PICTURE_SUFFIXES,
        output_suffix=".semc",
    )
    try:
        jobs = plan_jobs(paths, output_dir, kinds)
    except UsageError as exc:
        raise typer.BadParameter(str(exc)) from exc

    def work(job: Job) -> Done:
        from semcodec import api
        from semcodec.pictures import load_picture

        loaded = load_picture(read_input(job.source) if job.source == STANDARD else Path(job.source))
        encoded = api.encode(
            loaded.image_HWC,
            bytes=num_bytes,
            quality=quality,
            bpp=bpp,
            caption=caption,
            language=language,
            origin=origin.value,
            effort=effort,
        )
        write_output(job.target, encoded.data)
        layers = ", ".join(f"{name} {size}" for name, size in encoded.bytes_by_layer.items())
        detail = f"{loaded.size}, {len(encoded.data)} bytes ({layers})"
        return Done(detail, notes=(*loaded.notes, *encoded.notes))

    manner = Manner(num_jobs=num_jobs, overwrite=overwrite, verbose=verbose, quiet=quiet)
    raise typer.Exit(run_jobs(jobs, work, lambda data: data.startswith(MAGIC), manner))
