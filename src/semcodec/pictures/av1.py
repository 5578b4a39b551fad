"""Base pictures by Pillow's AVIF: an AVIF file in memory, which Pillow reads or has written, and the base inside of it.

dav1d's planes are exact; the step to RGB is libavif's, so pixels stand within a tolerance, as all pixels do.
"""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from semcodec.errors import DamagedError, MissingAvifError, PictureError
from semcodec.forks import importing
from semcodec.layers.base.av1 import base_in, temporal_unit
from semcodec.layers.base.obus import MATRIX, PRIMARIES, TRANSFER, NoBaseError
from semcodec.pictures.isobmff import boxes_in, first_box
from semcodec.pictures.quiet import open_image, reason
from semcodec.types import BasePicture

if TYPE_CHECKING:
    from semcodec.types import Pixels

_ITEM = 1
_SMALL_PX = 1 << 20  # (what two threads code is coded in 5 % more processor time than by one)
_WITHOUT_VERSION = frozenset({b"ftyp", b"mdat", b"iprp", b"ipco", b"colr", b"av1C"})


@lru_cache(maxsize=1)
def has_avif() -> bool:
    """Whether the Pillow that is installed reads and writes AVIF. (11.3 is the first whose own wheels do.)"""
    with importing:  # (to ask is to import)
        from PIL import features

        return "avif" in features.modules and bool(features.check("avif"))


def decoded_base(base: BasePicture) -> Pixels:
    """The picture at its coded size, (h, w, 3) uint8 sRGB.

    Raises:
        MissingAvifError: Pillow has no AVIF. DamagedError: the frame is none, though its check holds.
    """
    where = f"the base picture at offset {base.offset}"
    if not has_avif():
        raise MissingAvifError(f"{where} cannot be decoded: Pillow has no AVIF here", offset=base.offset)
    try:
        with open_image(avif_of(base), formats=("AVIF",)) as picture:
            if picture.size != (base.coded.width_px, base.coded.height_px):
                raise DamagedError(f"{where} is of another size than {base.coded}", offset=base.offset)
            return np.array(picture.convert("RGB"))
    except (OSError, ValueError, SyntaxError, RuntimeError) as exc:
        raise DamagedError(f"{where} cannot be decoded: {reason(exc)}", offset=base.offset) from exc


def encoded_base(
    image_HWC: Pixels, *, quality: int, speed: int, advanced: Mapping[str, str] | None = None
) -> BasePicture:
    """A picture as a base of its size. `quality` 0..100 and `speed` 0..10 are Pillow's, `advanced` are options of
    libaom.

    Raises:
        MissingAvifError: Pillow has no AVIF. PictureError: it cannot write this picture.
    """
    if not has_avif():
        raise MissingAvifError("a base picture cannot be encoded: Pillow has no AVIF here")
    from PIL import Image

    with importing:  # (to save is to import the usual plugins first)
        Image.preinit()
    written = io.BytesIO()
    try:
        Image.fromarray(image_HWC).save(
            written,
            "AVIF",
            codec="aom",
            quality=quality,
            speed=speed,
            subsampling="4:2:0",
            range="full",
            advanced=dict(advanced or {}),
            max_threads=_threads(image_HWC.shape[0] * image_HWC.shape[1]),
        )
    except (OSError, ValueError, RuntimeError) as exc:
        raise PictureError(f"the picture cannot be written as AV1: {reason(exc)}") from exc
    return base_of_avif(written.getvalue())


def _threads(num_pixels: int) -> int:
    """Two, or every core for large pictures. libaom codes other bytes with one thread than with several, of which any
    number gives the same: so a picture does not depend on how many cores there are.
    """
    return 2 if num_pixels <= _SMALL_PX else max(2, os.cpu_count() or 2)


def base_of_avif(data: bytes) -> BasePicture:
    """The base picture in an AVIF file that Pillow wrote. Raises `PictureError` where it is no base."""
    try:
        return base_in(first_box(boxes_in(data), b"mdat"))
    except NoBaseError as exc:
        raise PictureError(f"Pillow wrote an AVIF file that holds no base picture ({exc})") from exc


def avif_of(base: BasePicture) -> bytes:
    """A base picture as an AVIF file (ISO/IEC 23000-22) with one item and what Pillow's own files say of it."""
    stream = temporal_unit(base)
    ftyp = _box(b"ftyp", b"avif", bytes(4), b"avifmif1miafMA1B")
    at = len(ftyp) + len(_meta(base, 0, len(stream))) + 8
    return ftyp + _meta(base, at, len(stream)) + _box(b"mdat", stream)


def _meta(base: BasePicture, offset: int, length: int) -> bytes:
    """The `meta` box of an item of `length` bytes at `offset` of the file."""
    item = _ITEM.to_bytes(2, "big")
    size = base.coded.width_px.to_bytes(4, "big") + base.coded.height_px.to_bytes(4, "big")
    # profile 0, any level; 8 bits, colour, chroma halved both ways
    configuration = bytes([0x81, 0x1F, 0x0C, 0x00])
    colours = b"nclx" + b"".join(number.to_bytes(2, "big") for number in (PRIMARIES, TRANSFER, MATRIX)) + b"\x80"
    properties = _box(
        b"ipco",
        _box(b"ispe", size),
        _box(b"pixi", bytes([3, 8, 8, 8])),
        _box(b"av1C", configuration),
        _box(b"colr", colours),
    )
    # 4 properties, of which the third (bit 7) is needed to decode
    owned = _box(b"ipma", bytes([0, 0, 0, 1]), item, bytes([4, 1, 2, 0x80 | 3, 4]))
    extent = offset.to_bytes(4, "big") + length.to_bytes(4, "big")
    return _box(
        b"meta",
        _box(b"hdlr", bytes(4), b"pict", bytes(13)),
        _box(b"pitm", item),
        _box(b"iloc", b"\x44\0\0\1", item, bytes(2), b"\0\1", extent),
        _box(b"iinf", b"\0\1", _box(b"infe", item, bytes(2), b"av01", b"\0", version=2)),
        _box(b"iprp", properties, owned),
    )


def _box(kind: bytes, *content: bytes, version: int = 0) -> bytes:
    head = b"" if kind in _WITHOUT_VERSION else bytes([version, 0, 0, 0])
    body = head + b"".join(content)
    return (8 + len(body)).to_bytes(4, "big") + kind + body
