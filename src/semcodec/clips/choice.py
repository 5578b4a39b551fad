"""Which frames of a piece of video are sent, for any number of them: where interpolation fails, not at a fixed spacing.

What a span costs is how unlike the truth the interpolator's own frames are, small (`small.unlikeness`). The best sets
of 1, 2, 3 ... key frames are then found exactly, among the nodes, by dynamic programming: the last key frame of the
best set of n follows the best set of n - 1.

How far the describer's embedding of an interpolated frame is from that of the true one was half of the cost, scaled to
the same mean: it goes with unlikeness (correlation 0.99 over spans), takes 15 s more, and what is sent is no better
(three training clips of 48 frames, 0.0008 and 0.003 bits per pixel): LPIPS +2.4 %, a second network's distance +1.9 %,
warping error -1.5 %; of the mean of both ends' embeddings in its place +1.1, +1.8 and +1.1 %; a fifth of that: nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from semcodec.clips.small import seen, unlikeness
from semcodec.pictures.luma import luma_of

if TYPE_CHECKING:
    from semcodec.clips.small import Seen
    from semcodec.contracts import Interpolator
    from semcodec.pictures.luma import Luma
    from semcodec.types import Pixels

    Costs = np.ndarray[Any, np.dtype[np.float64]]

# A span's mean error over its error in the middle: it begins and ends at 0, and is flat between.
_MEAN_OF_MIDDLE = 0.8
_WIDE = 8  # nodes: from here on a span is looked at in three places


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a shot. `sets[n - 1]`: the best n key frames, and the sum over its frames of what they get wrong.

    `activity`: how much there is to see, mean slope of the luma in levels a small pixel: what makes a still dear.
    """

    first: int
    last: int
    sets: tuple[tuple[tuple[int, ...], float], ...]
    activity: float

    @property
    def num_frames(self) -> int:
        return self.last - self.first + 1


def chosen_in_piece(
    frames: Sequence[int],
    lumas: Sequence[Luma],
    interpolator: Interpolator,
    *,
    num_nodes: int,
) -> Piece:
    """`frames` are the numbers of small pictures, `lumas` theirs: colours are not looked at."""
    nodes = _nodes(len(frames), num_nodes)
    true = [seen(luma_HW) for luma_HW in lumas]
    held = _held_costs(frames, true, nodes)
    spans = _span_costs(frames, lumas, true, nodes, interpolator)
    heads, tails = held[:, 0], held[:, -1]
    sets = []
    best = heads.copy()
    came_from: list[np.ndarray[Any, np.dtype[np.intp]]] = []
    for num in range(1, len(nodes) + 1):
        whole = best + tails
        at = int(np.argmin(whole))
        chosen, error = [at], float(whole[at])
        for back in reversed(came_from):
            chosen.append(int(back[chosen[-1]]))
        sets.append((tuple(frames[nodes[node]] for node in reversed(chosen)), error))
        if num < len(nodes):
            through = best[:, None] + spans
            came_from.append(np.argmin(through, axis=0))
            best = np.min(through, axis=0)
    slopes = [np.hypot(*np.gradient(lumas[node])).mean() for node in nodes[:: max(1, len(nodes) // 4)]]
    return Piece(frames[0], frames[-1], tuple(_falling(sets)), float(np.mean(slopes)))


def _falling(sets: Sequence[tuple[tuple[int, ...], float]]) -> list[tuple[tuple[int, ...], float]]:
    """Sets as long as another key frame helps."""
    kept = [sets[0]]
    for one in sets[1:]:
        if one[1] >= kept[-1][1] - 1e-9:
            break
        kept.append(one)
    return kept


def _nodes(num_frames: int, num_nodes: int) -> list[int]:
    if num_frames <= num_nodes:
        return list(range(num_frames))
    return sorted({round(at * (num_frames - 1) / (num_nodes - 1)) for at in range(num_nodes)})


def _held_costs(frames: Sequence[int], true: Sequence[Seen], nodes: Sequence[int]) -> Costs:
    """(nodes, 2): what is wrong where a key frame is shown from the piece's first frame on, and to its last one."""
    costs = np.zeros((len(nodes), 2))
    for row, node in enumerate(nodes):
        for col, end in ((0, 0), (1, len(frames) - 1)):
            # The error of a held frame grows fast, then slowly: three places tell it.
            at = sorted({end, (end + node) // 2, (end + 3 * node) // 4} - {node})
            mean = np.mean([unlikeness(true[node], true[other]) for other in at]) if at else 0.0
            costs[row, col] = mean * abs(frames[node] - frames[end])
    return costs


def _span_costs(
    frames: Sequence[int],
    lumas: Sequence[Luma],
    true: Sequence[Seen],
    nodes: Sequence[int],
    interpolator: Interpolator,
) -> Costs:
    """(nodes, nodes): what is wrong between two key frames, summed over the frames between; inf: no span."""
    costs = np.full((len(nodes), len(nodes)), np.inf)
    pictures: list[Pixels] = [np.rint(luma_HW).astype(np.uint8)[..., None] for luma_HW in lumas]
    for first in range(len(nodes)):
        for last in range(first + 1, len(nodes)):
            one, other = nodes[first], nodes[last]
            num_between = frames[other] - frames[one] - 1
            if other - one < 2:
                # Nothing was looked at between: what a held frame would get wrong, were there any, at most.
                costs[first, last] = 0.0 if not num_between else 0.5 * num_between * unlikeness(true[one], true[other])
                continue
            shares = (0.25, 0.5, 0.75) if other - one >= _WIDE else (0.5,)
            at = sorted({min(max(round(one + share * (other - one)), one + 1), other - 1) for share in shares})
            times = [(frames[n] - frames[one]) / (frames[other] - frames[one]) for n in at]
            made = interpolator.between(pictures[one], pictures[other], times)
            wrong = [unlikeness(seen(luma_of(picture)), true[n]) for picture, n in zip(made, at, strict=True)]
            costs[first, last] = float(np.mean(wrong)) * num_between * (_MEAN_OF_MIDDLE if len(at) == 1 else 0.9)
    return costs
