"""Whatever moves, by its bytes: a video file, or an animated picture."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from semcodec.errors import PictureError, VideoError
from semcodec.ids import CLIP_MAGIC
from semcodec.limits import Limits
from semcodec.pictures.animation import Animation, animation_of
from semcodec.pictures.resize import resized
from semcodec.video.footage import Footage, Frame, Told
from semcodec.video.reading import VideoFootage

if TYPE_CHECKING:
    from semcodec.types import Size

_ANIMATED = (b"GIF8", b"RIFF", b"\x89PNG")
_HEAD_BYTES = 16


class AnimatedFootage:
    """An animated picture. `Footage` says what its parts mean."""

    def __init__(self, animation: Animation) -> None:
        self._animation = animation
        self.size = animation.size
        self.told = Told()
        durations = sorted(animation.durations_s)
        usual_s = durations[len(durations) // 2] if len(set(durations)) > 1 else durations[0]
        self.rate = (1 / usual_s).limit_denominator(1001)
        self.num_frames: int | None = max(1, round(sum(durations, Fraction(0)) * self.rate))

    def frames(self, size: Size | None = None) -> Iterator[Frame]:
        damage: list[str] = []
        for time, image_HWC in self._animation.frames(damage):
            yield time, image_HWC if size is None else resized(image_HWC, size)
        for sentence in damage:
            self.told.damaged(sentence)


def open_footage(source: str | os.PathLike[str] | bytes, limits: Limits, *, name: str = "the video") -> Footage:
    """A video file or an animated picture, by its path or its bytes.

    Raises:
        VideoError: it cannot be read, or is a picture that does not move. LimitError. MissingExtraError: a video, and
        no PyAV.
    """
    if not isinstance(source, bytes):
        name = os.fspath(source)
    head = _head_of(source)
    if head.startswith(CLIP_MAGIC):
        raise VideoError(f"{name}: is a clip (.semv) already; `semcodec clip decode` plays it")
    if head.startswith(_ANIMATED):
        data = source if isinstance(source, bytes) else Path(source).read_bytes()
        if data[:4] != b"RIFF" or data[8:12] == b"WEBP":
            try:
                animation = animation_of(data, name, limits)
            except PictureError as exc:
                raise VideoError(str(exc)) from exc
            if animation is None:
                raise VideoError(f"{name}: is a picture that does not move; `semcodec encode` takes it")
            return AnimatedFootage(animation)
    return VideoFootage(source, name, limits)


def _head_of(source: str | os.PathLike[str] | bytes) -> bytes:
    if isinstance(source, bytes):
        return source[:_HEAD_BYTES]
    try:
        with open(source, "rb") as file:
            return file.read(_HEAD_BYTES)
    except OSError:  # opening it will say so
        return b""
