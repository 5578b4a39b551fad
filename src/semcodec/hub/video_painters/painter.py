"""A video model as a `contracts.VideoPainter`: words, and the pictures between which it films, in; frames out.

1. The model films on a canvas of about the area that it was trained on, at its own rate, for as long as it can.
2. What it filmed is resized, and laid evenly over the frames that are wanted: from one to the next it fades. A scene
   that is longer than a film of the model shows the film more slowly.

Shapes: T = frames; H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from semcodec.errors import ModelError
from semcodec.forks import Lock
from semcodec.hub.fetch import Say
from semcodec.hub.painters.pixels import picture_from, warn_in_python
from semcodec.hub.painters.tiles import native_canvas
from semcodec.hub.video_painters.pipeline import VideoPainterOptions, VideoPipeline, open_video_pipeline
from semcodec.pictures import resized

if TYPE_CHECKING:
    from fractions import Fraction

    from semcodec.types import Pixels, Size


class DiffusionVideoPainter:
    """Satisfies `contracts.VideoPainter`. One call at a time; threads wait for each other."""

    def __init__(self, pipeline: VideoPipeline, warn: Say | None = None) -> None:
        self._pipeline, self._warn, self._lock = pipeline, warn or warn_in_python, Lock()
        self.name = pipeline.model.name
        self.films_from_words = pipeline.films_from_words
        self.films_from_a_picture = pipeline.films_from_a_picture

    def film(
        self,
        prompt: str,
        size: Size,
        num_frames: int,
        rate: Fraction,
        *,
        first_HWC: Pixels | None = None,
        last_HWC: Pixels | None = None,
        seed: int = 0,
    ) -> Iterator[Pixels]:
        """As `contracts.VideoPainter` has it."""
        family = self._pipeline.family
        canvas = self._pipeline.fixed_size or native_canvas(size, family.native_px, family.multiple_px)
        asked = family.num_frames_for(float((num_frames - 1) / rate))
        with self._lock:
            filmed_THWC = self._pipeline.film(
                prompt,
                canvas,
                asked,
                seed=seed,
                first_HWC=None if first_HWC is None else resized(first_HWC, canvas),
                last_HWC=None
                if last_HWC is None or not self._pipeline.takes_the_last_picture
                else resized(last_HWC, canvas),
            )
        shown = np.asarray(filmed_THWC)
        if shown.ndim != 4 or not len(shown):
            raise ModelError(f"{self.name} gave an array of shape {shown.shape}, which is no film; try another model")
        return self._laid_out(shown, canvas, size, num_frames, rate)

    def _laid_out(
        self, filmed_THWC: np.ndarray, canvas: Size, size: Size, num_frames: int, rate: Fraction
    ) -> Iterator[Pixels]:
        last = len(filmed_THWC) - 1
        step = min(float(self._pipeline.family.rate / rate), last / max(1, num_frames - 1))
        known: dict[int, Pixels] = {}  # (two at a time)

        def picture(at: int) -> Pixels:
            if at not in known:
                painted_HWC = picture_from(
                    filmed_THWC[at : at + 1], canvas, known_HWC=None, name=self.name, warn=self._warn
                )
                known[at] = resized(painted_HWC, size)
            return known[at]

        for number in range(num_frames):
            at, share = divmod(number * step, 1)
            before = min(int(at), last)
            for old in [old for old in known if old < before]:
                del known[old]
            yield (
                picture(before) if share == 0 or before == last else _mixed(picture(before), picture(before + 1), share)
            )


def _mixed(first_HWC: Pixels, last_HWC: Pixels, share: float) -> Pixels:
    mixed_HWC: Pixels = np.rint(first_HWC * (1 - share) + last_HWC * share).astype(np.uint8)
    return mixed_HWC


def open_video_painter(
    reference: str, options: VideoPainterOptions | None = None, *, say: Say | None = None
) -> DiffusionVideoPainter:
    """A video painter by reference (hf:ORG/NAME, hf:ORG/NAME@REVISION, or a folder).

    `say`: told sentences for the user: before a download begins, and where the model misbehaves.

    Raises:
        ModelError, MissingExtraError: it cannot be had, in one sentence.
    """
    return DiffusionVideoPainter(open_video_pipeline(reference, options or VideoPainterOptions(), say=say), say)
