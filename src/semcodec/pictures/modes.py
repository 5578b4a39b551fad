"""Pillow's modes to 8-bit colours and opacity, and arrays of 16 bits to 8. What is lost or guessed leaves a sentence.

Shapes: H, W = pixels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from PIL import Image as PilImage

    from semcodec.types import Pixels

COLOUR_MODES = frozenset({"RGB", "RGBA", "RGBX", "RGBa", "CMYK", "LA", "La"})


def channels_are_deep(image: PilImage.Image) -> bool:
    """Whether Pillow will drop the low bits of colour channels, which it does without a word. Asked before decoding."""
    depth = image.info.get("bit_depth")  # as the readers of HEIF have it
    if isinstance(depth, int) and depth > 8:
        return True
    for tile in getattr(image, "tile", ()):
        arguments = tile[3] if isinstance(tile[3], tuple) else (tile[3],)
        if any(isinstance(value, str) and ";16" in value for value in arguments):
            return True
        if image.format == "PPM" and any(isinstance(value, int) and value > 255 for value in arguments):
            return True
    return False


def white_of(image: PilImage.Image) -> int:
    """What white is in deep grey: 12 bits are given as they are, in 16. Asked before decoding."""
    tiles = getattr(image, "tile", ())
    arguments = tiles[0][3] if tiles and isinstance(tiles[0][3], tuple) else ()
    return 4095 if "I;12" in arguments else 65535


def to_8_bits(image: PilImage.Image, white: int, notes: list[str]) -> PilImage.Image:
    """Deep greys to L. Pictures of 8 bits a channel pass unchanged."""
    from PIL import Image

    if image.mode.startswith("I;16"):
        deep_HW = np.asarray(image).astype(np.uint32)
        notes.append(f"{white.bit_length()}-bit grey was reduced to 8 bits")
        if white == 65535:
            _note_if_dark(int(deep_HW.max()), notes)
        return Image.fromarray(from_deep(deep_HW, white))
    if image.mode == "I":
        wide_HW = np.asarray(image).astype(np.int64)
        if wide_HW.min() >= 0 and wide_HW.max() <= 65535:
            notes.append("32-bit grey with 16-bit values was reduced to 8 bits")
            _note_if_dark(int(wide_HW.max()), notes)
            return Image.fromarray(from_deep(wide_HW))
        notes.append(f"32-bit grey was stretched to 8 bits from its range {wide_HW.min()}..{wide_HW.max()}")
        return Image.fromarray(_stretch(wide_HW.astype(np.float64)))
    return _float_to_8_bits(image, notes) if image.mode == "F" else image


def _float_to_8_bits(image: PilImage.Image, notes: list[str]) -> PilImage.Image:
    from PIL import Image

    float_HW = np.asarray(image).astype(np.float64)
    if not np.isfinite(float_HW).all():
        notes.append("values that are not numbers were taken as 0")
        float_HW = np.nan_to_num(float_HW, nan=0.0, posinf=0.0, neginf=0.0)
    least, most = float(float_HW.min()), float(float_HW.max())
    if least >= 0 and most <= 1:
        notes.append("floating-point grey was reduced to 8 bits, 0..1 taken as black..white")
        return Image.fromarray(np.rint(float_HW * 255).astype(np.uint8))
    if least >= 0 and most <= 255:
        notes.append("floating-point grey was rounded to 8 bits, 0..255 taken as black..white")
        return Image.fromarray(np.rint(float_HW).astype(np.uint8))
    notes.append(f"floating-point grey was stretched to 8 bits from its range {least:g}..{most:g}")
    return Image.fromarray(_stretch(float_HW))


def from_deep(deep: np.ndarray[Any, Any], white: int = 65535) -> Pixels:
    """Rounded to nearest: 0 stays 0, white becomes 255."""
    return ((deep.astype(np.uint32) * 255 + white // 2) // white).astype(np.uint8)


def _stretch(values: np.ndarray[Any, Any]) -> Pixels:
    least, most = float(values.min()), float(values.max())
    return np.rint((values - least) * (255 / max(most - least, 1e-30))).astype(np.uint8)


def note_deep_colours(colour: PilImage.Image, notes: list[str]) -> None:
    """Of a picture whose channels Pillow has cut to 8 bits."""
    extrema: Any = colour.getextrema()
    most = max(most for _, most in extrema) if isinstance(extrema[0], tuple) else extrema[1]
    note_16_bits(256 * int(most) + 255, notes)


def note_16_bits(most: int, notes: list[str]) -> None:
    """`most`: the largest sample."""
    notes.append("16 bits a channel were reduced to 8")
    _note_if_dark(most, notes)


def _note_if_dark(most: int, notes: list[str]) -> None:
    """`most`: the largest of its 16-bit samples. Those of cameras with 12 bits are often stored as they are."""
    bits = max(most.bit_length(), 8)
    if 0 < most and bits <= 12:
        notes.append(
            f"its 16-bit samples all lie below {1 << bits}, so it comes out nearly black; if they are of "
            f"{bits if bits > 8 else '8 to 12'} bits, spread them over all 16 first"
        )


def split_alpha(
    image: PilImage.Image, by_key: Pixels | None, notes: list[str]
) -> tuple[PilImage.Image, PilImage.Image | None]:
    """The colours in L, RGB, CMYK, LAB, YCbCr or HSV, and how opaque each pixel is (None: all are). `by_key`: what a
    key colour says, (H, W), where no palette or channel says it.
    """
    mode = image.mode
    has_key = "transparency" in image.info  # palette entries that are transparent
    if mode in {"P", "PA"}:
        notes.append("palette colours were expanded")
        image = image.convert("RGBA" if has_key or mode == "PA" else "RGB")
    elif mode == "1":
        notes.append("black and white of 1 bit was widened to RGB")
        image = image.convert("L")
    elif mode in {"L", "LA", "La"}:
        notes.append("grey was widened to RGB")
        if mode == "La":
            image = image.convert("LA")
    elif mode == "RGBa":
        image = image.convert("RGBA")
    elif mode == "RGBX":
        image = image.convert("RGB")
    if image.mode == "RGBA":
        return image.convert("RGB"), image.getchannel("A")
    if image.mode == "LA":
        return image.getchannel("L"), image.getchannel("A")
    if by_key is not None:
        from PIL import Image

        return image, Image.fromarray(by_key)
    return image, None


def onto_white(rgb: PilImage.Image, alpha: PilImage.Image) -> PilImage.Image:
    from PIL import Image

    white = Image.new("RGB", rgb.size, (255, 255, 255))
    white.paste(rgb, mask=alpha)
    return white
