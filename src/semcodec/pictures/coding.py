"""How a picture file is coded: its codec and how finely it is quantised, from its header. No pixel is decoded."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from semcodec.pictures.av1_frame import avif_quantizer
from semcodec.pictures.formats import HEIC, JPEG_XL, kind_of
from semcodec.pictures.jpeg_tables import luminance_table
from semcodec.pictures.vp8 import webp_quantizer

_AVIF_BRANDS = frozenset({b"avif", b"avis"})


class Codec(enum.Enum):
    """Those that lose something, and are recognised."""

    JPEG = "JPEG"
    WEBP = "WebP"
    AVIF = "AVIF"
    HEIC = "HEIC"
    JPEG_XL = "JPEG XL"


@dataclass(frozen=True, slots=True)
class Coding:
    """How finely a file is coded, in its codec's own terms; None: it does not say, or has other terms.

    Attributes:
        mean_step: of JPEG, the mean of the 64 steps of its luminance.
        quantizer: of WebP `y_ac_qi`, 0 (finest) to 127; of AVIF `base_q_idx`, 0 (without loss) to 255.
        num_bytes: of the file, with all that is in it.
    """

    codec: Codec
    num_bytes: int
    mean_step: float | None = None
    quantizer: int | None = None


def coding_of(data: bytes) -> Coding | None:
    """Of the bytes of a picture file; None where its codec loses nothing or is not known, or its header is damaged."""
    num_bytes = len(data)
    if data[:2] == b"\xff\xd8":
        table = luminance_table(data)
        return None if table is None else Coding(Codec.JPEG, num_bytes, mean_step=sum(table) / len(table))
    if data[:4] == b"RIFF":
        quantizer = webp_quantizer(data)
        return None if quantizer is None else Coding(Codec.WEBP, num_bytes, quantizer=quantizer)
    if data[4:8] == b"ftyp" and kind_of(data) is None:  # (an AVIF file: no other of these is read by Pillow alone)
        return Coding(Codec.AVIF, num_bytes, quantizer=avif_quantizer(data))
    codec = {HEIC: Codec.HEIC, JPEG_XL: Codec.JPEG_XL}.get(kind) if (kind := kind_of(data)) is not None else None
    return None if codec is None else Coding(codec, num_bytes)
