"""Motion compensation without a network: both pictures move along what was found between them, and fade.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from semcodec.interpolators.plain import faded
from semcodec.pictures.luma import luma_of
from semcodec.pictures.motion import far_motion, read_at

if TYPE_CHECKING:
    from semcodec.options import Times
    from semcodec.pictures.motion import Floats
    from semcodec.types import Pixels


class Compensated:
    """Blocks are looked for in both directions (`pictures.motion`). A pixel between the two pictures is read in each of
    them where the two motions, mixed by its time, lead: the approximation of Jiang et al., Super SloMo, CVPR 2018.

    LPIPS beside the fade at 4, 8 and 16 frames between originals: 0.147 0.221 0.325 to 0.195 0.269 0.349 (six training
    clips), 0.280 0.424 0.543 to 0.358 0.450 0.523 (two validation clips); between key frames of 1,000 bytes 0.446 0.490
    0.571 to 0.501 0.525 0.584 (the latter; `benchmarks/interpolation.py`). Fading where the two motions disagree makes
    it 2 to 6 % worse.
    """

    name = "motion"

    def between(self, first_HWC: Pixels, last_HWC: Pixels, times: Times) -> Iterator[Pixels]:
        """As `contracts.Interpolator` has it."""
        if not times:
            return
        first_HW, last_HW = luma_of(first_HWC), luma_of(last_HWC)
        forth, back = far_motion(first_HW, last_HW), far_motion(last_HW, first_HW)
        ends = first_HWC.astype(np.float32), last_HWC.astype(np.float32)
        for time in times:
            share = np.float32(time)
            down, right = (share * b - (1 - share) * f for f, b in zip(forth, back, strict=True))
            before_HWC = read_at(ends[0], share * down, share * right)
            after_HWC = read_at(ends[1], (share - 1) * down, (share - 1) * right)
            yield faded(_rounded(before_HWC), _rounded(after_HWC), time)


def _rounded(image_HWC: Floats) -> Pixels:
    pixels: Pixels = np.rint(image_HWC).astype(np.uint8)
    return pixels
