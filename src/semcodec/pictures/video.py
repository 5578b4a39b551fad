"""Frames of video to sRGB: what their numbers (H.273) say of primaries and curve.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from semcodec.pictures.colours import to_srgb
from semcodec.pictures.declared import colour_of_numbers
from semcodec.pictures.primaries import Curve

if TYPE_CHECKING:
    from semcodec.types import Pixels


_WIDE = frozenset({9, 11, 12})  # BT.2020, DCI-P3, Display P3
_HDR = frozenset({Curve.PQ, Curve.HLG})


class VideoColours:
    """Colours of one video. Wide and HDR ones are converted, which is noted once. Primaries and curves of ordinary
    video (BT.601, BT.709) are taken as sRGB's, as every player does, without a word.
    """

    def __init__(self, primaries: int, transfer: int, note: Callable[[str], None]) -> None:
        self._note = note
        found = colour_of_numbers(primaries, transfer)
        is_wide = primaries in _WIDE or (found.space is not None and found.space.curve in _HDR)
        self._declared = found if is_wide else None

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
