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

    def __init__(self, camera: Camera, share: float = 1.0) -> None:
        """`share`: how much of the camera's motion lies between the two pictures."""
        self._camera, self._share = camera, share

    def between(self, first_HWC: Pixels, last_HWC: Pixels, times: Times) -> Iterator[Pixels]:
        """As `contracts.Interpolator` has it."""
        for time in times:
            forth_HWC = moved(first_HWC, self._camera, self._share * time)
            back_HWC = moved(last_HWC, self._camera, self._share * (time - 1))
            yield faded(forth_HWC, back_HWC, time)
