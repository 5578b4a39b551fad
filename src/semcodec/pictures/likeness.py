"""How finely a decoded picture would be quantised as AV1 in as many bytes: for codecs whose files do not say it simply.

Bits per pixel alone do not tell: leaves take ten times as many as a sky of the same quality. So the decoded picture is
coded again, quickly, at a few qualities.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING

import numpy as np

from semcodec.forks import importing
from semcodec.pictures.av1 import has_avif
from semcodec.pictures.av1_frame import avif_quantizer

if TYPE_CHECKING:
    from semcodec.types import Pixels

QUALITIES = (4, 14, 26, 42, 66, 90)  # of libavif
_SPEED = 9
_MOST_PIXELS = 1 << 19  # that are coded; larger pictures in a sample of patches
_PATCH_PX = 256


def quantizer_as_av1(image_HWC: Pixels, bits_per_pixel: float) -> float | None:
    """`base_q_idx`, 0 to 255; None where Pillow has no AVIF."""
    if not has_avif() or bits_per_pixel <= 0:
        return None
    sample_HWC = _sample(image_HWC)
    num_pixels = sample_HWC.shape[0] * sample_HWC.shape[1]
    octaves, quantizers = [], []
    for quality in QUALITIES:
        data = _coded(sample_HWC, quality)
        quantizer = avif_quantizer(data)
        assert quantizer is not None, "what Pillow writes says it"
        octaves.append(math.log2(8 * len(data) / num_pixels))
        quantizers.append(quantizer)
    return float(np.interp(math.log2(bits_per_pixel), np.maximum.accumulate(octaves), quantizers))


def _sample(image_HWC: Pixels) -> Pixels:
    """The picture, or 8 of its patches, evenly spaced, one below the other."""
    height, width = image_HWC.shape[:2]
    if height * width <= _MOST_PIXELS or min(height, width) < _PATCH_PX:
        return image_HWC[:, : max(_MOST_PIXELS // height, 16)] if height * width > _MOST_PIXELS else image_HWC
    places = [((2 * row + 1) / 4, (2 * col + 1) / 8) for row in range(2) for col in range(4)]
    corners = [(round(y * (height - _PATCH_PX)), round(x * (width - _PATCH_PX))) for y, x in places]
    return np.concatenate([image_HWC[y : y + _PATCH_PX, x : x + _PATCH_PX] for y, x in corners])


def _coded(image_HWC: Pixels, quality: int) -> bytes:
    from PIL import Image

    with importing:  # (to save is to import the usual plugins first)
        Image.preinit()
    out = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(image_HWC)).save(out, "AVIF", quality=quality, speed=_SPEED)
    return out.getvalue()
