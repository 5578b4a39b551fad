"""What a file says about its colours otherwise than by an ICC profile.

```text
PNG          cICP, then (a profile, then) sRGB, then cHRM and gAMA
AVIF, HEIF   nclx of the primary item
JPEG 2000    the enumerated space, or the profile, of its header
QOI, BMP     the colour space of the header
TIFF         white point and primaries
any          EXIF: a colour space "uncalibrated" with the interoperability index R03 is Adobe RGB, after DCF
```

Files are walked by their lengths, and only as far as that takes; what makes no sense is passed over.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from semcodec.metadata.exif import colour_space_of
from semcodec.pictures.isobmff import MOST_BYTES, MOST_PARTS, boxes_in, first_box, top_box
from semcodec.pictures.primaries import (
    ADOBE_GAMMA,
    ADOBE_RGB,
    PRIMARIES_OF,
    ROMM,
    SRGB,
    ColourSpace,
    Curve,
    Primaries,
    unusual_gamma,
)
from semcodec.pictures.rewound import rewound

if TYPE_CHECKING:
    from PIL import Image as PilImage

_SRGB_SPACE = ColourSpace("sRGB", SRGB, Curve.SRGB)
_ADOBE_SPACE = ColourSpace("Adobe RGB (1998)", ADOBE_RGB, ADOBE_GAMMA)
# Curves of H.273 by their numbers. Those of video (1, 6, 14, 15 and kin) are written for cameras; pictures that name
# them are shown as sRGB everywhere, so they are taken so, with a sentence.
_CURVES: dict[int, Curve | float] = {4: 2.2, 5: 2.8, 8: 1.0, 13: Curve.SRGB, 16: Curve.PQ, 18: Curve.HLG}
_VIDEO_CURVES = frozenset({1, 6, 7, 11, 12, 14, 15})
_UNSPECIFIED = 2


@dataclass(frozen=True, slots=True)
class Declared:
    """`space`: None is sRGB, or nothing that is known. `profile`: an ICC profile that Pillow does not give. `note`: a
    sentence where something is guessed. `rules`: stands above an ICC profile. `is_narrow`: samples are 16..235.
    """

    space: ColourSpace | None = None
    profile: bytes | None = None
    note: str | None = None
    rules: bool = False
    is_narrow: bool = False


def declared_colour(image: PilImage.Image, file: BinaryIO | None) -> Declared | None:
    """What the file of a picture says; None where it says nothing. To be asked before Pillow decodes the picture.

    `file` stands afterwards where it stood. Without it (a picture in memory) only what Pillow tells is known.
    """
    with rewound(file) as again:
        of_file = None if again is None else _of_file(again)
    if of_file is not None:
        return of_file
    if image.format == "PNG":
        return _of_png_info(image)
    if image.format == "TIFF":
        return _of_tiff_tags(image)
    told = image.info.get("nclx_profile")  # pillow-heif's
    if isinstance(told, dict):
        numbers = (told.get(name, _UNSPECIFIED) for name in ("color_primaries", "transfer_characteristics"))
        return colour_of_numbers(*(int(number) for number in numbers))
    return None


def colour_by_exif(exif: bytes | None) -> Declared | None:
    """What EXIF says, for pictures that nothing better is said of."""
    match colour_space_of(exif):
        case "adobe":
            return Declared(_ADOBE_SPACE, note="its EXIF (R03) says Adobe RGB, by the convention of cameras")
        case "uncalibrated":
            return Declared(note="its EXIF calls the colours uncalibrated, and no profile says more: taken as sRGB")
    return None


def _of_file(file: BinaryIO) -> Declared | None:
    head = file.read(14 + 136)
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return _of_cicp(file)
    if head[4:12] == b"jP  \r\n\x87\n":
        return _of_jpeg_2000(file)
    if head[4:8] == b"ftyp":
        return _of_heif(file)
    if head.startswith(b"qoif") and head[13:14] == b"\x01":
        return Declared(ColourSpace("linear sRGB", SRGB, 1.0))
    if head.startswith(b"BM"):
        return _of_bmp(file, head)
    return None


def colour_of_numbers(primaries: int, transfer: int, *, rules: bool = False, is_narrow: bool = False) -> Declared:
    """Of the numbers of H.273."""
    if primaries == transfer == _UNSPECIFIED:
        return Declared(rules=rules, is_narrow=is_narrow)
    numbers = f"primaries {primaries} and curve {transfer}"
    name, points = PRIMARIES_OF.get(SRGB_NUMBER if primaries == _UNSPECIFIED else primaries, ("", None))
    curve, note = _CURVES.get(transfer), None
    if transfer in _VIDEO_CURVES:
        curve = Curve.SRGB
        note = f"its colours are declared with a curve of video ({numbers} of H.273), which was taken as sRGB's"
    elif transfer == _UNSPECIFIED:
        curve = Curve.SRGB
    if points is None or curve is None:
        note = f"its colours are declared in a way that is not known here ({numbers} of H.273): taken as sRGB"
        return Declared(note=note, rules=rules, is_narrow=is_narrow)
    if points is SRGB and curve is Curve.SRGB:
        return Declared(note=note, rules=rules, is_narrow=is_narrow)
    if curve in {Curve.PQ, Curve.HLG} and points is PRIMARIES_OF[9][1]:
        name = "BT.2100"
    if curve is not Curve.SRGB:
        name += f" {curve}" if isinstance(curve, Curve) else f" with a gamma of {curve:g}"
    return Declared(ColourSpace(name, points, curve), note=note, rules=rules, is_narrow=is_narrow)


SRGB_NUMBER = 1  # of BT.709's primaries, which sRGB has


# ---- PNG


def _of_cicp(file: BinaryIO) -> Declared | None:
    file.seek(8)
    for _ in range(MOST_PARTS):
        head = file.read(8)
        if len(head) < 8:
            return None
        length, kind = struct.unpack(">I4s", head)
        if kind in {b"IDAT", b"IEND"}:
            return None
        if kind == b"cICP" and length == 4:
            primaries, transfer, matrix, full = file.read(4)
            if matrix:
                return Declared(note=f"its cICP names a matrix ({matrix}), which a PNG cannot have: taken as sRGB")
            return colour_of_numbers(primaries, transfer, rules=True, is_narrow=not full)
        file.seek(length + 4, io.SEEK_CUR)
    return None


def _of_png_info(image: PilImage.Image) -> Declared | None:
    if "srgb" in image.info:
        return Declared()
    points, gamma = image.info.get("chromaticity"), image.info.get("gamma")
    if not isinstance(points, tuple) or len(points) != 8:
        return None  # (of gAMA alone, `colours.through_gamma` takes care)
    white, red, green, blue = ((points[at], points[at + 1]) for at in range(0, 8, 2))
    primaries = Primaries(white, red, green, blue)
    if not primaries.is_sensible():
        return Declared(note="its cHRM makes no sense: its colours were taken as sRGB's")
    unusual = unusual_gamma(gamma)
    if primaries.is_near(SRGB):
        return None
    known = next((name for name, points in PRIMARIES_OF.values() if points.is_near(primaries)), None)
    if ADOBE_RGB.is_near(primaries):
        known = _ADOBE_SPACE.name
        if unusual is None:
            return Declared(_ADOBE_SPACE)
    curve = Curve.SRGB if unusual is None else 1 / unusual
    return Declared(ColourSpace(known or "of its own primaries (cHRM)", primaries, curve))


# ---- boxes of ISO files: AVIF, HEIF, JPEG 2000


def _of_heif(file: BinaryIO) -> Declared | None:
    meta = top_box(file, b"meta")
    if meta is None:
        return None
    primary_item = first_box(boxes_in(meta, 4), b"pitm")
    wide = primary_item[:1] != b"\0"
    primary = int.from_bytes(primary_item[4 : 8 if wide else 6], "big")
    properties = first_box(boxes_in(meta, 4), b"iprp")
    listed = list(boxes_in(first_box(boxes_in(properties), b"ipco")))
    for index in _properties_of(primary, properties):
        kind, body = listed[index - 1] if 1 <= index <= len(listed) else (b"", b"")
        if kind == b"colr" and body[:4] == b"nclx" and len(body) >= 8:
            return colour_of_numbers(*struct.unpack_from(">HH", body, 4))
    return None


def _properties_of(item: int, properties: bytes) -> Iterator[int]:
    """Numbers, from 1 on, of the properties of an item."""
    for kind, body in boxes_in(properties):
        if kind != b"ipma" or len(body) < 8:
            continue
        id_bytes, number_bytes = 2 if body[0] == 0 else 4, 2 if body[3] & 1 else 1
        at = 8
        while at + id_bytes < len(body):
            its_item = int.from_bytes(body[at : at + id_bytes], "big")
            at += id_bytes + 1
            for place in range(at, at + number_bytes * body[at - 1], number_bytes):
                if its_item == item:
                    essential = 0x8000 if number_bytes == 2 else 0x80
                    yield int.from_bytes(body[place : place + number_bytes], "big") & (essential - 1)
            at += number_bytes * body[at - 1]


def _of_jpeg_2000(file: BinaryIO) -> Declared | None:
    colour = first_box(boxes_in(top_box(file, b"jp2h") or b""), b"colr")
    if len(colour) < 7:
        return None
    if colour[0] in {2, 3}:
        return Declared(profile=colour[3:])
    number = int.from_bytes(colour[3:7], "big")
    if number == 21:
        return Declared(ColourSpace("ROMM RGB", ROMM, 1.8))
    # (0, 15: black and white; 12: CMYK; 14: Lab; 16: sRGB; 17: grey; 18: sYCC: those Pillow knows)
    if colour[0] == 1 and number not in {0, 12, 14, 15, 16, 17, 18}:
        return Declared(note=f"its colours are in a space that is not known here (JPEG 2000's {number}): taken as sRGB")
    return None


# ---- BMP, TIFF


def _of_bmp(file: BinaryIO, head: bytes) -> Declared | None:
    header_bytes = int.from_bytes(head[14:18], "little")
    if header_bytes < 108 or len(head) < 14 + 108:
        return None
    kind = head[70:74][::-1]
    if kind == b"MBED" and header_bytes >= 124:
        place, length = struct.unpack_from("<II", head, 14 + 112)
        file.seek(14 + place)
        return Declared(profile=file.read(min(length, MOST_BYTES)))
    if kind != bytes(4):
        return None
    # Calibrated: XYZ of red, green and blue in 2.30 bits, and their gammas in 16.16. Most writers leave them 0.
    ends = [value / 2**30 for value in struct.unpack_from("<9I", head, 74)]
    gammas = [value / 2**16 for value in struct.unpack_from("<3I", head, 110)]
    sums = [sum(ends[at : at + 3]) for at in (0, 3, 6)]
    if min(sums) <= 0:
        return None
    red, green, blue = ((ends[3 * n] / sums[n], ends[3 * n + 1] / sums[n]) for n in range(3))
    whole = sum(sums)
    white = (sum(ends[0::3]) / whole, sum(ends[1::3]) / whole)
    primaries = Primaries(white, red, green, blue)
    if not primaries.is_sensible() or primaries.is_near(SRGB):
        return None
    gamma = gammas[0]
    is_usual = not gamma or unusual_gamma(1 / gamma) is None
    return Declared(ColourSpace("of its own primaries (BMP)", primaries, Curve.SRGB if is_usual else gamma))


def _of_tiff_tags(image: PilImage.Image) -> Declared | None:
    tags = getattr(image, "tag_v2", {})
    white, points = tags.get(318), tags.get(319)
    if image.mode not in {"RGB", "RGBA"} or not points or len(points) != 6:
        return None
    values = [float(value) for value in (*(white if white and len(white) == 2 else (0.3127, 0.3290)), *points)]
    white_point, red, green, blue = ((values[at], values[at + 1]) for at in range(0, 8, 2))
    primaries = Primaries(white_point, red, green, blue)
    if not primaries.is_sensible() or primaries.is_near(SRGB):
        return None
    if primaries.is_near(ADOBE_RGB):
        return Declared(_ADOBE_SPACE)
    name = next((name for name, known in PRIMARIES_OF.values() if known.is_near(primaries)), None)
    return Declared(ColourSpace(name or "of its own primaries (TIFF)", primaries, Curve.SRGB))
