"""A clip filmed from its words alone, by a video painter.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from semcodec.clips.said import prompt_of, scenes_of
from semcodec.clips.walk import Made, Shown
from semcodec.errors import ModelError, NoPictureError

if TYPE_CHECKING:
    from semcodec.contracts import VideoPainter
    from semcodec.file.clips import Clip
    from semcodec.types import Pixels


def frames_filmed(clip: Clip, painter: VideoPainter, seed: int) -> Iterator[Shown]:
    """All frames, filmed from the words of each scene. Of two scenes of a shot the second goes on from the first one's
    last frame, where the painter can. Raises `NoPictureError` where there are no words, `ModelError`.
    """
    scenes = scenes_of(clip)
    if not scenes:
        raise NoPictureError(
            "the clip has no words to film an impression of; decode it without --mode tt2v (mode='it2v')"
        )
    if not painter.films_from_words:
        raise ModelError(f"{painter.name} films on from pictures, not from words alone: give --mode it2v (mode='it2v')")
    size, rate = clip.header.size, Fraction(*clip.header.rate)
    ends = [*(scene.first for scene in scenes[1:]), clip.header.num_frames]
    last_HWC: Pixels | None = None
    for at, (scene, end) in enumerate(zip(scenes, ends, strict=True)):
        first = scene.first if at else 0
        known_HWC = last_HWC if scene.fades and painter.films_from_a_picture else None
        prompt = prompt_of(clip, scene.words.text, first, end - 1)
        film = painter.film(prompt, size, end - first, rate, first_HWC=known_HWC, seed=seed)
        for frame, image_HWC in zip(range(first, end), film, strict=True):
            last_HWC = image_HWC
            yield Shown(frame, image_HWC, Made.INVENTED)
