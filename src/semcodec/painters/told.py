"""What the restorer is told of a picture: four numbers, as it was trained with.

    (how many times it is enlarged, how fine it is, whether it was a JPEG, whether it was a WebP)

Of tokens and bases the first two; the others are 0. A restorer that was trained with the first two alone is told those.
"""

from __future__ import annotations

import math

import numpy as np

from semcodec.layers.base.quantizer import MAX_QUANTIZER, quantizer_of
from semcodec.nets.restorer import FROM_TOKENS
from semcodec.pictures import Codec, Coding
from semcodec.types import BasePicture, Scene, Size

USUAL_FINENESS = 1.0  # of a picture that does not say how it was coded
USUAL_QUANTIZER = 204  # of small files, where a frame does not say it in the usual place
# How fine files are by the logarithm of their bits per pixel, where nothing more is known of them: as AVIF of as little
# squared error (10 frames of 854x480; one frame is off by 0.25, a photograph of many leaves by 0.9).
_HEIC_AT_BITS = ((-4.5, 0.04), (-4, 0.28), (-3, 0.7), (-2, 1.2), (-1, 1.95), (0.5, 2.3))
_JPEG_XL_AT_BITS = ((-4, 0.15), (-3, 0.33), (-2, 0.86), (-1, 1.45), (0, 2.05), (1, 2.3))


def tokens_told(scene: Scene, size: Size, least_and_most: tuple[float, float]) -> tuple[float, float]:
    """Of a picture that was painted from tokens, and is restored at `size`."""
    return FROM_TOKENS, bits_told(0 if scene.tokens is None else scene.tokens.num_bytes, size, least_and_most)


def bits_told(num_bytes: int, size: Size, least_and_most: tuple[float, float]) -> float:
    """The logarithm of the bits per pixel, no further than the restorer knows. A sixteenth of a bit: 0, a 256th: -1."""
    low, high = least_and_most
    bits_per_pixel = min(max(8 * num_bytes / (size.width_px * size.height_px), low), high)
    return (math.log2(bits_per_pixel) + 4) / 4


def base_told(base: BasePicture, size: Size) -> tuple[float, float]:
    """Of a base picture that is restored at `size`: how many times it is enlarged, as the logarithm of its sides' mean
    ratio, and how finely it is quantised, from 0 (coarsest) to 2.5.
    """
    ratio = size.width_px * size.height_px / (base.coded.width_px * base.coded.height_px)
    quantizer = quantizer_of(base)
    if quantizer is None:
        quantizer = USUAL_QUANTIZER
    return math.log2(ratio) / 2, av1_fineness(quantizer)


def video_told(coded: Size, quantizer: int | None, size: Size) -> tuple[float, float]:
    """Of a frame of a base clip whose key frame has that quantiser; as `base_told`.

    Frames of video are coarser than a still of their key frame's quantiser. The line is fitted to the numbers that are
    best by LPIPS and a second network of 27 codings of four training clips (48 frames of 854x480 at 0.005 to 0.02 bits
    per pixel, at 1 to 2.5 times smaller sides; they lie 0.15 around it).
    """
    ratio = size.width_px * size.height_px / (coded.width_px * coded.height_px)
    fine = av1_fineness(USUAL_QUANTIZER if quantizer is None else quantizer)
    return math.log2(ratio) / 2, max(0.75 * fine - 0.08, 0.0)


def coded_told(coding: Coding | None, size: Size) -> tuple[float, float, float, float]:
    """Of a picture of another codec, that is restored at its own `size`; None: of one that is not known."""
    if coding is None:
        return 0.0, USUAL_FINENESS, 0.0, 0.0
    return 0.0, fineness(coding, size), float(coding.codec is Codec.JPEG), float(coding.codec is Codec.WEBP)


def fineness(coding: Coding, size: Size) -> float:
    """How fine a picture file is, from 0 (coarsest) to 2.5: as its codec has it, else by its bits per pixel."""
    if coding.mean_step is not None:
        return jpeg_fineness(coding.mean_step)
    if coding.quantizer is not None:
        return (webp_fineness if coding.codec is Codec.WEBP else av1_fineness)(coding.quantizer)
    if coding.as_av1 is not None:
        return av1_fineness(coding.as_av1)
    return bits_fineness(coding.codec, 8 * coding.num_bytes / (size.width_px * size.height_px))


def jpeg_fineness(mean_step: float) -> float:
    """`mean_step`: of the 64 quantisation steps of luminance. 1: 2.5; halved for each 3.2 octaves."""
    return min(max(8 - math.log2(mean_step), 0.0), 8.0) / 3.2


def webp_fineness(quantizer: int) -> float:
    """`quantizer`: `y_ac_qi`, 0 to 127."""
    return (127 - quantizer) / 51


def av1_fineness(quantizer: float) -> float:
    """`quantizer`: `base_q_idx`, 0 to 255."""
    return (MAX_QUANTIZER - quantizer) / 102


def bits_fineness(codec: Codec, bits_per_pixel: float) -> float:
    """Of a file that says no more than its size."""
    octaves, fine = zip(*(_JPEG_XL_AT_BITS if codec is Codec.JPEG_XL else _HEIC_AT_BITS), strict=True)
    return float(np.interp(math.log2(bits_per_pixel), octaves, fine))
