"""The one colour of a PNG that is transparent (tRNS), compared at the depth that the file has.

Pillow gives the key as the file has it, but samples widened to 8 bits (2 and 4 bits) or cut to 8 (16 bits of colour).

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from semcodec.pictures.quiet import open_image
from semcodec.pictures.rewound import all_of

if TYPE_CHECKING:
    from PIL import Image as PilImage

    from semcodec.types import Pixels

# How Pillow's rawmodes of grey samples widen them: by what a key is multiplied, and how many bits of it count.
_GREY_DEPTHS = {"1": (255, 1), "L;2": (85, 2), "L;4": (17, 4), "L": (1, 8)}
_DEEP_RGB, _LOW_BYTES_OF_RGB = "RGB;16B", "RGB;16L"


@dataclass(frozen=True, slots=True)
class Depth:
    """What is known of a PNG's samples before it is decoded. `rawmode`: Pillow's; None once it was decoded. `low_HWC`:
    the low bytes of 16-bit colours, where there is a key to compare them with.
    """

    rawmode: str | None = None
    low_HWC: Pixels | None = None


def depth_of(image: PilImage.Image, file: BinaryIO | None) -> Depth:
    """To be asked before the picture is decoded. `file` stands afterwards where it stood."""
    tiles = getattr(image, "tile", ())
    if image.format != "PNG" or not tiles:
        return Depth()
    rawmode = tiles[0][3] if isinstance(tiles[0][3], str) else None
    if rawmode == _DEEP_RGB and "transparency" in image.info and not image.tell():
        return Depth(rawmode, _low_bytes(file))
    return Depth(rawmode)


def alpha_by_key(image: PilImage.Image, depth: Depth, notes: list[str]) -> Pixels | None:
    """0 where a decoded picture of one or three channels has its key colour, else 255, (H, W) uint8; None where it has
    no key, or no pixel of it.
    """
    key = image.info.get("transparency")
    if isinstance(key, int) and (image.mode in {"1", "L", "I"} or image.mode.startswith("I;16")):
        is_key_HW = _is_grey_key(image, key, depth, notes)
    elif isinstance(key, tuple) and len(key) == 3 and image.mode == "RGB":
        is_key_HW = _is_colour_key(image, key, depth, notes)
    else:
        return None
    return np.where(is_key_HW, np.uint8(0), np.uint8(255)) if is_key_HW.any() else None


def _is_grey_key(image: PilImage.Image, key: int, depth: Depth, notes: list[str]) -> Any:
    samples_HW = np.asarray(image)
    if image.mode == "1":
        return samples_HW == bool(key)  # (which Pillow gives as 0 or 255)
    if image.mode != "L":
        return samples_HW.astype(np.int64) == key
    if depth.rawmode in _GREY_DEPTHS:
        widened, bits = _GREY_DEPTHS[depth.rawmode]
        return samples_HW == (key & ((1 << bits) - 1)) * widened
    if image.format not in {"PNG", None} or not 0 < key < 16 or (samples_HW == key).any():
        return samples_HW == key
    # Decoded before it came here: samples that are 4 or 2 bits widened cannot have so small a value.
    levels = np.flatnonzero(np.bincount(samples_HW.ravel(), minlength=256))
    for widened, most in ((85, 3), (17, 15)):
        if key <= most and not (levels % widened).any():
            notes.append(f"its transparent grey {key} was taken as one of {most + 1} levels, as its samples look")
            return samples_HW == key * widened
    return samples_HW == key


def _is_colour_key(image: PilImage.Image, key: tuple[int, ...], depth: Depth, notes: list[str]) -> Any:
    samples_HWC = np.asarray(image)
    if depth.low_HWC is not None:
        high, low = [value >> 8 for value in key], [value & 255 for value in key]
        return (samples_HWC == high).all(axis=-1) & (depth.low_HWC == low).all(axis=-1)
    is_deep = max(key) > 255 if depth.rawmode is None else depth.rawmode == _DEEP_RGB
    if is_deep:
        notes.append("its transparent colour has 16 bits a channel, its pixels have 8: the high bytes were compared")
        return (samples_HWC == [value >> 8 for value in key]).all(axis=-1)
    return (samples_HWC == [value & 255 for value in key]).all(axis=-1)


def _low_bytes(file: BinaryIO | None) -> Pixels | None:
    """A second decoding, with the bytes of each sample taken the other way round."""
    data = all_of(file)
    if data is None:
        return None
    again = open_image(data)
    again.tile = [again.tile[0]._replace(args=_LOW_BYTES_OF_RGB)]
    again.load()
    return np.asarray(again)
