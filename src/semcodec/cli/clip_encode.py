"""`semcodec clip encode`: videos to .semv files."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from semcodec.cli.batch import Done, Manner, run_jobs
from semcodec.cli.clip_progress import watched
from semcodec.cli.exits import counted, printable
from semcodec.cli.flags import OutputDir, Quiet, Redo, Verbose
from semcodec.cli.limits import MaxPixels, chosen_limits
from semcodec.cli.outputs import Outputs
from semcodec.cli.paths import no_empty_names
from semcodec.cli.plan import Job, Kinds, UsageError, plan_jobs
from semcodec.cli.streams import STANDARD, read_input, write_output
from semcodec.ids import CLIP_MAGIC

if TYPE_CHECKING:
    from semcodec.clips import EncodedClip

# What a folder is searched for; a file that is named is tried whatever its name is.
_SUFFIXES = """
.mp4 .m4v .mov .mkv .webm .avi .mpg .mpeg .ts .m2ts .mts .3gp .ogv .flv .wmv .y4m .gif .apng
"""
VIDEO_SUFFIXES = frozenset(_SUFFIXES.split())


class Picture(enum.StrEnum):
    AUTO = "auto"
    KEYS = "keys"
    BASE = "base"


def encode(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH",
            help="Videos, animated GIF, WebP or PNG, folders, patterns; the last path may be the OUTPUT. - is stdin or "
            "stdout.",
            callback=no_empty_names,
        ),
    ],
    *,
    bytes: Annotated[
        int | None, typer.Option("--bytes", min=1, help="The most bytes that the whole file may have.")
    ] = None,
    kbps: Annotated[float | None, typer.Option("--kbps", help="At most so many thousand bits a second.")] = None,
    bpp: Annotated[
        float | None,
        typer.Option("--bpp", help="At most so many bits per pixel of all frames; else 0.01."),
    ] = None,
    effort: Annotated[
        int, typer.Option("--effort", "-e", min=1, max=9, help="How closely key frames are chosen and encoded.")
    ] = 5,
    picture: Annotated[
        Picture,
        typer.Option(
            "--picture", help="keys: key frames, the rest is interpolated. base: AV1 at a reduced size, restored. auto."
        ),
    ] = Picture.AUTO,
    no_words: Annotated[
        bool, typer.Option("--no-words", help="No words: neither what shots show, nor what moves.")
    ] = False,
    max_pixels: MaxPixels = None,
    output_dir: OutputDir = None,
    overwrite: Redo = False,
    verbose: Verbose = 0,
    quiet: Quiet = False,
) -> None:
    """Encode videos to .semv files: key frames, and what moves between them.

    INPUT OUTPUT, or INPUT... FOLDER, or INPUT... alone: then each file lands beside its video.

    At most one of --bytes, --kbps and --bpp. Size and frame rate stay as they are; sound is dropped. A video that is
    cut short or damaged is encoded as far as it goes, with a sentence and exit code 3.
    """
    from semcodec.clips.options import ClipOptions

    if sum(value is not None for value in (bytes, kbps, bpp)) > 1:
        raise typer.BadParameter("--bytes, --kbps and --bpp exclude each other; give one")
    try:
        options = ClipOptions(
            bytes=bytes,
            kbps=kbps,
            bpp=bpp,
            effort=effort,
            describe=not no_words,
            picture=picture.value,
            limits=chosen_limits(max_pixels),
        )
    except ValueError as exc:
        raise typer.BadParameter(str(exc)) from exc
    jobs = _planned(paths, output_dir)

    def work(job: Job) -> Done:
        from semcodec.clips.encoding import encode_with

        source = read_input(STANDARD) if job.source == STANDARD else Path(job.source)
        with watched(quiet=quiet) as progress:
            encoded = encode_with(source, options=options, progress=progress)
        write_output(job.target, encoded.data)
        return _done(job, encoded)

    manner = Manner(overwrite=overwrite, verbose=verbose, quiet=quiet)
    raise typer.Exit(run_jobs(jobs, work, Outputs(lambda data: data.startswith(CLIP_MAGIC)), manner))


def _planned(paths: list[str], output_dir: str | None) -> list[Job]:
    kinds = Kinds(
        is_input=lambda path: path.suffix.lower() in VIDEO_SUFFIXES,
        is_output=lambda path: path.suffix.lower() == ".semv",
        input_suffixes=VIDEO_SUFFIXES,
        output_suffix=".semv",
    )
    try:
        return plan_jobs(paths, output_dir, kinds)
    except UsageError as exc:
        raise typer.BadParameter(printable(str(exc))) from exc


def _done(job: Job, encoded: EncodedClip) -> Done:
    header, num_bytes = encoded.header, len(encoded.data)
    seconds = header.num_frames * header.rate[1] / header.rate[0]
    bpp = 8 * num_bytes / (header.size.width_px * header.size.height_px * header.num_frames)
    keys = counted(encoded.num_key_frames, "key frame")
    if not encoded.num_key_frames:
        keys = "a base clip"
    summary = f"{num_bytes} bytes, {8 * num_bytes / seconds / 1000:.3g} kbit/s, {bpp:.4f} bpp, {keys}"
    detail = (
        f"{header.size}, {counted(header.num_frames, 'frame')}, {seconds:.4g} s; {summary}; shots: {encoded.num_shots}"
    )
    return Done("" if job.target == STANDARD else summary, detail, notes=encoded.notes, damage=encoded.damage)
