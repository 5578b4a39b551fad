"""`semcodec encode`: pictures to .semc files."""

from __future__ import annotations

import enum
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from semcodec.cli.batch import Done, Manner, run_jobs
from semcodec.cli.describer_options import (
    CaptionBits,
    Captions,
    Describer,
    DescriberFlags,
    DescriberTask,
    JudgeModel,
    LazyDescriber,
    Prompt,
    Task,
)
from semcodec.cli.distances import chosen_distance
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
from semcodec.cli.outputs import Outputs, is_semc, size_of_semc
from semcodec.cli.paths import no_empty_names
from semcodec.cli.plan import Job, Kinds, UsageError, plan_jobs
from semcodec.cli.streams import STANDARD, read_input, write_output
from semcodec.container.boxes import base_name
from semcodec.mime import data_uri as as_data_uri
from semcodec.models import default_models
from semcodec.types import Link, Size

# Suffixes that a folder is searched for. A file that is named is tried whatever its name is.
_SUFFIXES = """
.png .apng .jpg .jpeg .jpe .jfif .webp .avif .tif .tiff .bmp .gif .ppm .pgm .pbm .pnm .pfm .tga .jp2 .j2k .jpx .ico .psd
.sgi .dds .qoi .mpo
"""
PICTURE_SUFFIXES = frozenset(_SUFFIXES.split())


class ProfileName(enum.StrEnum):
    ANCHOR = "anchor"
    TEXT = "text"


class PictureName(enum.StrEnum):
    AUTO = "auto"
    TOKENS = "tokens"
    BASE = "base"


class OriginName(enum.StrEnum):
    HUMAN = "human"
    MACHINE = "machine"


