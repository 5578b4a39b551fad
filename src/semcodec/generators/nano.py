"""The embedded painter: the family's decoder network, from any subset of the tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from semcodec.errors import NoPictureError
from semcodec.nets.tokenizer import TokenizerNets
from semcodec.pictures import resized
from semcodec.types import Scene, Size

if TYPE_CHECKING:
    from semcodec.types import Pixels


class NanoGenerator:
    """Satisfies `contracts.Generator`. It has no randomness: every seed paints the same picture."""

    name = "nano"

    def __init__(self, nets: TokenizerNets) -> None:
        self._nets = nets

    def render(self, scene: Scene, *, size: Size | None = None, seed: int = 0) -> Pixels:
        """Raises `NoPictureError` for a Scene without tokens."""
        if scene.tokens is None:
            raise NoPictureError("the file holds no picture data; its words can be read with `semcodec info`")
        image = self._nets.decode(scene.tokens.digits, scene.tokens.working)
        return resized(image, size or scene.size)
