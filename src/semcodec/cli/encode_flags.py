"""The flags of `semcodec encode`, in groups. Each refuses what contradicts itself: `typer.BadParameter`."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Annotated

import typer

from semcodec.cli.describer_flags import DescriberFlags


class ProfileName(enum.StrEnum):
    ANCHOR = "anchor"
    TEXT = "text"
    STRUCTURE = "structure"
    SCALABLE = "scalable"


class PictureName(enum.StrEnum):
    AUTO = "auto"
    TOKENS = "tokens"
    BASE = "base"


class OriginName(enum.StrEnum):
    HUMAN = "human"
    MACHINE = "machine"


@dataclass(frozen=True, slots=True)
class PictureFlags:
    """What is sent of the picture, and in how many bytes: fields of `EncodeOptions`."""

    profile: Annotated[
        ProfileName,
        typer.Option(
            "--profile",
            help="anchor: words, picture. text: words. structure: words, outlines. scalable: words, outlines, tokens.",
        ),
    ] = ProfileName.ANCHOR
    bytes: Annotated[
        int | None, typer.Option("--bytes", min=1, help="The most bytes that the whole file may have.")
    ] = None
    quality: Annotated[
        float | None,
        typer.Option("--quality", "-q", min=0, max=100, help="0..100, higher is better; 50 if nothing is set."),
    ] = None
    bpp: Annotated[float | None, typer.Option("--bpp", min=0, help="Bits per pixel of the picture as shown.")] = None
    effort: Annotated[
        int, typer.Option("--effort", "-e", min=1, max=9, help="How long to search for a better file.")
    ] = 5
    picture: Annotated[
        PictureName,
        typer.Option("--picture", help="tokens: every prefix shows some. base: a small AV1 still. auto: by the bytes."),
    ] = PictureName.AUTO

    def __post_init__(self) -> None:
        if sum(value is not None for value in (self.bytes, self.quality, self.bpp)) > 1:
            raise typer.BadParameter("--bytes, --quality and --bpp exclude each other; give one")
        if self.bpp is not None and not 0 < self.bpp < float("inf"):
            raise typer.BadParameter("--bpp must be a number above 0")


@dataclass(frozen=True, slots=True)
class WordsFlags:
    """What the file says in words."""

    caption: Annotated[str | None, typer.Option("--caption", help="What the picture says, in any language.")] = None
    language: Annotated[str, typer.Option("--language", help="The caption's BCP-47 tag, such as en or zh-Hans.")] = (
        "und"
    )
    origin: Annotated[OriginName, typer.Option("--origin", help="Who wrote the caption.")] = OriginName.HUMAN
    no_caption: Annotated[
        bool, typer.Option("--no-caption", help="No words: do not let the embedded describer look for some.")
    ] = False
    regions: Annotated[
        bool, typer.Option("--regions", help="Add what is where, as far as the embedded describer is sure of it.")
    ] = False
    vector: Annotated[
        bool | None,
        typer.Option(
            "--vector/--no-vector",
            help="Add what it sees as 35 bytes that search compares; else from 3500 bytes on, if it looks for words.",
            show_default=False,
        ),
    ] = None
    structure: Annotated[
        int | None,
        typer.Option("--structure", metavar="BYTES", min=1, help="Add outlines in at most so many bytes: 40 to 400."),
    ] = None


@dataclass(frozen=True, slots=True)
class TriesFlags:
    """What the encoder tries with a painter that is given."""

    tries: Annotated[
        int, typer.Option("--tries", min=1, max=1 << 15, help="Paint so many seeds and store which came nearest.")
    ] = 1
    distance: Annotated[
        str,
        typer.Option(
            "--distance", help="How --tries judges: mse, or mobilenet=FILE, judge2=FILE, lpips=FILE, dists=FILE."
        ),
    ] = "mse"

    def refuse_without(self, painter: str | None) -> None:
        if painter is None and self != TriesFlags():
            raise typer.BadParameter("--tries and --distance are about a painter; give one with --painter")


@dataclass(frozen=True, slots=True)
class BoxFlags:
    """What is kept beside the picture."""

    boxed: Annotated[
        bool, typer.Option("--boxed", help="Keep EXIF, XMP, colour profile and transparency; they count as bytes.")
    ] = False
    strip: Annotated[bool, typer.Option("--strip", help="Drop them without the line that says so.")] = False
    link: Annotated[
        bool, typer.Option("--link", help="Store the picture's SHA-256 and name, for `semcodec verify`.")
    ] = False

    def __post_init__(self) -> None:
        if self.boxed and self.strip:
            raise typer.BadParameter("--boxed keeps what --strip drops; give one")


def refuse_contradictions(sent: PictureFlags, words: WordsFlags, describing: DescriberFlags) -> None:
    """Raises `typer.BadParameter` where flags of different groups exclude each other."""
    is_described = words.caption is not None or describing.describer is not None
    if words.caption is not None and describing.describer is not None:
        raise typer.BadParameter("--caption and --describer exclude each other; give one")
    if words.no_caption and is_described:
        raise typer.BadParameter("--no-caption leaves out what --caption and --describer give; give one")
    if not is_described and words.language != "und":
        raise typer.BadParameter("--language says what --caption is in; give a caption, or a --describer")
    if words.no_caption and sent.profile in (ProfileName.STRUCTURE, ProfileName.SCALABLE):
        raise typer.BadParameter(
            f"--profile {sent.profile} begins with words: leave out --no-caption, or give a --caption"
        )
    if sent.picture is not PictureName.AUTO and sent.profile is ProfileName.STRUCTURE:
        raise typer.BadParameter("--profile structure sends words and outlines: leave out --picture")
    about_pictures = {
        "--quality": sent.quality is not None,
        "--bpp": sent.bpp is not None,
        "--no-caption": words.no_caption,
        "--picture": sent.picture is not PictureName.AUTO,
        "--regions": words.regions,
    }
    for flag, is_given in about_pictures.items():
        if is_given and sent.profile is ProfileName.TEXT:
            raise typer.BadParameter(f"--profile text sends a caption alone: leave out {flag}")
