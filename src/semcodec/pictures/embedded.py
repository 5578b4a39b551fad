"""EXIF, XMP and the colour profile inside a picture as Pillow gives it, and what is kept of them when it is upright."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from semcodec.metadata.exif import ORIENTATION, TIFF_STORAGE, called_srgb, upright_exif
from semcodec.metadata.promises import without_promises
from semcodec.metadata.xmp import upright_xmp
from semcodec.types import Metadata

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL import Image as PilImage


def metadata_of(image: PilImage.Image, given: Metadata) -> Metadata:
    """As the picture has them; what is `given` stands in its place."""
    profile, exif, xmp = (image.info.get(key) for key in ("icc_profile", "exif", "xmp"))
    if not isinstance(exif, bytes):
        try:
            exif = _exif_from_tags(image)
        except Exception:  # (of a stranger's file; `exif_orientation` has a sentence for it)
            exif = None
    xmp = xmp or image.info.get("XML:com.adobe.xmp")
    if isinstance(xmp, str):
        xmp = xmp.encode("utf-8", "replace")
    own = Metadata(
        icc_profile=profile if isinstance(profile, bytes) else None,
        exif=exif,
        xmp=xmp if isinstance(xmp, bytes) else None,
    )
    named = {name: getattr(given, name) for name in ("icc_profile", "exif", "xmp")}
    return replace(own, **{name: value for name, value in named.items() if value is not None})


def exif_orientation(image: PilImage.Image, notes: list[str]) -> int:
    try:
        orientation = image.getexif().get(ORIENTATION, 1)
    except Exception:
        notes.append("its EXIF data is damaged: an orientation in it would be lost")
        return 1
    return orientation if isinstance(orientation, int) else 1


def png_gamma(image: PilImage.Image) -> object:
    """PNG's gAMA, where nothing better says what its colours are."""
    return image.info.get("gamma") if image.format == "PNG" and "srgb" not in image.info else None


def kept_upright(found: Metadata, profile: bytes | None, notes: list[str]) -> Metadata:
    """What a file may keep of what was found. `profile`: the one that its pixels were converted from, if any."""
    exif = _kept(found.exif, upright_exif, "its EXIF data is damaged: it cannot be kept", notes)
    xmp = _kept(found.xmp, upright_xmp, "its XMP is not UTF-8: it cannot be kept", notes)
    return Metadata(
        icc_profile=profile,
        exif=exif if profile or exif is None else called_srgb(exif),
        xmp=xmp and _of_the_picture_itself(xmp, notes),
    )


def _kept(
    raw: bytes | None, upright: Callable[[bytes], bytes | None], otherwise: str, notes: list[str]
) -> bytes | None:
    if not raw:
        return None
    made = upright(raw)
    if made is None and not any(note.startswith(otherwise.split(":")[0]) for note in notes):
        notes.append(otherwise)
    return made


def _of_the_picture_itself(xmp: bytes, notes: list[str]) -> bytes:
    kept, promised = without_promises(xmp)
    if promised:
        named = " and ".join([", ".join(promised[:-1]), promised[-1]] if len(promised) > 1 else promised)
        notes.append(f"only the picture itself is taken: its XMP tells of {named}, left out with the words about it")
    return kept


def _exif_from_tags(image: PilImage.Image) -> bytes | None:
    """EXIF of a picture that has it as tags: a TIFF file, or one made in memory."""
    from PIL import ExifTags, Image

    tags, exif = image.getexif(), Image.Exif()
    for tag, value in tags.items():
        if tag not in TIFF_STORAGE and tag != ORIENTATION:
            exif[tag] = value
    for table in (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo):
        if table in tags:
            exif[table] = tags.get_ifd(table)
    return exif.tobytes() if len(exif) else None
