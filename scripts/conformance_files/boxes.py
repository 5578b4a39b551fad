"""Boxes: metadata behind the picture, whole and damaged."""

from __future__ import annotations

import hashlib
import io
import zlib
from collections.abc import Iterator
from dataclasses import replace

from PIL import Image, ImageCms

from conformance_files.tools import UNKNOWN_LAYERS, Case, Kit, text_section, words_file
from semcodec.container.boxes.encode import pack_boxes
from semcodec.ids import BoxCoding, LayerId
from semcodec.limits import DEFAULT_LIMITS
from semcodec.types import Link, Metadata, Section

NAME = "Zwöi Papageie.png"
LINK = Link(hashlib.sha256(b"the original").digest(), NAME)
TIFF = b"II*\x00\x08\x00\x00\x00"


def good(kit: Kit) -> Iterator[Case]:
    picture, words = kit.picture(96, 64), text_section()
    tokens = picture.tokens(picture.everything())
    boxes = pack_boxes(Metadata(_alpha(96, 64), LINK, _profile(), _exif(1), b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>"))
    yield Case("boxes", "all five, behind the layers", picture.file(words, tokens, *boxes), ("B1",))
    yield Case("boxes-in-front", "the order that nobody should write", picture.file(*boxes[::-1], tokens), ("B1",))
    turned = picture.file(tokens, *pack_boxes(Metadata(exif=_exif(6))))
    yield Case("exif-that-would-turn", "an orientation of 6, which counts for nothing", turned, ("B1",))
    small = picture.file(tokens, *pack_boxes(Metadata(alpha=_alpha(9, 5))))
    yield Case("smaller-alpha", "9x5, to be enlarged", small)


def malformed(kit: Kit) -> Iterator[Case]:
    icc, exif, alpha = _packed(LayerId.ICC, _profile()), _packed(LayerId.EXIF, _exif(1)), _alpha(96, 64)
    link = pack_boxes(Metadata(link=LINK))[0]
    damaged, early = "DamagedError: ", "TruncatedError: ends early"
    flipped = bytes(byte ^ (at == len(icc.payload) // 2) for at, byte in enumerate(icc.payload))
    data = _file(replace(icc, payload=flipped), exif)
    yield Case("damaged-box", "the others are whole", data, ("B2", "B5"), damaged + "no zlib stream, or its check")
    half = DEFAULT_LIMITS.max_metadata_bytes // 2 + 1
    data = _file(_packed(LayerId.EXIF, TIFF + bytes(half)), _packed(LayerId.XMP, bytes(half)))
    yield Case("too-much-in-boxes", f"two of {half} bytes", data, ("B3",), "LimitError: max_metadata_bytes")
    data = _file(replace(icc, model=9))
    yield Case("unknown-coding", "9", data, ("B4", "B2"), "FormatError: coded with number 9")
    data = _file(replace(icc, payload=icc.payload[:-3]))
    yield Case("box-that-ends-early", "3 bytes short", data, ("B5",), early)
    data = _file(replace(icc, payload=icc.payload + b"\0"))
    yield Case("bytes-behind-a-box", "one", data, ("B6",), damaged + "goes on behind its end")
    lossy = io.BytesIO()
    kit.photo().resize((8, 8)).save(lossy, "WEBP", lossless=False)
    data = _file(_section(LayerId.ALPHA, lossy.getvalue()))
    yield Case("lossy-alpha", "a WebP file of the other kind", data, ("B7",), damaged + "not hold a lossless WebP file")
    data = _file(_section(LayerId.ALPHA, alpha[:-2]))
    yield Case("alpha-that-ends-early", "2 bytes short", data, ("B7",), early)
    data = _file(_section(LayerId.ALPHA, alpha + b"\0\0"))
    yield Case("bytes-behind-alpha", "two", data, ("B8",), damaged + "goes on behind its end")
    data = _file(_section(LayerId.ALPHA, _alpha(97, 64)))
    yield Case("too-large-alpha", "97x64 for 96x64", data, ("B9",), damaged + "larger than the picture")
    data = _file(replace(link, payload=link.payload[:-1]))
    yield Case("name-that-ends-early", "one byte short", data, ("B10",), early)
    data = _file(replace(link, payload=link.payload + b"x"))
    yield Case("bytes-behind-a-name", "one", data, ("B10",), damaged + "goes on behind its end")
    data = _file(replace(link, payload=LINK.sha256 + b"\x03a\xe4b"))
    yield Case("name-in-latin-1", "no UTF-8", data, ("B11",), damaged + "is not UTF-8")
    data = _file(replace(link, payload=LINK.sha256 + b"\x05../ab"))
    yield Case("name-with-a-folder", "../ab", data, ("B12",), damaged + "has a folder or a control character")
    data = _file(_packed(LayerId.EXIF, b"Exif\0\0" + _exif(1)))
    yield Case("exif-with-a-mark", "as in a JPEG file", data, ("B13",), damaged + "does not hold a TIFF stream")
    data = _file(exif, exif)
    yield Case("second-exif", "a box twice", data, ("S3",), "FormatError: second 'exif' section")


def _file(*boxes: Section) -> bytes:
    """Words, the boxes, and a last section, so that each box has a length."""
    return words_file(text_section(), *boxes, Section(UNKNOWN_LAYERS[0], 0, b""))


def _packed(layer: LayerId, content: bytes) -> Section:
    return Section(layer, BoxCoding.ZLIB, zlib.compress(content, 9))


def _section(layer: LayerId, payload: bytes) -> Section:
    return Section(layer, BoxCoding.WEBP, payload)


def _alpha(width_px: int, height_px: int) -> bytes:
    """A ramp from clear to opaque, as a lossless WebP file."""
    out = io.BytesIO()
    Image.linear_gradient("L").resize((width_px, height_px)).save(out, "WEBP", lossless=True)
    return out.getvalue()


def _profile() -> bytes:
    """(with the date of its making taken out, which alone would change from build to build)"""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile[:24] + bytes(12) + profile[36:]


def _exif(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "a camera"
    return exif.tobytes().removeprefix(b"Exif\0\0")
