"""The frames of a clip that is measured, all in memory: a benchmark's clips are short.

Shapes: T = frames; H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from semcodec.evaluation.peers.peer import enlarge, shrink
from semcodec.limits import DEFAULT_LIMITS
from semcodec.types import Size
from semcodec.video.footage import evenly
from semcodec.video.opening import open_footage

if TYPE_CHECKING:
    from semcodec.types import Pixels


@dataclass(frozen=True, slots=True)
class Frames:
    """`pictures`: (H, W, 3) uint8 each, all of one size; `rate`: frames a second."""

    pictures: tuple[Pixels, ...]
    rate: Fraction

    @property
    def size(self) -> Size:
        return Size(self.pictures[0].shape[1], self.pictures[0].shape[0])

    @property
    def num_pixels(self) -> int:
        """Of all frames together: what bits per pixel count."""
        return len(self.pictures) * self.size.width_px * self.size.height_px

    def shrunk(self, scale: int) -> Frames:
        """Both sides divided by `scale`, rounded up."""
        return Frames(tuple(shrink(picture, scale) for picture in self.pictures), self.rate)

    def enlarged(self, size: Size) -> Frames:
        """To the display size."""
        return Frames(tuple(enlarge(picture, size) for picture in self.pictures), self.rate)

    def even_bytes(self) -> bytes:
        """RGB, 8 bit, frame after frame, with even sides: the last row and column stand twice where a side is odd."""
        odd = ((0, self.size.height_px % 2), (0, self.size.width_px % 2), (0, 0))
        return b"".join(np.pad(picture, odd, mode="edge").tobytes() for picture in self.pictures)


def even(size: Size) -> Size:
    return Size(size.width_px + size.width_px % 2, size.height_px + size.height_px % 2)


def frames_of_bytes(data: bytes, size: Size, rate: Fraction) -> Frames:
    """The inverse of `even_bytes`: cropped to `size`."""
    padded = even(size)
    shape = (-1, padded.height_px, padded.width_px, 3)
    pictures_THWC = np.frombuffer(data, np.uint8).reshape(shape)[:, : size.height_px, : size.width_px]
    return Frames(tuple(pictures_THWC), rate)


def load_frames(path: Path, most: int) -> Frames:
    """The first frames of a video, at most so many. Raises `VideoError`, `LimitError`."""
    footage = open_footage(path, DEFAULT_LIMITS)
    pictures: Sequence[Pixels] = tuple(islice(evenly(footage.frames(), footage.rate, footage.told), most))
    return Frames(tuple(pictures), footage.rate)
