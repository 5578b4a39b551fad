"""How a picture file is coded: its codec and how finely it is quantised, from its header. No pixel is decoded."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from semcodec.pictures.av1_frame import avif_quantizer
from semcodec.pictures.formats import HEIC, JPEG_XL, kind_of
from semcodec.pictures.jpeg_tables import luminance_table
from semcodec.pictures.likeness import quantizer_as_av1
from semcodec.pictures.vp8 import MAX_QUANTIZER, webp_quantizer
from semcodec.types import Size

if TYPE_CHECKING:
    from semcodec.types import Pixels

# ITU-T T.81's table K.1, which libjpeg takes for quality 50.
_STEPS_AT_50 = (
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55,
    14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
    18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92,
    49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
)  # fmt: skip


class Codec(enum.Enum):
    """Those that lose something, and are recognised."""

    JPEG = "JPEG"
    WEBP = "WebP"
    AVIF = "AVIF"
    HEIC = "HEIC"
    JPEG_XL = "JPEG XL"


# How many bits AV1 takes for the decoded picture over those of the file, where AV1 of the original has as little
# squared error. (Of 60 files of 4 frames and 2 photographs the fineness is off by 0.1 then, by bits alone by 0.3.)
AV1_BITS = {Codec.HEIC: 1.2, Codec.JPEG_XL: 0.8}


@dataclass(frozen=True, slots=True)
class Coding:
    """How finely a file is coded, in its codec's own terms; None: it does not say, or has other terms.

    Attributes:
        mean_step: of JPEG, the mean of the 64 steps of its luminance.
        quantizer: of WebP `y_ac_qi`, 0 (finest) to 127; of AVIF `base_q_idx`, 0 (without loss) to 255.
        num_bytes: of the file, with all that is in it.
        as_av1: `base_q_idx` of AV1 that gives the decoded picture as many bytes, where the file says no more than
            its size and the picture was looked at (`looked_at`).
    """

    codec: Codec
    num_bytes: int
    mean_step: float | None = None
    quantizer: int | None = None
    as_av1: float | None = None

    def looked_at(self, image_HWC: Pixels) -> Coding:
        """What more the decoded picture tells, where the file says no more than its size."""
        if self.mean_step is not None or self.quantizer is not None:
            return self
        bits_per_pixel = 8 * self.num_bytes / (image_HWC.shape[0] * image_HWC.shape[1])
        return replace(self, as_av1=quantizer_as_av1(image_HWC, AV1_BITS.get(self.codec, 1.0) * bits_per_pixel))

    def sentence(self, size: Size) -> str:
        """For people: the codec, and how fine it is in terms that they know."""
        article = "an" if self.codec.value[0] == "A" else "a"
        if self.mean_step is not None:
            how = f"of quality {jpeg_quality(self.mean_step)}"
        elif self.quantizer is not None:
            how = f"with quantizer {self.quantizer} of {MAX_QUANTIZER if self.codec is Codec.WEBP else 255}"
        else:
            how = f"of {8 * self.num_bytes / (size.width_px * size.height_px):.2g} bits per pixel"
        return f"{article} {self.codec.value} {how}"


def jpeg_quality(mean_step: float) -> int:
    """1 to 100, as libjpeg counts: that at which its own table for luminance has as large steps in the mean."""
    return min(range(1, 101), key=lambda quality: abs(_mean_step_at(quality) - mean_step))


def _mean_step_at(quality: int) -> float:
    percent = 5000 // quality if quality < 50 else 200 - 2 * quality
    return sum(min(max((step * percent + 50) // 100, 1), 255) for step in _STEPS_AT_50) / len(_STEPS_AT_50)


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
