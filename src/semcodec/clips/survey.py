"""The first look at a video: shots, and in each shot which frames are worth sending, for any number of them.

All frames are decoded once, small; some hundred are in memory at a time. What is kept of them is a few numbers each.

Shapes: H, W = pixels.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from semcodec.clips.camera import Moved, measured, residue
from semcodec.clips.choice import Piece, chosen_in_piece
from semcodec.clips.small import small_size
from semcodec.pictures.luma import luma_of
from semcodec.video.footage import Footage, evenly

if TYPE_CHECKING:
    from semcodec.contracts import Interpolator
    from semcodec.pictures.luma import Luma

    Cells = np.ndarray[Any, np.dtype[np.uint8]]  # (rows, columns)

# Of frames that are looked at closely: an hour of 25 a second is looked at every half second.
MOST_LOOKED_AT = 6000
PIECE_FRAMES = 96  # looked at together; longer shots are chosen in pieces
_THUMB_ROWS, _THUMB_COLS = 12, 20
_EXPLAINED = 0.6
_BORDER, _BETTER, _QUIET_CELL = 3, 0.8, 4.0
# Where fewer cells than that change by so many levels, the camera is still.
_QUIET, _FEW_CELLS = 2.0, 0.2
_STILL_PX, _CHANGED, _FEW_PIXELS = 0.5, 12.0, 0.25  # and where no more moves than that
_MOST_LEAN, _MOST_REACH = 0.15, 0.3  # from one frame to the next: what is more was not found, but missed
# A cut: that much of the range at once, and that many times what changed from frame to frame before it.
_LEAST_SHOT = 2  # frames; what is shorter belongs to the cut
_CUT_LEAST, _CUT_TIMES, _CUT_MEMORY = 16.0, 3.5, 8


@dataclass(frozen=True, slots=True)
class Step:
    """The camera's motion from one frame that was looked at to the next, in small pixels, and how much of the change
    between the two it leaves unexplained (0: none; 1: all of it).
    """

    moved: Moved
    left_over: float


@dataclass(slots=True)
class Survey:
    """What a video is like. `shots`: first frame of each. `pieces`: in their order, each within a shot.

    Of each frame that was looked at: its number (`looked_at`), the step to it from the one before (none where a shot
    begins), and how much each of its cells changed beyond that, 0..255.
    """

    num_frames: int = 0
    shots: list[int] = field(default_factory=lambda: [0])
    pieces: list[Piece] = field(default_factory=list)
    looked_at: list[int] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    changes: list[Cells] = field(default_factory=list)

    def looked_between(self, first: int, last: int) -> range:
        """Places in `looked_at` of the frames behind `first`, up to `last`."""
        return range(bisect_right(self.looked_at, first), bisect_right(self.looked_at, last))

    def path(self, first: int, last: int) -> Iterator[Moved]:
        """The camera's motion from `first` to each frame that was looked at behind it, up to `last`."""
        moved = Moved()
        for at in self.looked_between(first, last):
            moved = moved.then(self.steps[at].moved)
            yield moved

    def travelled(self, first: int, last: int) -> Moved:
        """The camera's motion between two frames of a shot."""
        return [Moved(), *self.path(first, last)][-1]


@dataclass(slots=True)
class _Look:
    """A frame that is looked at, small."""

    frame: int
    luma_HW: Luma


