"""Frames of video to sRGB: what their numbers (H.273) say of primaries and curve.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from semcodec.pictures.colours import to_srgb
from semcodec.pictures.declared import colour_of_numbers

if TYPE_CHECKING:
    from semcodec.types import Pixels


class VideoColours:
    """Colours of one video. What is done to them is noted once; a curve of ordinary video is taken as sRGB's, as every
    player does, without a word.
    """

    def __init__(self, primaries: int, transfer: int, note: Callable[[str], None]) -> None:
        self._note = note
        found = colour_of_numbers(primaries, transfer)
        self._declared = None if found.space is None else found

    def to_srgb(self, image_HWC: Pixels) -> Pixels:
        """uint8 RGB samples of a frame."""
        if self._declared is None:
            return image_HWC
        from PIL import Image

        notes: list[str] = []
        shown = to_srgb(Image.fromarray(image_HWC), None, notes, declared=self._declared)
        for sentence in notes:
            if "curve of video" not in sentence:
                self._note(sentence)
        return np.asarray(shown.rgb)
