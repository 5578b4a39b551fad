"""A band under a picture, with a line about it.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from semcodec.forks import import_together, importing

if TYPE_CHECKING:
    from PIL import Image as PilImage
    from PIL import ImageFont

    from semcodec.types import Pixels

PAPER, INK = 240, 20
_LEAST_PX, _MOST_PX = 12, 160  # of letters
_LETTERS_A_WIDTH = 40  # of that height, next to each other
_LEAST_WIDTH_PX = 160


def labelled(image_HWC: Pixels, text: str) -> Pixels:
    """The picture with the text in a band below: (H + band, W, 3), the pixels above as they were.

    Letters are at least 12 pixels high, lines are broken at words. A picture that is narrower than 160 pixels gets a
    margin of the band's colour on its right.
    """
    height, width, _ = image_HWC.shape
    if not text:
        return image_HWC
    import_together("PIL.ImageDraw", "PIL.ImageFont")
    size_px = min(max(width // _LETTERS_A_WIDTH, _LEAST_PX), _MOST_PX)
    margin = size_px // 2
    lines = [_line(line, size_px) for line in _broken(text, max(width, _LEAST_WIDTH_PX) - 2 * margin, size_px)]
    whole_width = max(width, _LEAST_WIDTH_PX, max(line.width for line in lines) + 2 * margin)
    leading = max(line.height for line in lines) + size_px // 6
    band = len(lines) * leading + margin
    out_HWC = np.full((height + band, whole_width, 3), PAPER, np.uint8)
    out_HWC[:height, :width] = image_HWC
    for at, line in enumerate(lines):
        ink_HW = np.asarray(line, np.uint16)
        top = height + margin // 2 + at * leading
        grey_HW = (PAPER * (255 - ink_HW) + INK * ink_HW + 127) // 255
        out_HWC[top : top + line.height, margin : margin + line.width] = grey_HW[:, :, None]
    return out_HWC


def _broken(text: str, width: int, size_px: int) -> list[str]:
    """At words, into lines that are not wider, where words allow it."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and _line(longer, size_px).width <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _line(text: str, size_px: int) -> PilImage.Image:
    """Ink, 0 to 255, of one line; as high for every text."""
    from PIL import Image, ImageDraw, ImageFont

    font, factor = _font(size_px)
    if not isinstance(font, ImageFont.FreeTypeFont):  # (it has no other letters)
        text = text.encode("latin-1", "replace").decode("latin-1")
    left, _, right, _ = font.getbbox(text)
    _, top, _, bottom = font.getbbox("Agjp,(")
    ink = Image.new("L", (max(round(right - left), 1), max(round(bottom - top), 1)))
    ImageDraw.Draw(ink).text((-left, -top), text, fill=255, font=font)
    return ink if factor == 1 else ink.resize((ink.width * factor, ink.height * factor), Image.Resampling.NEAREST)


def _font(size_px: int) -> tuple[ImageFont.FreeTypeFont | ImageFont.ImageFont, int]:
    """Pillow's own font of that size, and how much larger it is then drawn: without FreeType there is one of 11 pixels
    alone.
    """
    from PIL import ImageFont, features

    with importing:  # (to ask is to import)
        has_freetype = features.check("freetype2")
    if has_freetype:
        return ImageFont.load_default(size_px), 1
    return ImageFont.load_default_imagefont(), max(round(size_px / 11), 1)
