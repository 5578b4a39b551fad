"""How many key frames a budget buys, in which pieces, and how many bytes each of them gets.

What a frame gets wrong has two causes: its key frames are coarse, and it is made of them. More key frames heal the
second and starve the first. Both are measured alike (`small.unlikeness`), so one number says how many there should be:

    D(N) = sum over frames of 1 - (1 - coarse(bytes of a key frame)) (1 - interpolated)

Pieces get key frames one by one, each where it helps most.
"""

from __future__ import annotations

import math
from bisect import bisect
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heapify, heapreplace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from semcodec.clips.choice import Piece

# What a still gets wrong, as 2 to some power, at bits per pixel, 2 to some power: the mean of five training clips,
# whose frames of 854x480 had 150, 400, 1000 and 2500 bytes. Between and beyond, straight lines.
_LOG_BPP = (-8.42, -7.0, -5.68, -4.36)
_LOG_WRONG = (-1.54, -2.36, -3.30, -4.54)
_MOST_WRONG = 0.8
# Along such a line of slope -0.6 the best share of a key frame is what it is worth to that power.
_SHARE_POWER = 1 / (1 + 0.6)
LEAST_KEY_BYTES = 90  # with its record; less shows nothing


@dataclass(frozen=True, slots=True)
class Share:
    """A key frame that is to be sent, and the bytes that its record may have."""

    frame: int
    num_bytes: int


def coarse(num_bytes: float, num_pixels: int) -> float:
    """What a still of so many bytes gets wrong, 0..1."""
    at = math.log2(8 * num_bytes / num_pixels)
    piece = min(max(bisect(_LOG_BPP, at) - 1, 0), len(_LOG_BPP) - 2)
    (left, right), (before, after) = _LOG_BPP[piece : piece + 2], _LOG_WRONG[piece : piece + 2]
    wrong: float = 2 ** (before + (at - left) * (after - before) / (right - left))
    return min(wrong, _MOST_WRONG)


def shared(pieces: Sequence[Piece], num_bytes: int, num_pixels: int) -> list[Share]:
    """Key frames in their order, with `num_bytes` shared between them; at least one."""
    counts = _counts(pieces, num_bytes, num_pixels)
    counted = zip(pieces, counts, strict=True)
    frames = sorted({frame for piece, count in counted if count for frame in piece.sets[count - 1][0]})
    weights = _weights(frames, max(piece.last for piece in pieces))
    total = sum(weights)
    return [Share(frame, int(num_bytes * weight / total)) for frame, weight in zip(frames, weights, strict=True)]


def _counts(pieces: Sequence[Piece], num_bytes: int, num_pixels: int) -> list[int]:
    """Of key frames in each piece: those of the number that gets the least wrong."""
    most = max(1, num_bytes // LEAST_KEY_BYTES)
    num_frames = wrong = float(sum(piece.num_frames for piece in pieces))
    counts = [0] * len(pieces)  # (a piece without a key frame shows another's: all of it is wrong)
    order: list[int] = []  # which piece gets the next key frame
    best, least = 0, math.inf
    losses = [(piece.sets[0][1] - piece.num_frames, at) for at, piece in enumerate(pieces)]  # (the largest gain first)
    heapify(losses)
    for num in range(1, most + 1):
        loss, at = losses[0]
        if loss >= 0 and num > 1:
            break
        counts[at] += 1
        order.append(at)
        wrong += loss
        sets, count = pieces[at].sets, counts[at]
        heapreplace(losses, (sets[count][1] - sets[count - 1][1] if count < len(sets) else 0.0, at))
        whole = num_frames - (1 - coarse(num_bytes / num, num_pixels)) * (num_frames - wrong)
        if whole < least:
            best, least = num, whole
    bought = Counter(order[:best])
    return [bought[at] for at in range(len(pieces))]


def _weights(frames: Sequence[int], last: int) -> list[float]:
    """How many frames show something of it, for its bytes help them all, to the power that the law above asks for."""
    edges = [0, *frames, last]
    return [(1 + (after - before) / 2) ** _SHARE_POWER for before, after in zip(edges, edges[2:], strict=False)]
