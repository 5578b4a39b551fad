"""Which kind of picture a file is, by its first bytes, and kinds that Pillow reads only with a package beside it.

HEIC is read where pillow-heif is installed, JPEG XL where pillow-jxl-plugin is (the extra `formats`). Kinds that are
not read here at all are known by name, so that the user learns what to do about them.

Promise: no picture is decoded before its size has been asked about.
"""

from __future__ import annotations

import importlib.util
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from semcodec.errors import PictureError
from semcodec.ids import MAGIC
from semcodec.metadata.exif import ORIENTATION, QUARTER_TURNS, upright_exif
from semcodec.pictures.quiet import open_image
from semcodec.types import Size

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL import Image as PilImage

_CONVERT = "convert it to PNG, TIFF or JPEG first"


@dataclass(frozen=True, slots=True)
class Kind:
    """`package`: the module that reads it, where one does. `cure`: what to do where it cannot be read."""

    name: str
    suffixes: frozenset[str]
    package: str | None = None
    cure: str = _CONVERT

    @property
    def is_readable(self) -> bool:
        return self.package is not None and importlib.util.find_spec(self.package) is not None


_WITH_EXTRA = "read with: pip install 'semcodec[formats]'"
_RAW_SUFFIXES = """
.3fr .arw .cr2 .cr3 .crw .dcr .dng .erf .fff .iiq .kdc .mef .mos .mrw .nef .nrw .orf .pef .raf .raw .rw2 .rwl .sr2 .srf
.srw .x3f
"""
HEIC = Kind("HEIC", frozenset({".heic", ".heif", ".hif", ".heics", ".heifs"}), "pillow_heif", _WITH_EXTRA)
JPEG_XL = Kind("JPEG XL", frozenset({".jxl"}), "pillow_jxl", _WITH_EXTRA)
RAW = Kind("a raw photograph", frozenset(_RAW_SUFFIXES.split()), cure="develop them to TIFF or JPEG first")
SVG = Kind("SVG", frozenset({".svg", ".svgz"}), cure="a drawing program, not pixels: render it to PNG first")
OPENEXR = Kind("OpenEXR", frozenset({".exr"}))
RADIANCE = Kind("Radiance HDR", frozenset({".hdr", ".pic", ".rgbe"}))
JPEG_XR = Kind("JPEG XR", frozenset({".jxr", ".wdp", ".hdp"}))
XCF = Kind("GIMP's XCF", frozenset({".xcf"}), cure="export it to PNG first")
BPG = Kind("BPG", frozenset({".bpg"}))
PDF = Kind("PDF", frozenset(), cure="render a page of it to PNG first")  # (in folders PDF files are texts)
VIDEO = Kind("a video", frozenset(), cure="`semcodec clip encode` takes it, or take a frame out of it first")
PAGE = Kind("a web page, not the picture that was asked for", frozenset(), cure="fetch the picture again")
OURS = Kind("a .semc file already", frozenset(), cure="semcodec decode paints it")
_KINDS = (HEIC, JPEG_XL, RAW, SVG, OPENEXR, RADIANCE, JPEG_XR, XCF, BPG)

# First bytes. "ftyp" files (HEIC, AVIF, video, CR3) are told apart by their brands.
_MAGIC = {
    b"\xff\x0a": JPEG_XL,
    b"\0\0\0\x0cJXL \r\n\x87\n": JPEG_XL,
    b"FUJIFILMCCD-RAW": RAW,
    b"FOVb": RAW,
    b"\0MRM": RAW,
    b"IIU\0": RAW,
    b"IIRO": RAW,
    b"IIRS": RAW,
    b"MMOR": RAW,
    b"II\x1a\0\0\0HEAPCCDR": RAW,
    b"II\xbc": JPEG_XR,
    b"\x76\x2f\x31\x01": OPENEXR,
    b"#?RADIANCE": RADIANCE,
    b"#?RGBE": RADIANCE,
    b"gimp xcf": XCF,
    b"BPG\xfb": BPG,
    b"%PDF": PDF,
    b"\x1aE\xdf\xa3": VIDEO,
    MAGIC: OURS,
}
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_TIFF_SUBFILE, _TIFF_SUBIFDS, _DNG_VERSION = 254, 330, 50706


