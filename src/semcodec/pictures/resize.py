"""Pictures at another size.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from semcodec.types import Size

if TYPE_CHECKING:
    from semcodec.types import Pixels


def resized(image_HWC: Pixels, size: Size) -> Pixels:
    """The picture at another size: Lanczos, which widens its window when it shrinks (no aliasing)."""
    if image_HWC.shape[:2] == (size.height_px, size.width_px):
        return image_HWC
    from PIL import Image

    picture = Image.fromarray(image_HWC).resize((size.width_px, size.height_px), Image.Resampling.LANCZOS)
    return np.asarray(picture)


def squeezed(image_HWC: Pixels, side_px: int) -> Pixels:
    """The whole picture as a square, for networks that want one: bicubic, its shape not kept."""
    from PIL import Image

    return np.asarray(Image.fromarray(image_HWC).resize((side_px, side_px), Image.Resampling.BICUBIC))
