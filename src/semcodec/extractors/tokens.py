"""The token pyramid of a picture, by the encoder network of a family."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from semcodec.layers.tokens.family import Family
from semcodec.nets.encoder import EncoderNets
from semcodec.pictures import resized
from semcodec.types import Scene, Size, TokenPyramid

if TYPE_CHECKING:
    from semcodec.types import Pixels


class TokenExtractor:
    """Satisfies `contracts.Extractor`: every token at one working size.

    `reconstructions` has those that were made on the way: number of scales -> what is made of them, of the working
    size.
    """

    def __init__(self, nets: EncoderNets, family: Family, working: Size) -> None:
        self._nets, self._family, self._working = nets, family, working
        self.reconstructions: dict[int, Pixels] = {}

    def extract(self, image_HWC: Pixels, scene: Scene) -> Scene:
        digits = self._nets.encode(resized(image_HWC, self._working), reconstructions=self.reconstructions)
        return replace(scene, tokens=TokenPyramid(self._family.id, self._working, digits))
