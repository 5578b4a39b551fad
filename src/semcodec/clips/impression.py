"""A clip from its words alone (TT2V): each scene painted once by a generator, and moved as the camera is said to move.

It is an impression: what is painted was never seen, and nothing in it moves by itself.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from semcodec.clips.said import Scenery, scenes_of
from semcodec.clips.walk import Made, Shown
from semcodec.errors import NoPictureError
from semcodec.file.clips import PAN_UNIT, Camera, Clip
from semcodec.interpolators.plain import faded
from semcodec.models import Models
from semcodec.painting import render
from semcodec.pictures.moved import moved
from semcodec.types import Scene

if TYPE_CHECKING:
    from semcodec.contracts import Painter
    from semcodec.types import Pixels

_MOST_PAN = PAN_UNIT // 5  # more would show more of a mirrored border than of the painting
_FADE_S = 0.5


def frames_of_words(clip: Clip, painter: Painter | None, seed: int | None, models: Models) -> Iterator[Shown]:
    """All frames, painted from the words of the key frames. Raises `NoPictureError` where there are none."""
    scenes = scenes_of(clip)
    if not scenes:
        raise NoPictureError(
            "the clip has no words to paint an impression from; decode it without --mode tt2v (mode='it2v')"
        )
    ends = [*(scene.first for scene in scenes[1:]), clip.header.num_frames]
    num_fade = max(1, round(_FADE_S * clip.header.rate[0] / clip.header.rate[1]))
    after_HWC: Pixels | None = None
    for at, (scene, end) in enumerate(zip(scenes, ends, strict=True)):
        image_HWC = _painting(clip, scene, painter, seed, models) if after_HWC is None else after_HWC
        is_faded = at + 1 < len(scenes) and scenes[at + 1].fades
        after_HWC = _painting(clip, scenes[at + 1], painter, seed, models) if is_faded else None
        first = 0 if at == 0 else scene.first
        path = _path(clip, first, end)
        for frame in range(first, end):
            shown_HWC = moved(image_HWC, path[frame - first], 1.0)
            if after_HWC is not None and (left := end - frame) <= num_fade:
                shown_HWC = faded(shown_HWC, after_HWC, 1 - left / (num_fade + 1))
            yield Shown(frame, shown_HWC, Made.INVENTED)


def _painting(clip: Clip, scene: Scenery, painter: Painter | None, seed: int | None, models: Models) -> Pixels:
    said = Scene(clip.header.size, words=scene.words)
    return render(said, painter=painter, seed=seed, restore=False, models=models)


def _path(clip: Clip, first: int, end: int) -> list[Camera]:
    """The camera at each frame from `first` on. Its way is made shorter where the painting is not wide enough for it,
    and no zoom shows more than the painting.
    """
    steps = [(0.0, 0.0, 0.0, 0.0)] * (end - first)
    for motion in clip.motions:
        if motion.camera is None:
            continue
        camera, length = motion.camera, motion.last - motion.first
        step = tuple(number / length for number in (camera.pan_x, camera.pan_y, camera.zoom, camera.turn))
        for frame in range(max(first, motion.first), min(end - 1, motion.last)):
            steps[frame + 1 - first] = (step[0], step[1], step[2], step[3])
    places = [(0.0, 0.0, 0.0, 0.0)]
    for step in steps[1:]:
        last = places[-1]
        places.append((last[0] + step[0], last[1] + step[1], last[2] + step[2], last[3] + step[3]))
    farthest = max(1.0, *(abs(place[axis]) for place in places for axis in (0, 1)))
    shorter, least_zoom = min(1.0, _MOST_PAN / farthest), min(place[2] for place in places)
    return [
        Camera(round(x * shorter), round(y * shorter), round(zoom - least_zoom), round(turn))
        for x, y, zoom, turn in places
    ]