def encode(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH",
            help="Pictures, folders, patterns; the last path may be the OUTPUT. - is stdin or stdout.",
            callback=no_empty_names,
        ),
    ],
    profile: Annotated[
        ProfileName,
        typer.Option("--profile", help="anchor: words and a picture. text: words alone, about 20 bytes."),
    ] = ProfileName.ANCHOR,
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
    picture: Annotated[
        PictureName,
        typer.Option("--picture", help="tokens: every prefix shows some. base: a small AV1 still. auto: by the bytes."),
    ] = PictureName.AUTO,
    caption: Annotated[str | None, typer.Option("--caption", help="What the picture says, in any language.")] = None,
    language: Annotated[
        str, typer.Option("--language", help="The caption's BCP-47 tag, such as en or zh-Hans.")
    ] = "und",
    origin: Annotated[OriginName, typer.Option("--origin", help="Who wrote the caption.")] = OriginName.HUMAN,
    no_caption: Annotated[
        bool, typer.Option("--no-caption", help="No words: do not let the embedded describer look for some.")
    ] = False,
    regions: Annotated[
        bool, typer.Option("--regions", help="Add what is where, as far as the embedded describer is sure of it.")
    ] = False,
    describer: Describer = None,
    task: DescriberTask = Task.CAPTION,
    caption_bits: CaptionBits = None,
    captions: Captions = 4,
    judge: JudgeModel = None,
    prompt: Prompt = None,
    painter: Painter = None,
    tries: Annotated[
        int, typer.Option("--tries", min=1, max=1 << 15, help="Paint so many seeds and store which came nearest.")
    ] = 1,
    distance: Annotated[
        str,
        typer.Option(
            "--distance", help="How --tries judges: mse, or mobilenet=FILE, judge2=FILE, lpips=FILE, dists=FILE."
        ),
    ] = "mse",
    strength: Strength = None,
    steps: Steps = None,
    guidance: Guidance = None,
    scheduler: Scheduler = None,
    lora: Loras = None,
    control: Controls = None,
    device: Device = "auto",
    dtype: Dtype = "auto",
    trust_remote_code: TrustRemoteCode = False,
    boxed: Annotated[
        bool, typer.Option("--boxed", help="Keep EXIF, XMP, colour profile and transparency; they count as bytes.")
    ] = False,
    strip: Annotated[bool, typer.Option("--strip", help="Drop them without the line that says so.")] = False,
    link: Annotated[
        bool, typer.Option("--link", help="Store the picture's SHA-256 and name, for `semcodec verify`.")
    ] = False,
    data_uri: Annotated[
        bool, typer.Option("--data-uri", help="Print data: URIs, a line each, and write no file.")
    ] = False,
    max_pixels: MaxPixels = None,
    output_dir: Annotated[
        str | None,
        typer.Option(
            "--output-dir", help="Write there; the tree below input folders is kept.", callback=no_empty_names
        ),
    ] = None,
    num_jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Pictures in work at the same time.")] = 1,
    overwrite: Annotated[
        bool,
        typer.Option("--overwrite", help="Redo outputs that exist; replace an OUTPUT that semcodec has not written."),
    ] = False,
    verbose: Annotated[int, typer.Option("--verbose", "-v", count=True, help="Say more, on stderr.")] = 0,
    quiet: Annotated[bool, typer.Option("--quiet", help="Say only what failed.")] = False,
) -> None:
    """Encode pictures to .semc files.

    INPUT OUTPUT, or INPUT... FOLDER, or INPUT... alone: then each file lands beside its picture.

    At most one of --bytes, --quality and --bpp. The inputs are never overwritten; nor is any file that semcodec has
    not written, unless you name it and say --overwrite. Outputs of inputs that have not changed since are skipped.

    Without --caption the embedded describer looks for one, or for keywords; only what it is sure enough of goes into
    the file, marked as a machine's (-v tells). --no-caption leaves it out. With --profile text its guess goes in
    even where it is not sure, and a line says so.
    """
    _refuse_contradictions(
        profile=profile,
        num_bytes=num_bytes,
        quality=quality,
        bpp=bpp,
        caption=caption,
        language=language,
        describer=describer,
        no_caption=no_caption,
        regions=regions,
        boxed=boxed,
        strip=strip,
        picture=picture,
    )
    limits = chosen_limits(max_pixels)
    jobs = _planned(paths, output_dir, data_uri=data_uri)
    if painter is None and (tries != 1 or distance != "mse"):
        raise typer.BadParameter("--tries and --distance are about a painter; give one with --painter")
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
    opened, measure = LazyPainter(flags), chosen_distance(distance)
    asked = DescriberFlags(
        describer,
        task,
        caption_bits,
        captions,
        judge,
        prompt,
        language,
        num_bytes,
        device,
        dtype,
        trust_remote_code,
    )
    words_of = LazyDescriber(asked, quiet=quiet)
    describes = (
        not no_caption and caption is None and describer is None and default_models().name_of("describer") is not None
    )

    def work(job: Job) -> Done:
        import semcodec
        from semcodec.cli.outcome import ceiling_of_quality, guessed_words, said_of
        from semcodec.pictures import load_picture

        original = read_input(job.source) if link or job.source == STANDARD else None
        loaded = load_picture(Path(job.source) if original is None else original, limits=limits)
        encoded = semcodec.encode(
            loaded,
            profile=profile.value,
            bytes=num_bytes,
            quality=quality,
            bpp=bpp,
            caption=caption,
            language=language,
            origin=origin.value,
            effort=effort,
            picture=picture.value,
            describe=describes,
            regions=regions or None,
            describer=words_of.get(),
            painter=opened.get(),
            tries=tries,
            distance=measure,
            boxed=boxed,
            strip=strip,
            link=None
            if original is None or not link
            else Link.to(original, "" if job.source == STANDARD else base_name(job.source)),
            limits=limits,
        )
        write_output(job.target, f"{as_data_uri(encoded.data)}\n".encode() if data_uri else encoded.data)
        layers = ", ".join(f"{name} {size}" for name, size in encoded.bytes_by_layer.items())
        told = f"; {encoded.described}" if encoded.described else ""
        detail = f"{loaded.size}, {len(encoded.data)} bytes ({layers}){told}"
        summary = said_of(encoded.data, limits, ceiling=ceiling_of_quality(encoded.data, quality, limits))
        if job.target == STANDARD and guessed_words(semcodec.info(encoded.data, limits=limits)) is None:
            summary = ""  # a pipe is told nothing but what was guessed
        notes = tuple(note for note in encoded.notes if note not in loaded.damage)
        return Done(summary, detail, notes=notes, damage=loaded.damage)

    if data_uri:
        num_jobs = 1  # the lines come in the order of the pictures
    manner = Manner(num_jobs=num_jobs, overwrite=overwrite, verbose=verbose, quiet=quiet)
    outputs = Outputs(is_semc, size_of_source=_size_of_picture, size_of_output=size_of_semc)
    raise typer.Exit(run_jobs(jobs, work, outputs, manner, _cure))


