"""A network where pictures lie far apart, motion compensation where they lie near each other.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from semcodec.interpolators.compensated import Compensated

if TYPE_CHECKING:
    from semcodec.contracts import Interpolator
    from semcodec.options import Times
    from semcodec.types import Pixels

# Frames between two pictures up to which motion compensation is as good. LPIPS of it and of interpolator-1 at 4, 8 and
# 16 frames from one picture to the next, two validation clips, key frames of 1,000 bytes: 0.446 0.490 0.571 and 0.453
# 0.484 0.558 (`benchmarks/interpolation.py`).
MOST_NEAR = 3


class FarOnly:
    """Satisfies `contracts.Interpolator`; its name is the network's."""

    def __init__(self, network: Interpolator) -> None:
        self.name, self._far, self._near = network.name, network, Compensated()

    def between(self, first_HWC: Pixels, last_HWC: Pixels, times: Times) -> Iterable[Pixels]:
        """As `contracts.Interpolator` has it."""
        return (self._near if len(times) <= MOST_NEAR else self._far).between(first_HWC, last_HWC, times)
