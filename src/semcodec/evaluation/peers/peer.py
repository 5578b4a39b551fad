"""What a peer is: a real encoder with a ladder of qualities, and its decoder.

A skilled user with few bytes makes the picture smaller before coding it, so every peer is tried at several scales. The
display size that the receiver needs to enlarge the picture again is not counted: in the peer's favour.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from semcodec.types import Size

if TYPE_CHECKING:
    from semcodec.types import Pixels

SCALES = (1, 2, 4, 8)


@dataclass(frozen=True, slots=True)
class Peer:
    """`qualities` go from the smallest file to the largest; `settings` is what the report prints of the encoder."""

    name: str
    title: str
    settings: str
    qualities: tuple[float, ...]
    encode: Callable[[Pixels, float], bytes]
    decode: Callable[[bytes, Size], Pixels]
    scales: tuple[int, ...] = SCALES
    slow: bool = False  # left out by quick runs


def shrink(image_HWC: Pixels, scale: int) -> Pixels:
    """Both sides divided by `scale`, rounded up, with a Lanczos filter."""
    if scale == 1:
        return image_HWC
    height, width = image_HWC.shape[:2]
    size = (-(-width // scale), -(-height // scale))
    return np.asarray(Image.fromarray(image_HWC).resize(size, Image.Resampling.LANCZOS))


def enlarge(image_HWC: Pixels, size: Size) -> Pixels:
    """To the display size, bicubic."""
    if image_HWC.shape[:2] == (size.height_px, size.width_px):
        return image_HWC
    picture = Image.fromarray(image_HWC).resize((size.width_px, size.height_px), Image.Resampling.BICUBIC)
    return np.asarray(picture)


def size_of(image_HWC: Pixels) -> Size:
    return Size(image_HWC.shape[1], image_HWC.shape[0])
