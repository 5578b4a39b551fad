"""The embedded network between two key frames: it moves what moves, and blends what it cannot follow.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from semcodec.nets.interpolator import InterpolatorNets
from semcodec.pictures import resized
from semcodec.types import Size

if TYPE_CHECKING:
    from semcodec.options import Times
    from semcodec.types import Pixels


class NetworkInterpolator:
    """Satisfies `contracts.Interpolator`."""

    def __init__(self, nets: InterpolatorNets, *, name: str) -> None:
        self.name, self._nets = name, nets

    def between(self, first_HWC: Pixels, last_HWC: Pixels, times: Times) -> Iterator[Pixels]:
        """Lazy. Frames of more pixels than the network takes whole are made smaller for it, and what lies between them
        is enlarged: softer than they are.
        """
        height, width = first_HWC.shape[:2]
        shrink = max(1.0, (height * width / self._nets.about.max_pixels) ** 0.5)
        if shrink == 1:
            yield from self._nets.between(first_HWC, last_HWC, times)
            return
        small = Size(max(1, round(width / shrink)), max(1, round(height / shrink)))
        first, last = (resized(frame, small) for frame in (first_HWC, last_HWC))
        for frame in self._nets.between(first, last, times):
            yield resized(frame, Size(width, height))
