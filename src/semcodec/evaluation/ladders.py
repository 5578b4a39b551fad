"""A ladder: one picture at one scale, coded at many qualities. Every rung is coded once and shared by all budgets.

For a budget the highest quality that fits is wanted. File size grows with quality but for small waves, so a gallop and
a guided bisection find it, and the next rung above is looked at as well.

Shapes: H, W = pixels; C = 3.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from semcodec.evaluation.peers.peer import Peer, enlarge, shrink, size_of

if TYPE_CHECKING:
    from semcodec.evaluation.results import Line
    from semcodec.types import Pixels, Size

NUM_RUNGS_ABOVE = 1
MIN_SIDE_PX = 16  # HEVC and VVC encoders refuse less


@dataclass(frozen=True, slots=True)
class Coded:
    """One file of one codec: the budgets it was chosen for, its bytes, and its picture at display size."""

    budgets: tuple[int, ...]
    scale: int
    quality: float
    data: bytes
    image_HWC: Pixels


class Ladder:
    def __init__(self, peer: Peer, image_HWC: Pixels) -> None:
        self._peer, self._image = peer, image_HWC
        self._rungs: dict[int, bytes] = {}

    @property
    def num_coded(self) -> int:
        return len(self._rungs)

    def rung(self, at: int) -> bytes:
        if at not in self._rungs:
            self._rungs[at] = self._peer.encode(self._image, self._peer.qualities[at])
        return self._rungs[at]

    def best(self, budget_bytes: int) -> int | None:
        """The rung of the highest quality whose file fits; None where not even the lowest does."""
        num_rungs, below, above = len(self._peer.qualities), -1, 0
        while above < num_rungs and len(self.rung(above)) <= budget_bytes:  # gallop: low rungs are cheap to code
            below, above = above, above + max(1, above // 2)
        above = min(above, num_rungs)
        while above - below > 1:
            middle = self._guess(below, above, budget_bytes)
            if len(self.rung(middle)) <= budget_bytes:
                below = middle
            else:
                above = middle
        for at in range(below + 1, min(below + 1 + NUM_RUNGS_ABOVE, num_rungs)):
            if len(self.rung(at)) <= budget_bytes:
                below = at
        return below if below >= 0 else None

    def _guess(self, below: int, above: int, budget_bytes: int) -> int:
        """A rung between the two: where the size would be right if its logarithm rose evenly, or one coded already."""
        coded = [at for at in self._rungs if below < at < above]
        if coded:
            return coded[len(coded) // 2]
        if below < 0 or above not in self._rungs:
            return (below + above) // 2
        low, high = len(self.rung(below)), len(self.rung(above))
        share = math.log(budget_bytes / low) / math.log(high / low)
        return min(max(below + 1, below + round(share * (above - below))), above - 1)


def code_with_peer(peer: Peer, image_HWC: Pixels, budgets: tuple[int, ...]) -> list[Coded]:
    """What the peer can do for each budget at each of its scales; a file that serves several budgets appears once."""
    size, coded = size_of(image_HWC), []
    for scale in peer.scales:
        small_HWC = shrink(image_HWC, scale)
        if scale > 1 and min(small_HWC.shape[:2]) < MIN_SIDE_PX:
            continue
        ladder = Ladder(peer, small_HWC)
        chosen: dict[int, list[int]] = {}
        for budget in sorted(budgets, reverse=True):
            at = ladder.best(budget)
            if at is None:
                break
            chosen.setdefault(at, []).append(budget)
        for at, fits in sorted(chosen.items()):
            data = ladder.rung(at)
            coded.append(_decoded(peer, tuple(sorted(fits)), scale, peer.qualities[at], data, small_HWC, size))
    return coded


def code_again(peer: Peer, image_HWC: Pixels, lines: Sequence[Line]) -> list[Coded] | None:
    """The files of earlier lines, without looking for their qualities; None where one came out at another size."""
    size, coded = size_of(image_HWC), []
    for line in lines:
        small_HWC = shrink(image_HWC, line.scale)
        data = peer.encode(small_HWC, line.quality)
        if len(data) != line.num_bytes:
            return None
        coded.append(_decoded(peer, line.budgets, line.scale, line.quality, data, small_HWC, size))
    return coded


def _decoded(
    peer: Peer, budgets: tuple[int, ...], scale: int, quality: float, data: bytes, small_HWC: Pixels, size: Size
) -> Coded:
    image_HWC = peer.decode(data, size_of(small_HWC) if len(peer.qualities) > 1 else size)
    return Coded(budgets, scale, quality, data, enlarge(image_HWC, size))
