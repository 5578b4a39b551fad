"""A real painter without weights, for tests, documentation and conformance.

A token is painted as a flat square whose red, green and blue are its first three digits, over what coarser scales
painted. Where nothing was sent, a grey ramp. A Scene of words alone gets a colour out of its words. No network, no
randomness beyond `seed`, the same pixels on every machine.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import numpy as np

from semcodec.types import MISSING, Scene, Size

if TYPE_CHECKING:
    from semcodec.types import Pixels


class StubPainter:
    """Satisfies `contracts.Painter`."""

    name = "stub"

    def render(self, scene: Scene, *, size: Size | None = None, seed: int = 0) -> Pixels:
        size = size or scene.size
        rows, cols = np.arange(size.height_px), np.arange(size.width_px)
        image = np.empty((size.height_px, size.width_px, 3), dtype=np.uint8)
        image[:] = (96 + 64 * rows // size.height_px)[:, None, None]
        if scene.words is not None and scene.tokens is None:
            hue = zlib.crc32(scene.words.text.encode("utf-8", "surrogatepass")) + seed
            image[:] = (hue & 255, hue >> 8 & 255, hue >> 16 & 255)
        for digits in scene.tokens.digits if scene.tokens is not None else ():
            at = digits[rows * digits.shape[0] // size.height_px][:, cols * digits.shape[1] // size.width_px]
            sent = at[:, :, 0] != MISSING
            image[sent] = at[sent][:, :3] * 32 + 16
        return image