def _refuse_contradictions(
    *,
    profile: ProfileName,
    num_bytes: int | None,
    quality: float | None,
    bpp: float | None,
    caption: str | None,
    language: str,
    describer: str | None,
    no_caption: bool,
    regions: bool,
    boxed: bool,
    strip: bool,
    picture: PictureName,
) -> None:
    """Raises `typer.BadParameter` where flags exclude each other."""
    if sum(value is not None for value in (num_bytes, quality, bpp)) > 1:
        raise typer.BadParameter("--bytes, --quality and --bpp exclude each other; give one")
    if caption is not None and describer is not None:
        raise typer.BadParameter("--caption and --describer exclude each other; give one")
    if no_caption and (caption is not None or describer is not None):
        raise typer.BadParameter("--no-caption leaves out what --caption and --describer give; give one")
    if caption is None and describer is None and language != "und":
        raise typer.BadParameter("--language says what --caption is in; give a caption, or a --describer")
    if bpp is not None and not 0 < bpp < float("inf"):
        raise typer.BadParameter("--bpp must be a number above 0")
    if profile is ProfileName.TEXT:
        for flag, given in {
            "--quality": quality is not None,
            "--bpp": bpp is not None,
            "--no-caption": no_caption,
            "--picture": picture is not PictureName.AUTO,
            "--regions": regions,
        }.items():
            if given:
                raise typer.BadParameter(f"--profile text sends a caption alone: leave out {flag}")
    if boxed and strip:
        raise typer.BadParameter("--boxed keeps what --strip drops; give one")


def _planned(paths: list[str], output_dir: str | None, *, data_uri: bool) -> list[Job]:
    from semcodec.pictures.formats import readable_suffixes, unread_kind

    suffixes = PICTURE_SUFFIXES | readable_suffixes()
    kinds = Kinds(
        is_input=lambda path: path.suffix.lower() in suffixes,
        is_output=lambda path: path.suffix.lower() == ".semc",
        input_suffixes=suffixes,
        output_suffix=".semc",
        unread=lambda path: None if path.suffix.lower() in suffixes else unread_kind(path.suffix),
    )
    try:
        return _jobs_for_printing(paths, output_dir, kinds) if data_uri else plan_jobs(paths, output_dir, kinds)
    except UsageError as exc:
        raise typer.BadParameter(printable(str(exc))) from exc


def _cure(kind: str) -> str:
    from semcodec.pictures.formats import cure_of

    return f" ({cure_of(kind)})"


def _size_of_picture(path: str) -> Size | None:
    from semcodec.pictures.formats import upright_size

    try:
        return upright_size(read_input(path))
    except OSError:  # encoding it will say so
        return None


def _jobs_for_printing(paths: list[str], output_dir: str | None, kinds: Kinds) -> list[Job]:
    """All paths are pictures, and all go to stdout."""
    if output_dir is not None or (len(paths) > 1 and kinds.is_output(Path(paths[-1]))):
        raise UsageError("--data-uri prints what it makes; leave the output out")
    if paths == [STANDARD]:
        return [Job(STANDARD, STANDARD, named=True)]
    return [replace(job, target=STANDARD, named=True) for job in plan_jobs(paths, ".", kinds)]
