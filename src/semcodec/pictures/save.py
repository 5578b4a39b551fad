"""Pixels to picture files, with what belongs to them: transparency, EXIF, ICC, XMP, and a word on what was painted.

Promises
1. A file is whole or not there. It says what wrote it (`sign`) and, where its format has a place for that, what was
   painted.
2. Pixels and the profile beside them say the same colours: where a profile is written, pixels were converted to it.
3. What the format cannot hold is left out with a sentence in `notes`.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

import io
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from semcodec.errors import PictureError
from semcodec.files import write_atomic
from semcodec.metadata.exif import EXIF_PREFIX, TIFF_STORAGE, called_srgb
from semcodec.metadata.promises import without_promises
from semcodec.metadata.provenance import Provenance
from semcodec.metadata.xmp import disclosing_xmp
from semcodec.pictures.alpha import lifted_off_white
from semcodec.pictures.colours import from_srgb
from semcodec.pictures.quiet import reason
from semcodec.pictures.sign import SOFTWARE, signed

if TYPE_CHECKING:
    from PIL import Image as PilImage

    from semcodec.types import Pixels

# Suffixes that decoded pictures are written to, and how. PNG, TIFF, BMP, PPM and WebP lose nothing.
OUTPUT_FORMATS = {
    "png": "PNG",
    "jpg": "JPEG",
    "jpeg": "JPEG",
    "webp": "WEBP",
    "avif": "AVIF",
    "tif": "TIFF",
    "tiff": "TIFF",
    "bmp": "BMP",
    "ppm": "PPM",
}

_EXIF_DESCRIPTION, _EXIF_SOFTWARE, _TIFF_XMP = 0x010E, 0x0131, 700
_TABLES = frozenset({0x8769, 0x8825})  # of EXIF and GPS
_QUALITY: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 95, "subsampling": 0},
    "WEBP": {"lossless": True, "exact": True},
    "AVIF": {"quality": 90, "subsampling": "4:4:4"},
}
_WITH_ALPHA = frozenset({"PNG", "WEBP", "AVIF", "TIFF"})
_WITH_METADATA = frozenset({"PNG", "JPEG", "WEBP", "AVIF", "TIFF"})
# A JPEG segment has two bytes for its length, which counts itself and the segment's own name.
_JPEG_EXIF_BYTES, _JPEG_XMP_BYTES = 65533, 65533 - len("http://ns.adobe.com/xap/1.0/\0")


@dataclass(frozen=True, slots=True)
class Beside:
    """What is written beside the pixels; None: nothing. `exif` and `xmp` as in `semcodec.types.Metadata`.

    `alpha_HW`: uint8, how opaque each pixel is, 255 wholly; the pixels are then of the picture laid onto white.
    `icc_profile`: for RGB; the pixels, given as sRGB, are converted to it.
    `provenance`: how much of the picture was painted without having been sent.
    """

    alpha_HW: Pixels | None = None
    icc_profile: bytes | None = None
    exif: bytes | None = None
    xmp: bytes | None = None
    provenance: Provenance | None = None


NOTHING = Beside()


def save_picture(
    image_HWC: Pixels,
    target: str | os.PathLike[str] | BinaryIO,
    *,
    format: str | None = None,
    beside: Beside = NOTHING,
    notes: list[str] | None = None,
) -> None:
    """Writes uint8 sRGB pixels, to a path atomically. The format is named, or follows from the suffix, or is PNG."""
    if isinstance(target, (str, os.PathLike)):
        name = os.fspath(target)
        format = format or Path(name).suffix[1:]
        write_atomic(target, picture_bytes(image_HWC, format=format, name=name, beside=beside, notes=notes))
    else:
        target.write(picture_bytes(image_HWC, format=format or "png", beside=beside, notes=notes))


def picture_bytes(
    image_HWC: Pixels,
    *,
    format: str,
    name: str = "the picture",
    beside: Beside = NOTHING,
    notes: list[str] | None = None,
) -> bytes:
    """The bytes of a picture file. Lossy formats are written at high quality: the pixels have lost enough already.

    `notes` receives a sentence for each thing in `beside` that the format cannot hold. (Transparency in one that has
    none is no loss worth a word: the picture stands on white.)
    """
    pil_format = OUTPUT_FORMATS.get(format.lower())
    if pil_format is None:
        known = ", ".join(OUTPUT_FORMATS)
        raise PictureError(f"{name}: cannot write the format {format!r}; the known ones are {known}")
    notes = [] if notes is None else notes
    try:
        return _saved(image_HWC, pil_format, beside, notes)
    except MemoryError:
        raise
    except Exception as exc:
        if beside.exif:  # a stranger's EXIF may break a plugin in any way
            notes.append(f"its EXIF data is damaged: it was left out ({reason(exc)})")
            beside = replace(beside, exif=None)
            return picture_bytes(image_HWC, format=format, name=name, beside=beside, notes=notes)
        if not isinstance(exc, (OSError, ValueError, KeyError, RuntimeError)):
            raise
        raise PictureError(f"{name}: could not be written as {pil_format}: {exc}") from exc


def _saved(image_HWC: Pixels, pil_format: str, beside: Beside, notes: list[str]) -> bytes:
    picture = _with_alpha(image_HWC, beside.alpha_HW if pil_format in _WITH_ALPHA else None)
    options: dict[str, Any] = {}
    if pil_format in _WITH_METADATA:
        picture, options = _with_profile(picture, beside.icc_profile, notes)
        if beside.exif and not options:
            beside = replace(beside, exif=called_srgb(beside.exif))
        options |= _metadata_options(pil_format, beside, notes)
    elif beside.icc_profile or beside.exif or beside.xmp:
        notes.append(f"{pil_format} has no place for EXIF, ICC and XMP: they were left out, colours are sRGB")
    out = io.BytesIO()
    picture.save(out, pil_format, **options, **_QUALITY.get(pil_format, {}))
    return signed(out.getvalue(), pil_format)


def _with_alpha(image_HWC: Pixels, alpha_HW: Pixels | None) -> PilImage.Image:
    from PIL import Image

    if alpha_HW is None:
        return Image.fromarray(np.ascontiguousarray(image_HWC))
    return Image.fromarray(lifted_off_white(image_HWC, alpha_HW))


def _with_profile(
    picture: PilImage.Image, profile: bytes | None, notes: list[str]
) -> tuple[PilImage.Image, dict[str, Any]]:
    """The picture in the colours of the profile, and the option that writes it; else in sRGB, and no option."""
    if not profile:
        return picture, {}
    converted = from_srgb(picture, profile)
    if converted is None:
        notes.append("its colour profile cannot be converted to: the colours are sRGB")
        return picture, {}
    return converted, {"icc_profile": profile}


def _metadata_options(pil_format: str, beside: Beside, notes: list[str]) -> dict[str, Any]:
    """What Pillow's writer of the format is to be told."""
    from PIL import Image, PngImagePlugin

    sentence = beside.provenance.sentence if beside.provenance is not None else None
    exif = EXIF_PREFIX + beside.exif if beside.exif else None
    if exif is not None and pil_format == "JPEG" and len(exif) > _JPEG_EXIF_BYTES:
        notes.append(f"its EXIF data ({len(exif)} bytes) is longer than a JPEG file can hold: it was left out")
        exif = None
    if exif is None and pil_format != "PNG":
        own = Image.Exif()
        own[_EXIF_SOFTWARE] = SOFTWARE
        if sentence is not None:
            own[_EXIF_DESCRIPTION] = sentence
        exif = own.tobytes()
    xmp = beside.xmp if beside.xmp is None else without_promises(beside.xmp)[0]
    if beside.provenance is not None:
        xmp = disclosing_xmp(xmp, beside.provenance, notes)
    if xmp is not None and pil_format == "JPEG" and len(xmp) > _JPEG_XMP_BYTES:
        notes.append(f"its XMP ({len(xmp)} bytes) is longer than a JPEG file can hold: it was left out")
        xmp = disclosing_xmp(None, beside.provenance, notes) if beside.provenance is not None else None
    options: dict[str, Any] = {} if exif is None else {"exif": exif}
    if pil_format == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_text("Software", SOFTWARE)
        if sentence is not None:
            text.add_text("Comment", sentence)
        if xmp is not None:
            text.add_itxt("XML:com.adobe.xmp", xmp.decode("utf-8", "replace"))
        return options | {"pnginfo": text}
    if pil_format == "TIFF":
        # (a TIFF file holds EXIF as its own tags)
        tags = Image.Exif()
        tags.load(exif or b"")
        for tag in TIFF_STORAGE.intersection(tags):
            del tags[tag]
        if xmp is not None:
            tags[_TIFF_XMP] = xmp
        # Pillow compresses TIFF with libtiff, which does not take the tables of EXIF and GPS from it.
        return {"exif": tags, "compression": None if _TABLES.intersection(tags) else "tiff_adobe_deflate"}
    if pil_format == "JPEG" and sentence is not None:
        options["comment"] = sentence
    return options | ({} if xmp is None else {"xmp": xmp})
