"""The first look at a video: shots, and in each shot which frames are worth sending, for any number of them.

All frames are decoded once, small; some hundred are in memory at a time. What is kept of them is a few numbers each.

Shapes: H, W = pixels.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from semcodec.clips.camera import Moved, measured
from semcodec.clips.choice import Piece, chosen_in_piece
from semcodec.clips.small import luma_of, small_size
from semcodec.video.footage import Footage, evenly

if TYPE_CHECKING:
    from semcodec.clips.small import Luma
    from semcodec.contracts import Interpolator
    from semcodec.types import Pixels

# Of frames that are looked at closely: an hour of 25 a second is looked at every half second.
MOST_LOOKED_AT = 6000
PIECE_FRAMES = 96  # looked at together; longer shots are chosen in pieces
_THUMB_ROWS, _THUMB_COLS = 12, 20
# A cut: that much of the range at once, and that many times what changed from frame to frame before it.
_CUT_LEAST, _CUT_TIMES, _CUT_MEMORY = 16.0, 3.5, 8


@dataclass(slots=True)
class Survey:
    """What a video is like. `shots`: first frame of each. `pieces`: in their order, each within a shot.

    `travelled[n]`: the camera's motion up to the n-th frame that was looked at, `looked_at[n]`, from the shot's start.
    """

    num_frames: int = 0
    shots: list[int] = field(default_factory=lambda: [0])
    pieces: list[Piece] = field(default_factory=list)
    looked_at: list[int] = field(default_factory=list)
    steps: list[Moved] = field(default_factory=list)


@dataclass(slots=True)
class _Look:
    """A frame that is looked at, small."""

    frame: int
    image_HWC: Pixels
    luma_HW: Luma


def survey_of(
    footage: Footage, interpolator: Interpolator, *, num_nodes: int, progress: Callable[[int], None] = lambda num: None
) -> Survey:
    """`num_nodes`: frames of a piece among which key frames are chosen; more take longer (its square), choose better.

    Raises `VideoError`, `LimitError`.
    """
    survey = Survey()
    waiting: list[_Look] = []
    changes: list[float] = []
    before: Luma | None = None
    size = small_size(footage.size)
    stride = max(1, math.ceil((footage.num_frames or 0) / MOST_LOOKED_AT))

    def finish() -> None:
        if waiting:
            frames = [look.frame for look in waiting]
            pictures = [look.image_HWC for look in waiting]
            lumas = [look.luma_HW for look in waiting]
            survey.pieces.append(chosen_in_piece(frames, pictures, lumas, interpolator, num_nodes=num_nodes))
            waiting.clear()

    for number, image_HWC in enumerate(evenly(footage.frames(size), footage.rate, footage.told)):
        luma_HW = luma_of(image_HWC)
        thumb = _thumb(luma_HW)
        change = 0.0 if before is None else float(np.abs(thumb - before).mean())
        if _is_cut(change, changes):
            finish()
            survey.shots.append(number)
            changes.clear()
        elif before is not None:
            changes.append(change)
        before = thumb
        stride = max(stride, number // MOST_LOOKED_AT)
        if number % stride == 0 or survey.shots[-1] == number:
            is_new_shot = survey.shots[-1] == number
            if waiting and not is_new_shot:
                survey.steps.append(measured(waiting[-1].luma_HW, luma_HW))
            else:
                survey.steps.append(Moved())
            survey.looked_at.append(number)
            waiting.append(_Look(number, image_HWC, luma_HW))
            if len(waiting) == PIECE_FRAMES:
                last = waiting[-1]
                finish()
                waiting.append(last)  # (the next piece begins where this one ends)
        survey.num_frames = number + 1
        progress(number + 1)
    if len(waiting) > 1 or not survey.pieces or survey.shots[-1] == waiting[0].frame:
        finish()
    return survey


def _is_cut(change: float, changes: list[float]) -> bool:
    usual = float(np.median(changes[-_CUT_MEMORY:])) if changes else 0.0
    return change > _CUT_LEAST and change > _CUT_TIMES * usual


def _thumb(luma_HW: Luma) -> Luma:
    """Means of a grid of cells."""
    rows, cols = min(_THUMB_ROWS, luma_HW.shape[0]), min(_THUMB_COLS, luma_HW.shape[1])
    tops, lefts = np.arange(rows) * luma_HW.shape[0] // rows, np.arange(cols) * luma_HW.shape[1] // cols
    sums = np.add.reduceat(np.add.reduceat(luma_HW, tops, axis=0), lefts, axis=1)
    heights, widths = np.diff([*tops, luma_HW.shape[0]]), np.diff([*lefts, luma_HW.shape[1]])
    return np.asarray(sums / np.outer(heights, widths), np.float32)


def travelled(survey: Survey, first: int, last: int) -> Moved:
    """The camera's motion between two frames, put together from the steps between."""
    moved = Moved()
    for frame, step in _steps_between(survey, first, last):
        del frame
        moved = moved.then(step)
    return moved


def _steps_between(survey: Survey, first: int, last: int) -> Iterator[tuple[int, Moved]]:
    looked_at = np.asarray(survey.looked_at)
    begin, end = np.searchsorted(looked_at, first, side="right"), np.searchsorted(looked_at, last, side="right")
    for at in range(int(begin), int(end)):
        yield survey.looked_at[at], survey.steps[at]
