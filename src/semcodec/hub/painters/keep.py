"""What was sent stays: a painting takes its coarse colours from the embedded decoder's picture.

A painter drifts in colour and brightness. What the file settles (all that is coarser than `strength.settled_stride_px`)
is put back: `painted + coarse(known) - coarse(painted)`, where `coarse` keeps what an area mean over squares of the
settled stride keeps. This is the colour fix of super-resolution by diffusion (Wang et al., StableSR, 2023).

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from semcodec.pictures import resized
from semcodec.types import Size

if TYPE_CHECKING:
    from semcodec.types import Pixels


def keep_coarse(painted_HWC: Pixels, known_HWC: Pixels, stride_px: float) -> Pixels:
    """The painting with the coarse part of `known_HWC` (the same size); `stride_px` 1 would give `known_HWC` back."""
    height, width = painted_HWC.shape[:2]
    size = Size(width, height)
    few = Size(*(max(1, round(side / stride_px)) for side in (width, height)))
    if few == size:
        return known_HWC
    # Lanczos widens its window when it shrinks, so this is a low pass; 8 bits of the difference are enough.
    known, painted = (resized(resized(image, few), size).astype(np.int16) for image in (known_HWC, painted_HWC))
    return np.clip(painted_HWC + (known - painted), 0, 255).astype(np.uint8)
