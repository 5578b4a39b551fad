"""What the restorer is told of a picture: two numbers, as it was trained with."""

from __future__ import annotations

import math

from semcodec.layers.base.quantizer import MAX_QUANTIZER, quantizer_of
from semcodec.types import BasePicture, Scene, Size

USUAL_QUANTIZER = 204  # of small files, where a frame does not say it in the usual place
FROM_TOKENS = -1.0  # in place of the logarithm of a base picture's size ratio, which is never below 0


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
    return math.log2(ratio) / 2, (MAX_QUANTIZER - quantizer) / 102