def survey_of(
    footage: Footage,
    interpolator: Interpolator | None,
    *,
    num_nodes: int,
    progress: Callable[[int], None] = lambda num: None,
) -> Survey:
    """`interpolator`: what stands for the one of the receiver; None: no key frames are chosen. `num_nodes`: frames of a
    piece among which they are; more take longer (its square), and choose better.

    Raises `VideoError`, `LimitError`.
    """
    survey = Survey()
    waiting: list[_Look] = []
    changes: deque[float] = deque(maxlen=_CUT_MEMORY)
    before: Luma | None = None
    before_HW: Luma | None = None
    size = small_size(footage.size)
    stride = max(1, math.ceil((footage.num_frames or 0) / MOST_LOOKED_AT))

    def finish() -> None:
        if waiting:
            frames = [look.frame for look in waiting]
            lumas = [look.luma_HW for look in waiting]
            if interpolator is not None:
                survey.pieces.append(chosen_in_piece(frames, lumas, interpolator, num_nodes=num_nodes))
            waiting.clear()

    for number, image_HWC in enumerate(evenly(footage.frames(size), footage.rate, footage.told)):
        luma_HW = luma_of(image_HWC)
        thumb = _thumb(luma_HW)
        change = 0.0 if before is None else float(np.abs(thumb - before).mean())
        if _is_cut(change, changes) and before_HW is not None and not _is_one_motion(before_HW, luma_HW):
            if 0 < survey.shots[-1] >= number - _LEAST_SHOT:
                waiting.clear()  # (a flash, or a cut in two steps: no shot of its own)
                survey.shots.pop()
            finish()
            survey.shots.append(number)
            changes.clear()
        elif before is not None:
            changes.append(change)
        before, before_HW = thumb, luma_HW
        stride = max(stride, number // MOST_LOOKED_AT)
        if number % stride == 0 or survey.shots[-1] == number:
            step, cells_RK = _step(waiting[-1].luma_HW if waiting else luma_HW, luma_HW)
            survey.steps.append(step)
            survey.changes.append(cells_RK)
            survey.looked_at.append(number)
            waiting.append(_Look(number, luma_HW))
            if len(waiting) == PIECE_FRAMES:
                last = waiting[-1]
                finish()
                waiting.append(last)  # (the next piece begins where this one ends)
        survey.num_frames = number + 1
        progress(number + 1)
    if len(waiting) > 1 or not survey.pieces or survey.shots[-1] == waiting[0].frame:
        finish()
    return survey


def _is_cut(change: float, changes: Sequence[float]) -> bool:
    usual = float(np.median(changes)) if changes else 0.0
    return change > _CUT_LEAST and change > _CUT_TIMES * usual


def _is_one_motion(before_HW: Luma, luma_HW: Luma) -> bool:
    """Whether a fast camera explains the change."""
    step, _ = _step(before_HW, luma_HW)
    return step.left_over < _EXPLAINED


def _thumb(luma_HW: Luma) -> Luma:
    """Means of a grid of cells."""
    rows, cols = min(_THUMB_ROWS, luma_HW.shape[0]), min(_THUMB_COLS, luma_HW.shape[1])
    tops, lefts = np.arange(rows) * luma_HW.shape[0] // rows, np.arange(cols) * luma_HW.shape[1] // cols
    sums = np.add.reduceat(np.add.reduceat(luma_HW, tops, axis=0), lefts, axis=1)
    heights, widths = np.diff([*tops, luma_HW.shape[0]]), np.diff([*lefts, luma_HW.shape[1]])
    return np.asarray(sums / np.outer(heights, widths), np.float32)


def _step(before_HW: Luma, luma_HW: Luma) -> tuple[Step, Cells]:
    change_HW = np.abs(luma_HW - before_HW)
    cells_RK = _thumb(change_HW)
    if float((cells_RK > _QUIET).mean()) < _FEW_CELLS:
        # What changes is a thing that moves, not the view: a fit would follow the thing.
        return Step(Moved(), 0.0), np.minimum(cells_RK, 255).astype(np.uint8)
    moved = measured(before_HW, luma_HW)
    lean = math.hypot(moved.a - 1, moved.b)
    reach_px = math.hypot(moved.x, moved.y) + lean * math.hypot(*luma_HW.shape) / 2
    if lean > _MOST_LEAN or reach_px > luma_HW.shape[1] * _MOST_REACH:
        return Step(Moved(), 1.0), np.minimum(cells_RK, 255).astype(np.uint8)
    left_over, inside_HW = residue(before_HW, luma_HW, moved)
    left_over = np.abs(left_over)
    if not _border_moves(cells_RK, _thumb(left_over), _thumb(inside_HW.astype(np.float32))):
        is_quiet = float(np.median(cells_RK)) <= _QUIET_CELL
        return Step(Moved(), 0.0 if is_quiet else 1.0), np.minimum(cells_RK, 255).astype(np.uint8)
    share = float(left_over.mean() / change_HW.mean())
    if share > _EXPLAINED and reach_px < _STILL_PX and float((change_HW > _CHANGED).mean()) < _FEW_PIXELS:
        return Step(Moved(), 0.0), np.minimum(cells_RK, 255).astype(np.uint8)
    return Step(moved, share), np.minimum(_thumb(left_over), 255).astype(np.uint8)


def _border_moves(unmoved_RK: Luma, moved_RK: Luma, inside_RK: Luma) -> bool:
    """Whether the motion that was found explains the cells near the border better than none does: there most of what is
    behind the moving things is seen. (On a road with a fixed camera the cars won the fit.)
    """
    rows, cols = unmoved_RK.shape
    near = np.ones((rows, cols), bool)
    near[_BORDER:-_BORDER, _BORDER:-_BORDER] = False
    near &= (inside_RK > 0.9) & (np.maximum(unmoved_RK, moved_RK) > _QUIET)
    moving = int((near & (moved_RK < _BETTER * unmoved_RK)).sum())
    still = int((near & (unmoved_RK < _BETTER * moved_RK)).sum())
    return moving >= 2 * still
