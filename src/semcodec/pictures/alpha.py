"""Transparency: from a picture to a small box, and back onto a painted picture.

Tokens always are of the picture laid onto white, so that whoever has no alpha box sees it as on a white page. With the
box, white is taken out again: `colour = white + (painted - white) / opacity`. However wrong the painting is, the
result laid onto any ground is no further off than the painting itself.

Shapes: H, W = pixels; C = 3 (RGB), A = 4 (RGB and opacity, 0..255, colours not multiplied by it).
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np

from semcodec.errors import DamagedError
from semcodec.pictures.quiet import open_image, reason
from semcodec.types import Size

if TYPE_CHECKING:
    from semcodec.types import Pixels

# Levels of opacity; wholly opaque and wholly transparent are exact in all.
LEVELS = (16, 6)
LEAST_SIDE_PX = 8
# A plane of more pixels than that for each byte will not fit, and trying takes seconds where a picture is large.
PIXELS_PER_BYTE = 2048


def pack_alpha(alpha_HW: Pixels, max_bytes: int) -> bytes:
    """A WebP file of at most `max_bytes`: lossless if it fits, else the one that comes nearest with sides halved and
    levels of opacity left out; where none is so small, a very small one.
    """
    if alpha_HW.size <= PIXELS_PER_BYTE * max_bytes:
        lossless = _webp(alpha_HW)
        if len(lossless) <= max_bytes:
            return lossless
    finest = [_finest(alpha_HW, levels, max_bytes) for levels in LEVELS]
    fitting = [payload for payload in finest if len(payload) <= max_bytes]
    return min(fitting, key=lambda payload: _error(payload, alpha_HW)) if fitting else min(finest, key=len)


def _finest(alpha_HW: Pixels, levels: int, max_bytes: int) -> bytes:
    """The largest plane that fits; the least one if none does."""
    halvings = 0
    while True:
        smallest = max(alpha_HW.shape) >> halvings <= LEAST_SIDE_PX
        if smallest or alpha_HW.size >> (2 * halvings) <= PIXELS_PER_BYTE * max_bytes:
            payload = _webp(_reduced(alpha_HW, halvings, levels))
            if smallest or len(payload) <= max_bytes:
                return payload
        halvings += 1


def _error(payload: bytes, alpha_HW: Pixels) -> float:
    height_px, width_px = alpha_HW.shape
    again_HW = unpack_alpha(payload, Size(width_px, height_px))
    return float(np.abs(again_HW.astype(np.int16) - alpha_HW).mean())


def unpack_alpha(payload: bytes, size: Size) -> Pixels:
    """How opaque each pixel of a picture of this size is, (H, W) uint8.

    Raises:
        DamagedError: it cannot be decoded. (That it is of one frame and not too large, `container.boxes` has seen.)
    """
    from PIL import Image

    try:
        with open_image(payload, ("WEBP",)) as plane:
            grey = plane.convert("RGB").getchannel("G")
    except MemoryError:
        raise
    except Exception as exc:  # a stranger's file may break a plugin in any way
        raise DamagedError(f"the alpha box is damaged: {reason(exc)}") from exc
    if grey.size != (size.width_px, size.height_px):
        grey = grey.resize((size.width_px, size.height_px), Image.Resampling.BILINEAR)
    return np.asarray(grey)


def lifted_off_white(image_HWC: Pixels, alpha_HW: Pixels) -> Pixels:
    """The colours of a picture that was laid onto white, with its opacity: (H, W, A)."""
    opacity_HW1 = np.maximum(alpha_HW[:, :, None], 1).astype(np.uint16)
    darker_HWC = (255 - image_HWC).astype(np.uint16) * 255  # at most 65,025: 16 bits hold it, and the rounding
    darker_HWC += opacity_HW1 >> 1
    darker_HWC //= opacity_HW1
    colours_HWC = 255 - np.minimum(darker_HWC, 255).astype(np.uint8)
    colours_HWC[alpha_HW == 0] = 255
    return np.dstack([colours_HWC, alpha_HW])


def _reduced(alpha_HW: Pixels, halvings: int, levels: int) -> Pixels:
    from PIL import Image

    plane = Image.fromarray(alpha_HW)
    if halvings:
        smaller = (max(1, plane.width >> halvings), max(1, plane.height >> halvings))
        plane = plane.resize(smaller, Image.Resampling.BOX)
    steps = levels - 1
    step_of = [(value * steps * 2 + 255) // 510 for value in range(256)]
    return np.asarray(plane.point([(step * 255 * 2 + steps) // (2 * steps) for step in step_of]))


def _webp(alpha_HW: Pixels) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(alpha_HW).convert("RGB").save(out, "WEBP", lossless=True, quality=75, method=4, exact=True)
    return out.getvalue()
