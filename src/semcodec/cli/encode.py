"""`semcodec encode`: pictures to .semc files."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from semcodec.cli.batch import Done, Manner, run_jobs
from semcodec.cli.describer_flags import DescriberFlags
from semcodec.cli.distances import chosen_distance
from semcodec.cli.encode_flags import BoxFlags, PictureFlags, TriesFlags, WordsFlags, refuse_contradictions
from semcodec.cli.exits import printable
from semcodec.cli.flags import OutputDir, Quiet, Redo, Verbose, with_groups
from semcodec.cli.for_packets import PacketFlags, asked_for_packets
from semcodec.cli.limits import MaxPixels, chosen_limits
from semcodec.cli.outputs import Outputs, is_semc, size_of_semc
from semcodec.cli.painter_flags import Painter, PainterFlags
from semcodec.cli.paths import no_empty_names
from semcodec.cli.picture_inputs import cure, size_of_picture
from semcodec.cli.plan import Job, Kinds, UsageError, plan_jobs
from semcodec.cli.radio_flags import LinkFlags, ModemFlags, PreviewFlags
from semcodec.cli.streams import STANDARD, read_input, write_output
from semcodec.container.boxes import base_name
from semcodec.mime import data_uri as as_data_uri
from semcodec.models import default_models
from semcodec.options import EncodeOptions
from semcodec.together import LargeOnes, num_cores
from semcodec.types import Link

if TYPE_CHECKING:
    from semcodec.pictures import LoadedPicture
    from semcodec.types import Encoded

# Suffixes that a folder is searched for. A file that is named is tried whatever its name is.
_SUFFIXES = """
.png .apng .jpg .jpeg .jpe .jfif .webp .avif .tif .tiff .bmp .gif .ppm .pgm .pbm .pnm .pfm .tga .jp2 .j2k .jpx .ico .psd
.sgi .dds .qoi .mpo
"""
PICTURE_SUFFIXES = frozenset(_SUFFIXES.split())


@with_groups
def encode(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH",
            help="Pictures, folders, patterns; the last path may be the OUTPUT. - is stdin or stdout.",
            callback=no_empty_names,
        ),
    ],
    *,
    sent: PictureFlags,
    words: WordsFlags,
    describing: DescriberFlags,
    painter: Painter = None,
    trying: TriesFlags,
    painting: PainterFlags,
    boxes: BoxFlags,
    over: LinkFlags,
    packets: PacketFlags,
    modem: ModemFlags,
    seen: PreviewFlags,
    data_uri: Annotated[
        bool, typer.Option("--data-uri", help="Print data: URIs, a line each, and write no file.")
    ] = False,
    max_pixels: MaxPixels = None,
    output_dir: OutputDir = None,
    num_jobs: Annotated[
        int | None,
        typer.Option("--jobs", "-j", min=1, help="Pictures in work at once; by default one a core."),
    ] = None,
    overwrite: Redo = False,
    verbose: Verbose = 0,
    quiet: Quiet = False,
) -> None:
    """Encode pictures to .semc files.

    INPUT OUTPUT, or INPUT... FOLDER, or INPUT... alone: then each file lands beside its picture.

    At most one of --bytes, --quality and --bpp. The inputs are never overwritten; nor is any file that semcodec has
    not written, unless you name it and say --overwrite. Outputs of inputs that have not changed since are skipped.

    Without --caption the embedded describer looks for one, or for keywords; only what it is sure enough of goes into
    the file, marked as a machine's (-v tells). --no-caption leaves it out. With --profile text and structure its guess
    goes in even where it is not sure, and a line says so.

    --for LINK --packets N makes a file that fills N packets of that link (`semcodec split --for LINK` makes them), and
    tells what they cost. Tokens or a base picture: what is nearer in the mean where --loss of the packets are lost.
    """
    refuse_contradictions(sent, words, describing)
    trying.refuse_without(painter)
    excluded = {"--bytes": sent.bytes, "--quality": sent.quality, "--bpp": sent.bpp, "--painter": painter}
    for_packets = asked_for_packets(
        over, packets, modem, seen, excluded={flag: value is not None for flag, value in excluded.items()}
    )
    jobs = _planned(paths, output_dir, data_uri=data_uri)
    if seen.preview is not None and len(jobs) != 1:
        raise typer.BadParameter("--preview shows one picture; encode one at a time")
    describer = describing.opened(painting, language=words.language, num_bytes=sent.bytes, quiet=quiet)
    opened = painting.opened(painter)
    options = EncodeOptions(
        **asdict(sent),
        caption=words.caption,
        language=words.language,
        origin=words.origin,
        describe=_describes(words, describing),
        regions=words.regions or None,
        vector=words.vector if words.vector is not None or _describes(words, describing) else False,
        structure=words.structure,
        tries=trying.tries,
        distance=chosen_distance(trying.distance),
        boxed=boxes.boxed,
        strip=boxes.strip,
        limits=chosen_limits(max_pixels),
    )

    def work(job: Job) -> Done:
        from semcodec.encoding import encode_with
        from semcodec.pictures import load_picture

        original = read_input(job.source) if boxes.link or job.source == STANDARD else None
        loaded = load_picture(Path(job.source) if original is None else original, limits=options.limits)
        name = "" if job.source == STANDARD else base_name(job.source)
        link = Link.to(original, name) if boxes.link and original is not None else None
        asked = replace(options, describer=describer.get(), painter=opened.get(), link=link)
        told: list[str] = []
        if for_packets is None:
            with large_ones.in_turn(loaded.size.width_px * loaded.size.height_px) as is_large:
                models = default_models() if is_large or at_once == 1 else default_models().but(threads=1)
                encoded = encode_with(loaded, options=asked, models=models)
        else:
            encoded, told = for_packets.encoded(loaded, asked, overwrite=overwrite)
        write_output(job.target, f"{as_data_uri(encoded.data)}\n".encode() if data_uri else encoded.data)
        done = _done(job, loaded, encoded, options)
        return replace(done, notes=(*done.notes, *told))

    foreign = describing.describer is not None or painter is not None or for_packets is not None
    large_ones, at_once = LargeOnes(), num_jobs or (1 if foreign else min(num_cores(), max(len(jobs), 1)))
    if data_uri:
        at_once = 1  # (they come in the order of the pictures)
    manner = Manner(num_jobs=at_once, overwrite=overwrite, verbose=verbose, quiet=quiet)
    outputs = Outputs(is_semc, size_of_source=size_of_picture, size_of_output=size_of_semc)
    raise typer.Exit(run_jobs(jobs, work, outputs, manner, cure))


def _describes(words: WordsFlags, describing: DescriberFlags) -> bool:
    """Whether the embedded describer is asked for a caption."""
    is_wanted = not words.no_caption and words.caption is None and describing.describer is None
    return is_wanted and default_models().name_of("describer") is not None


def _done(job: Job, loaded: LoadedPicture, encoded: Encoded, options: EncodeOptions) -> Done:
    """What is said of a file that was written."""
    import semcodec
    from semcodec.cli.outcome import ceiling_of_quality, guessed_words, said_of

    limits = options.limits
    layers = ", ".join(f"{name} {size}" for name, size in encoded.bytes_by_layer.items())
    told = f"; {encoded.described}" if encoded.described else ""
    detail = f"{loaded.size}, {len(encoded.data)} bytes ({layers}){told}"
    summary = said_of(encoded.data, limits, ceiling=ceiling_of_quality(encoded.data, options.quality, limits))
    if job.target == STANDARD and guessed_words(semcodec.info(encoded.data, limits=limits)) is None:
        summary = ""  # a pipe is told nothing but what was guessed
    notes = tuple(note for note in encoded.notes if note not in loaded.damage)
    return Done(summary, detail, notes=notes, damage=loaded.damage)


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


def _jobs_for_printing(paths: list[str], output_dir: str | None, kinds: Kinds) -> list[Job]:
    """All paths are pictures, and all go to stdout."""
    if output_dir is not None or (len(paths) > 1 and kinds.is_output(Path(paths[-1]))):
        raise UsageError("--data-uri prints what it makes; leave the output out")
    if paths == [STANDARD]:
        return [Job(STANDARD, STANDARD, named=True)]
    return [replace(job, target=STANDARD, named=True) for job in plan_jobs(paths, ".", kinds)]
