"""The outlines of a picture, in as many bytes as they may have.

The encoder is told how much it may spend, 0..1: what comes out at one number is a few dozen bytes for one picture and a
few hundred for another. So the largest number is looked for whose tokens fit, by halving.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Protocol

from semcodec.errors import BudgetError
from semcodec.layers.structure import canvas_of
from semcodec.layers.structure.encode import pack_structure
from semcodec.pictures import resized
from semcodec.types import Size, TokenPyramid

if TYPE_CHECKING:
    from semcodec.nets.structure import OutlinerNets, StructureEncoderNets
    from semcodec.types import Pixels, Section

NUM_HALVINGS = 7  # to 1/128 of the range: about 1 % of the bytes


class Networks(Protocol):
    """What is opened where it is needed."""

    def outliner(self) -> OutlinerNets: ...

    def structure_encoder(self) -> StructureEncoderNets: ...


def best_outlines(image_HWC: Pixels, max_bytes: int, networks: Networks) -> Section:
    """The section of at most `max_bytes` of payload with as much of the outlines as fits.

    Raises:
        BudgetError: nothing fits.
    """
    canvas = canvas_of(Size(image_HWC.shape[1], image_HWC.shape[0]))
    found = networks.outliner().find(resized(image_HWC, canvas))
    return OutlineCoder(found, canvas, networks.structure_encoder()).section(max_bytes)


class OutlineCoder:
    """A map of outlines that is coded for one budget or several. What was coded is kept."""

    def __init__(self, map_HW: Pixels, canvas: Size, encoder: StructureEncoderNets) -> None:
        self._map_HW, self._canvas, self._encoder = map_HW, canvas, encoder
        self._coded: dict[float, Section | None] = {}

    def section(self, max_bytes: int) -> Section:
        """As `best_outlines`."""
        best, low, high = self._fitting(1.0, max_bytes), 0.0, 1.0
        if best is not None:
            return best
        for _ in range(NUM_HALVINGS):
            middle = (low + high) / 2
            section = self._fitting(middle, max_bytes)
            if section is None:
                high = middle
            else:
                low, best = middle, section
        # (where even the least does not fit: its coarse tokens, as far as they go)
        best = best or pack_structure(self._pyramid(0.0), max_bytes=max_bytes)
        if best is None:
            least = next(most for most in count(max_bytes + 1) if pack_structure(self._pyramid(0.0), max_bytes=most))
            raise BudgetError(
                f"{max_bytes} bytes are too few for outlines of this picture: the least is {least}; give 150",
                least_bytes=least,
            )
        return best

    def _fitting(self, spend: float, max_bytes: int) -> Section | None:
        if spend not in self._coded:
            self._coded[spend] = pack_structure(self._pyramid(spend))
        section = self._coded[spend]
        return section if section is not None and len(section.payload) <= max_bytes else None

    def _pyramid(self, spend: float) -> TokenPyramid:
        digits = self._encoder.encode(self._map_HW, self._canvas, spend)
        return TokenPyramid(self._encoder.family.id, self._canvas, digits)
