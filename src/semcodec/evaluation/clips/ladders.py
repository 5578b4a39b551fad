"""A clip at one scale, coded by a peer at the qualities that budgets ask for. Every rung is coded once.

Encoding takes long, so a rung is guessed from those that are known: the logarithm of the size falls evenly with the
quality's number. The highest quality that fits is looked for between the two nearest rungs.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from fractions import Fraction

from semcodec.evaluation.clips.frames import Frames
from semcodec.evaluation.clips.peers import SCALES, ClipPeer
from semcodec.evaluation.ladders import MIN_SIDE_PX

# Octaves of size for a step of quality at first, of encoders that code at 0.01 bpp: an eighth of QP or CRF.
_FIRST_SLOPE = 1 / 6
_NEAR_ENOUGH = 0.98  # of the budget
_FIRST_AT = 0.4  # of the rungs, from the smallest file


@dataclass(frozen=True, slots=True)
class CodedClip:
    """One file of one codec, its frames at display size, and how long the codec took for it."""

    budgets: tuple[int, ...]
    scale: int
    quality: float
    data: bytes
    shown: Frames
    encode_s: float
    decode_s: float


class ClipLadder:
    def __init__(self, peer: ClipPeer, frames: Frames) -> None:
        self._peer, self._frames = peer, frames
        self.rungs: dict[int, bytes] = {}
        self.seconds: dict[int, float] = {}

    def size_at(self, at: int) -> int:
        """Bytes of a rung; it is coded if it was not."""
        if at not in self.rungs:
            began = time.perf_counter()
            self.rungs[at] = self._peer.encode(self._frames, self._peer.qualities[at])
            self.seconds[at] = time.perf_counter() - began
        return len(self.rungs[at])

    def best(self, budget_bytes: int) -> int | None:
        """The rung of the highest quality that was found to fit; None where not even the lowest does."""
        while True:
            below = max((at for at, data in self.rungs.items() if len(data) <= budget_bytes), default=-1)
            above = min((at for at in self.rungs if at > below), default=len(self._peer.qualities))
            is_full = below in self.rungs and len(self.rungs[below]) >= _NEAR_ENOUGH * budget_bytes
            if above - below <= 1 or is_full:
                return below if below >= 0 else None
            self.size_at(min(max(self._guess(budget_bytes), below + 1), above - 1))

    def _guess(self, budget_bytes: int) -> int:
        if not self.rungs:
            return round(_FIRST_AT * (len(self._peer.qualities) - 1))
        goal = math.log2(budget_bytes)
        near = sorted(self.rungs, key=lambda at: abs(math.log2(len(self.rungs[at])) - goal))
        first = near[0]
        size = math.log2(len(self.rungs[first]))
        step = abs(self._peer.qualities[0] - self._peer.qualities[1])
        slope = _FIRST_SLOPE * step
        if len(near) > 1 and (found := math.log2(len(self.rungs[near[1]])) - size) * (near[1] - first) > 0:
            slope = found / (near[1] - first)
        return first + math.floor((goal - size) / slope)


def code_clip_with_peer(peer: ClipPeer, frames: Frames, budgets: tuple[int, ...]) -> list[CodedClip]:
    """What the peer can do for each budget (bytes) at each scale; a file that serves several budgets appears once."""
    coded = []
    for scale in SCALES:
        small = frames.shrunk(scale) if scale > 1 else frames
        if min(small.size.width_px, small.size.height_px) < MIN_SIDE_PX:
            continue
        ladder = ClipLadder(peer, small)
        chosen: dict[int, list[int]] = {}
        for budget in sorted(budgets, reverse=True):
            at = ladder.best(budget)
            if at is None:
                break
            chosen.setdefault(at, []).append(budget)
        for at, fits in sorted(chosen.items()):
            data, began = ladder.rungs[at], time.perf_counter()
            shown = peer.decode(data, small.size, len(frames.pictures), Fraction(frames.rate)).enlarged(frames.size)
            seconds = time.perf_counter() - began
            coded.append(
                CodedClip(tuple(sorted(fits)), scale, peer.qualities[at], data, shown, ladder.seconds[at], seconds)
            )
    return coded
