"""From the pictures that a clip sends to all its frames, one after the other: `docs/clip-format.md`, chapter 3.

Two pictures are held at a time, however long the clip is.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

import enum
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from semcodec.clips.said import motion_of, prompt_between
from semcodec.file.clips import Clip
from semcodec.ids import Blend
from semcodec.interpolators.filmed import Filmed
from semcodec.interpolators.plain import Fade, Hold
from semcodec.interpolators.steered import Steered

if TYPE_CHECKING:
    from semcodec.contracts import Interpolator
    from semcodec.types import Pixels


class Made(enum.Enum):
    """How a frame came to be."""

    SENT = "sent"  # a picture of the file, as it stands there
    RESTORED = "restored"  # a picture of the file, finished by the restorer
    INTERPOLATED = "interpolated"  # made of two others, or moved
    HELD = "held"  # another frame, shown again
    INVENTED = "invented"  # painted or filmed from words


@dataclass(frozen=True, slots=True)
class Shown:
    """A frame of a clip: its number, (H, W, 3) uint8 sRGB, and how it was made."""

    frame: int
    image_HWC: Pixels
    made: Made


def all_frames(clip: Clip, pictures: Iterable[Shown], interpolator: Interpolator) -> Iterator[Shown]:
    """`pictures`: those that the clip sends, in the order of their frames, one for each; there is at least one."""
    starts, num_frames = clip.shot_starts(), clip.header.num_frames
    before: Shown | None = None
    for after in pictures:
        if before is None:
            yield from (Shown(frame, after.image_HWC, Made.HELD) for frame in range(after.frame))
        else:
            yield from _between(before, after, clip, starts, interpolator)
        yield after
        before = after
    assert before is not None, "a clip that is shown has a picture"
    yield from (Shown(frame, before.image_HWC, Made.HELD) for frame in range(before.frame + 1, num_frames))


def _between(
    before: Shown, after: Shown, clip: Clip, starts: Sequence[int], interpolator: Interpolator
) -> Iterator[Shown]:
    frames = range(before.frame + 1, after.frame)
    cut = starts[bisect_right(starts, before.frame) : bisect_right(starts, after.frame)]
    if cut:  # (a shot without a picture shows the last one before it; the shot of `after` shows that)
        for frame in frames:
            yield Shown(frame, (after if frame >= cut[-1] else before).image_HWC, Made.HELD)
        return
    way = interpolator_for(clip, before.frame, after.frame, interpolator)
    made = Made.HELD if isinstance(way, Hold) else Made.INVENTED if isinstance(way, Filmed) else Made.INTERPOLATED
    times = [(frame - before.frame) / (after.frame - before.frame) for frame in frames]
    if times:
        pictures = way.between(before.image_HWC, after.image_HWC, times)
        yield from (Shown(frame, image_HWC, made) for frame, image_HWC in zip(frames, pictures, strict=True))


def interpolator_for(clip: Clip, first: int, last: int, given: Interpolator) -> Interpolator:
    """What makes the frames between two: what the record says that spans them, else what is given."""
    motion = motion_of(clip, first, last)
    if isinstance(given, Filmed):
        given = given.told(prompt_between(clip, first, last))
    if motion is None or motion.blend is Blend.MOVED:
        if motion is not None and motion.camera is not None and isinstance(given, Fade):
            return Steered(motion.camera, (last - first) / (motion.last - motion.first))
        return given
    return Fade() if motion.blend is Blend.FADED else Hold()
