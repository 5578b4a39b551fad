"""What moves, in numbers and in words: spans of a shot, the camera in each, and where the largest moving thing goes.

What is said was measured: the camera where one similarity explains most of what changed from frame to frame, a thing
where one patch of cells keeps moving against what is behind it. Else nothing is said. A thing has a name only where the
describer is sure of it both in the frame and in the patch alone.

Shapes: R, K = rows, columns of cells.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from semcodec.clips.camera import Moved

if TYPE_CHECKING:
    from semcodec.clips.survey import Survey
    from semcodec.types import Size

    Cells = np.ndarray[Any, np.dtype[np.uint8]]

LEAST_SPAN_S, MOST_SPAN_S = 1.0, 4.0
_BEND = 0.03  # of the width: a span ends where the camera's path is not as even as that
# In parts of a side over a span, unless it says otherwise.
_STILL, _PAN, _PAN_A_SECOND, _ZOOM = 0.007, 0.06, 0.03, 0.06
# How much of the change from frame to frame may be left where the camera's motion explains it: in the middle step, and
# in nine of ten.
_EXPLAINED, _HARDLY_EXPLAINED = 0.65, 0.9
_RARELY, _MOSTLY = 0.1, 0.6  # of the steps of a span
# Octaves a second: what grows faster is a thing that comes near and fills the frame (a bird: 0.6 to 0.8), no zoom.
_FASTEST_ZOOM = 0.3
# A patch that moves by itself: cells that change more than the others, and how far it goes against what is behind it.
_LEAST_CHANGE, _TIMES_USUAL = 10.0, 3.0
_LEAST_CELLS, _MOST_OF_CELLS = 3, 0.45
_LEAST_WAY = 0.06
_PATCH_MARGIN = 1  # cells


@dataclass(frozen=True, slots=True)
class Patch:
    """Where the largest moving thing is at a span's first frame (left, top, right, bottom, 0..1), and how far it goes
    in the span, in parts of the width, against what is behind it: right and down.
    """

    box: tuple[float, float, float, float]
    way: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Span:
    """Some time of a shot: from frame `first` to frame `last`. `moved`: the picture, of the small frames; None: the
    camera's motion does not explain what changes.
    """

    first: int
    last: int
    seconds: float
    moved: Moved | None
    is_still: bool
    patch: Patch | None


def spans_of(survey: Survey, keys: Sequence[int], small: Size, rate: float) -> list[Span]:
    """Spans of all shots, each from a key frame (or a shot's start) to another (or its end); none is a frame short."""
    spans = []
    starts, keys = [*survey.shots, survey.num_frames], sorted(keys)
    for first, after in zip(survey.shots, starts[1:], strict=True):
        edges = sorted({first, *keys[bisect_left(keys, first) : bisect_left(keys, after)], after - 1})
        begin = 0
        for at in range(1, len(edges)):
            is_last = at == len(edges) - 1
            if is_last or not _goes_on(survey, edges[begin], edges[at], edges[at + 1], small, rate):
                spans.append(_span(survey, edges[begin], edges[at], small, rate))
                begin = at
    return [span for span in spans if span.last > span.first]


def _goes_on(survey: Survey, first: int, middle: int, last: int, small: Size, rate: float) -> bool:
    """Whether one span may reach to `last`."""
    seconds = (last - first) / rate
    if seconds <= LEAST_SPAN_S:
        return True
    whole, half = survey.travelled(first, last), survey.travelled(first, middle)
    share = (middle - first) / (last - first)
    bend = np.hypot(half.x - share * whole.x, half.y - share * whole.y) / small.width_px
    return bool(seconds <= MOST_SPAN_S and bend < _BEND)


def _span(survey: Survey, first: int, last: int, small: Size, rate: float) -> Span:
    looked_at = survey.looked_between(first, last)
    steps = [survey.steps[at] for at in looked_at]
    left_over = [step.left_over for step in steps]
    is_told = bool(steps) and bool((np.quantile(left_over, (0.5, 0.9)) <= (_EXPLAINED, _HARDLY_EXPLAINED)).all())
    share_moving = float(np.mean([step.moved != Moved() for step in steps])) if steps else 0.0
    if _RARELY < share_moving < _MOSTLY:
        is_told = False  # (a camera moves on or stays; what is found now and then are things before a still one)
    moved = survey.travelled(first, last) if share_moving >= _MOSTLY else Moved()
    path = survey.path(first, last) if share_moving >= _MOSTLY else ()
    places = np.array([(0.0, 0.0, 1.0), *((m.x, m.y, m.zoom) for m in path)])
    reach = np.abs(places - (0, 0, 1)).max(axis=0) / (small.width_px, small.width_px, 1)
    is_still = is_told and bool((reach <= (_STILL, _STILL, 2 * _STILL)).all())
    patch = _patch(survey, looked_at, small) if is_told else None
    return Span(first, last, (last - first) / rate, moved if is_told else None, is_still, patch)


def camera_words(span: Span, small: Size) -> str:
    """ "The camera pans right and zooms in."; "": nothing that is sure enough."""
    if span.moved is None:
        return ""
    if span.is_still:
        return "The camera is still."
    moved, said = span.moved, []
    octaves = float(np.log2(max(moved.zoom, 1e-3)))
    if abs(octaves) > _FASTEST_ZOOM * span.seconds and abs(octaves) >= np.log2(1 + _ZOOM):
        return ""
    least = max(_PAN, min(2 * _PAN, _PAN_A_SECOND * span.seconds))
    if abs(moved.x) / small.width_px >= least:
        said.append("pans right" if moved.x < 0 else "pans left")
    if abs(moved.y) / small.height_px >= least:
        said.append("tilts up" if moved.y > 0 else "tilts down")
    if abs(octaves) >= np.log2(1 + _ZOOM):
        said.append("zooms in" if moved.zoom > 1 else "zooms out")
    return f"The camera {', '.join(said[:-1])}{' and ' * (len(said) > 1)}{said[-1]}." if said else ""


def thing_words(patch: Patch, name: str | None) -> str:
    """ "A dog moves to the left."; "Something moves down." """
    x, y = patch.way
    if abs(x) >= abs(y):
        where = "to the right" if x > 0 else "to the left"
    else:
        where = "down" if y > 0 else "up"
    who = name or "something"
    return f"{who[:1].upper()}{who[1:]} moves {where}."


def _patch(survey: Survey, looked_at: Sequence[int], small: Size) -> Patch | None:
    """The largest patch that moves by itself all the time, and its way."""
    patches = [_largest(survey.changes[at]) for at in looked_at]
    if len(patches) < 3 or sum(patch is not None for patch in patches) < 0.8 * len(patches):
        return None
    there = [(at, patch) for at, patch in zip(looked_at, patches, strict=True) if patch is not None]
    (first_at, first), (last_at, last) = there[0], there[-1]
    rows, cols = survey.changes[first_at].shape
    cell_x, cell_y = small.width_px / cols, small.height_px / rows
    begin, end = (_middle(patch, cell_x, cell_y, small) for patch in (first, last))
    behind = survey.travelled(survey.looked_at[first_at], survey.looked_at[last_at])
    at_x = behind.a * begin[0] - behind.b * begin[1] + behind.x
    at_y = behind.b * begin[0] + behind.a * begin[1] + behind.y
    way = ((end[0] - at_x) / small.width_px, (end[1] - at_y) / small.width_px)
    if max(map(abs, way)) < _LEAST_WAY or min(map(abs, way)) > 0.6 * max(map(abs, way)):
        return None
    sizes = [len(patch) for _, patch in there]
    if max(sizes) > 4 * min(sizes):
        return None  # (it is not the same thing all the time)
    tops, lefts = zip(*first, strict=True)
    margin = _PATCH_MARGIN
    box = (
        max(0, min(lefts) - margin) / cols,
        max(0, min(tops) - margin) / rows,
        min(cols, max(lefts) + 1 + margin) / cols,
        min(rows, max(tops) + 1 + margin) / rows,
    )
    return Patch(box, way)


def _middle(patch: Sequence[tuple[int, int]], cell_x: float, cell_y: float, small: Size) -> tuple[float, float]:
    """From the picture's centre, in small pixels."""
    row, col = np.mean(patch, axis=0) + 0.5
    return float(col * cell_x - small.width_px / 2), float(row * cell_y - small.height_px / 2)


def _largest(changes_RK: Cells) -> list[tuple[int, int]] | None:
    """The cells of the largest patch that changes more than the rest; None: there is none that stands out."""
    usual = float(np.median(changes_RK))
    moving = changes_RK > max(_LEAST_CHANGE, _TIMES_USUAL * usual)
    left = {(int(row), int(col)) for row, col in np.argwhere(moving)}
    if not _LEAST_CELLS <= len(left) <= _MOST_OF_CELLS * changes_RK.size:
        return None
    num_all, best = len(left), list[tuple[int, int]]()
    while left:
        patch = [left.pop()]
        for row, col in patch:  # (it grows while it is walked)
            near = {(row + down, col + across) for down in (-1, 0, 1) for across in (-1, 0, 1)} & left
            left -= near
            patch += near
        best = max(best, patch, key=len)
    return best if len(best) >= max(_LEAST_CELLS, 0.6 * num_all) else None