def kind_of(data: bytes) -> Kind | None:
    """What a file is that Pillow alone does not read; None where nothing is known of it."""
    for magic, kind in _MAGIC.items():
        if data.startswith(magic):
            return kind
    if data[4:8] == b"ftyp":
        brands = {data[8:12], *(data[at : at + 4] for at in range(16, min(int.from_bytes(data[:4], "big"), 256), 4))}
        if brands & _HEIC_BRANDS or (data[8:12] in {b"mif1", b"msf1"} and not brands & _AVIF_BRANDS):
            return HEIC
        if data[8:12] == b"crx ":
            return RAW
        return None if brands & _AVIF_BRANDS else VIDEO
    text = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith(b"<svg") or (text.startswith(b"<?xml") and b"<svg" in data[:4096].lower()):
        return SVG
    return PAGE if text.startswith((b"<!doctype html", b"<html")) else None


def readable_suffixes() -> frozenset[str]:
    """Of kinds that can be read here because their package is installed."""
    return frozenset().union(*(kind.suffixes for kind in _KINDS if kind.is_readable))


def known_suffixes() -> frozenset[str]:
    """Of all these kinds, whether or not they can be read here."""
    return frozenset().union(*(kind.suffixes for kind in _KINDS))


def unread_kind(suffix: str) -> str | None:
    """The name of the kind of picture that a suffix (".heic") stands for, where it cannot be read here."""
    for kind in _KINDS:
        if suffix.lower() in kind.suffixes and not kind.is_readable:
            return kind.name
    return None


def cure_of(name: str) -> str:
    """What to do about a kind that `unread_kind` named."""
    return next(kind.cure for kind in _KINDS if kind.name == name)


def open_with_package(data: bytes, name: str, ask: Callable[[int, int], None]) -> PilImage.Image | None:
    """A picture of a kind that Pillow reads with a package beside it; None for all that Pillow is to open by itself.

    `ask` is called with the size of what would be decoded here. Raises `PictureError` where the kind cannot be read.
    """
    kind = kind_of(data)
    if kind is None:
        return None
    if not kind.is_readable:
        raise cannot_be_read(kind, name)
    if kind is HEIC:
        import pillow_heif

        # (its class, since `register_heif_opener` would change what the user's own `Image.open` does)
        reader: Callable[[io.BytesIO], PilImage.Image] = pillow_heif.HeifImageFile
        return reader(io.BytesIO(data))
    size = _jpeg_xl_size(data)
    if size is not None:
        ask(*size)
    from pillow_jxl.JpegXLImagePlugin import JXLImageFile

    image: PilImage.Image = JXLImageFile(io.BytesIO(data))
    if exif := image.info.get("exif"):
        # The decoder has turned the picture as the codestream says; EXIF's orientation is a copy of what was done.
        image.info["exif"] = upright_exif(exif) or b""
    return image


def cannot_be_read(kind: Kind, name: str) -> PictureError:
    return PictureError(f"{name}: is {kind.name}, which cannot be read here; {kind.cure}")


def is_raw_preview(image: PilImage.Image) -> bool:
    """Whether what Pillow has opened as a TIFF file is the preview of a raw photograph: its pixels are others."""
    tags = getattr(image, "tag_v2", None)
    if image.format != "TIFF" or tags is None:
        return False
    return _DNG_VERSION in tags or (bool(int(tags.get(_TIFF_SUBFILE, 0)) & 1) and _TIFF_SUBIFDS in tags)


def upright_size(data: bytes) -> Size | None:
    """The size of a picture as it is shown, from its header; None where it cannot be told."""
    if kind_of(data) is JPEG_XL:  # (its package decodes it whole as soon as it is opened)
        return None
    try:
        with open_with_package(data, "", lambda *size: None) or open_image(data) as image:
            turned = image.getexif().get(ORIENTATION, 1) in QUARTER_TURNS
            return Size(image.height, image.width) if turned else Size(image.width, image.height)
    except Exception:  # a stranger's file may break any plugin in any way; reading it in earnest says how
        return None


def _jpeg_xl_size(data: bytes) -> tuple[int, int] | None:
    """(width, height) as the header of a JPEG XL codestream has them, before it is turned."""
    start = data.find(b"\xff\x0a", 0, 1 << 16)
    if start < 0:
        return None
    bits, at = int.from_bytes(data[start + 2 : start + 14], "little"), 0

    def read(num_bits: int) -> int:
        nonlocal at
        at += num_bits
        return bits >> (at - num_bits) & ((1 << num_bits) - 1)

    def side() -> int:
        return (read(5) + 1) * 8 if is_small else 1 + read((9, 13, 18, 30)[read(2)])

    is_small = bool(read(1))
    height_px = side()
    ratio = read(3)
    if not ratio:
        return side(), height_px
    wide, high = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))[ratio - 1]
    return height_px * wide // high, height_px
