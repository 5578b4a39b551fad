"""The camera's motion, where a clip tells it and no network finds it: both pictures move along, and fade.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from semcodec.file.clips import Camera
from semcodec.interpolators.plain import faded
from semcodec.pictures.moved import moved

if TYPE_CHECKING:
    from semcodec.options import Times
    from semcodec.types import Pixels


class Steered:
    """The first picture moves forth and the last one back as the camera does; between the two it fades."""

    name = "fade"

    def __init__(self, camera: Camera) -> None:
        self._camera = camera

    def between(self, first_HWC: Pixels, last_HWC: Pixels, times: Times) -> Iterator[Pixels]:
        """As `contracts.Interpolator` has it."""
        for time in times:
            yield faded(moved(first_HWC, self._camera, time), moved(last_HWC, self._camera, time - 1), time)
