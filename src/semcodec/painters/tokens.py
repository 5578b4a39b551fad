"""The painter of tokens: a decoder of their family, from any subset of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from semcodec.errors import NoPictureError
from semcodec.nets.decoder import DecoderNets
from semcodec.painters.told import tokens_told
from semcodec.pictures import resized_part
from semcodec.types import Scene, Size

if TYPE_CHECKING:
    from semcodec.types import Pixels, Roi


class TokenPainter:
    """Satisfies `RestorablePainter`. It has no randomness: every seed paints the same picture."""

    is_decoder = True
    keeps_tokens = True

    def __init__(self, decoder: DecoderNets, *, name: str) -> None:
        """`name`: of the decoder, in the catalogue."""
        self.name, self._decoder = name, decoder

    def render(self, scene: Scene, *, size: Size | None = None, seed: int = 0) -> Pixels:
        """Raises `NoPictureError` for a Scene without tokens."""
        size = size or scene.size
        return self.render_part(scene, (0, 0, size.width_px, size.height_px), size=size, seed=seed)

    def render_part(self, scene: Scene, roi: Roi, *, size: Size | None = None, seed: int = 0) -> Pixels:
        """`roi` lies inside of `size`."""
        pyramid = scene.tokens
        if pyramid is None:
            raise NoPictureError()

        def paint(part: Roi) -> Pixels:
            return self._decoder.decode(pyramid.digits, pyramid.working, region=part)

        return resized_part(paint, pyramid.working, size or scene.size, roi)

    def own_size(self, scene: Scene) -> Size:
        """The working size. Raises `NoPictureError` for a Scene without tokens."""
        if scene.tokens is None:
            raise NoPictureError()
        return scene.tokens.working

    def condition(self, scene: Scene, size: Size, least_and_most: tuple[float, float]) -> tuple[float, float]:
        """As `RestorablePainter` has it."""
        return tokens_told(scene, size, least_and_most)
