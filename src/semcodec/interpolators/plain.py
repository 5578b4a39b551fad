"""Interpolators without a network: hold, and fade.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from semcodec.options import Times
    from semcodec.types import Pixels

# Weights of a blend count in 256ths: the same pixels on every machine, and a third of the time of floats.
_ONE = 256


class Hold:
    """The first picture stays until the last one is there."""

    name = "hold"

    def between(self, first_HWC: Pixels, last_HWC: Pixels, times: Times) -> Iterator[Pixels]:
        """As `contracts.Interpolator` has it."""
        return (first_HWC for _ in times)


class Fade:
    """The first picture turns into the last one, each pixel where it is."""

    name = "fade"

    def between(self, first_HWC: Pixels, last_HWC: Pixels, times: Times) -> Iterator[Pixels]:
        """As `contracts.Interpolator` has it."""
        return (faded(first_HWC, last_HWC, time) for time in times)


def faded(first_HWC: Pixels, last_HWC: Pixels, time: float) -> Pixels:
    """The blend of two pictures, rounded to nearest: `first_HWC` at time 0, `last_HWC` at time 1."""
    share = round(time * _ONE)
    mixed = first_HWC.astype(np.uint16) * np.uint16(_ONE - share)
    mixed += last_HWC.astype(np.uint16) * np.uint16(share)
    mixed += np.uint16(_ONE // 2)
    faded_HWC: Pixels = (mixed >> 8).astype(np.uint8)
    return faded_HWC
