"""Chooses the coded size and the quality of base clips that fill a budget.

Measured behind the restorer (four training clips of 854x480 at 0.005 to 0.02 bits per pixel, SVT-AV1 4.1, LPIPS and a
second network): the best size is the one at which much the same CRF fills the budget, whatever clip and budget. So the
size is looked for at that CRF, coded quickly, then the CRF at that size, coded slowly. (Presets 3 and 2 take 3 % off
both distances at preset 4; tune 0 and 2, variance boost, sharpness, other hierarchies gain on one clip and lose more on
another.)

The video is read anew for each try: memory does not grow with its length.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, takewhile
from typing import TYPE_CHECKING

from semcodec.container.clips.encode import num_record_bytes
from semcodec.file.clips import BaseClip
from semcodec.file.clips.writing import record_of
from semcodec.ids import BaseClipCoding
from semcodec.layers.base.obus import MAX_SIDE_PX
from semcodec.types import Size
from semcodec.video.av1 import COARSEST, FINEST, LEAST_SIDE_PX, encoded_av1, has_av1_encoder
from semcodec.video.footage import Footage, evenly

if TYPE_CHECKING:
    from semcodec.types import Pixels

# Of sizes at which CRF 60 to 64 fills the bytes the smaller one has up to 4 % less LPIPS, the larger one up to 4 % less
# of the second distance (six of eight codings).
USUAL_CRF = 61.5
SHRUNK = (1, 1.25, 1.5, 1.75, 2, 2.5, 3, 4, 5, 6, 8)  # times that sides are made smaller
MOST_FRAMES = 300  # of a piece; longer shots are coded in several, each with a key frame
# From where on a base clip is better than key frames with interpolator-1 between all of them, its adapters in full:
# at 0.001, 0.0015 and 0.003 LPIPS 8 and 5 % more and 4 % less, a second network's distance 1 % more, 3 and 12 % less,
# warping error 11, 6 and 12 % less (means of four clips of 40 frames, which the network has learnt from). Beside motion
# compensation LPIPS 4 % more, as much, 8 % less. What is shown lies between the two.
LEAST_BITS_PER_PIXEL = 0.0015
LEAST_FRAMES = 4
_SAMPLED_FRAMES = 600  # that sizes are tried on
CRF_STEP = 0.25
_LEAST_FULL, _LAST_TRY = 0.8, 12  # what is searched for beyond that, and how often at most
_MARGIN = 0.02  # octaves: what is aimed at lies below the budget
RESIZED_FROM_EFFORT = 4
_MOST_RESIZED = 2
_AIM = 0.975
# How sides are made larger for more bytes at one CRF: bytes grow with pixels to the power of 0.62 (six codings).
_SIDES_POWER = 1 / (2 * 0.62)
_FULL = 0.96  # of the budget: what is nearer is not searched further
# Octaves of bytes for a step of CRF: 1/4 at 60 to 66, 1/7 at 50 and 70 (four training clips).
_SLOPE = 1 / 5
# SVT-AV1's preset at effort 5 for as many coded pixels of all frames: 3 takes 0.02 s a frame of 427x240.
_PRESETS = ((1 << 27, 3), (1 << 30, 5), (1 << 33, 7))
_FASTEST = 10
_QUICKER = 4  # presets for trying sizes
_MOST_TRIES = (2, 2, 3, 4, 5, 6, 7, 8, 9)  # CRFs, by effort 1 to 9


@dataclass(frozen=True, slots=True)
class FoundBase:
    """Base clips that were found, the bytes of their records, and how far the clip was shrunk.

    `finer`: the next finer CRF of those that were tried at that size, and its bytes, which are too many.
    """

    clips: tuple[BaseClip, ...]
    num_bytes: int
    shrunk: float
    crf: float
    finer: tuple[float, int] | None = None


class BaseSearch:
    """Base clips of one video, all of the same size and quality."""

    def __init__(
        self,
        footage: Footage,
        shots: Sequence[int],
        num_frames: int,
        *,
        effort: int,
        progress: Callable[[int, int], None] = lambda done, of: None,
    ) -> None:
        """`shots`: first frame of each."""
        self._footage, self._num_frames, self._effort, self._progress = footage, num_frames, effort, progress
        self._pieces = tuple(pieces_of(shots, num_frames))
        sizes = ((factor, shrunk_size(footage.size, factor)) for factor in SHRUNK)
        self._sizes = tuple((factor, size) for factor, size in sizes if size is not None)  # the largest first

    def is_better(self, room: int) -> bool:
        """Whether a base clip of that many bytes is better than key frames and what lies between them."""
        size = self._footage.size
        bits_per_pixel = 8 * room / (size.width_px * size.height_px * self._num_frames)
        return bits_per_pixel >= LEAST_BITS_PER_PIXEL and self._num_frames >= LEAST_FRAMES and has_av1_encoder()

    def best(self, room: int) -> FoundBase | None:
        """For at most that many bytes of records; None where nothing fits."""
        if room <= 0:
            return None
        for factor, size in self._sizes[self._first_size(room) :]:
            found = self._filled(size, factor, room)
            if found is not None:
                return self._resized(found, room) if self._effort >= RESIZED_FROM_EFFORT else found
        return None

    def _resized(self, found: FoundBase, room: int) -> FoundBase:
        """A size between those that were tried: larger at the same CRF, or where it is whole already, smaller at the
        next finer one. (A step of CRF is up to a fifth of the bytes, at 62 to 63; so up to a sixth would be left.)
        """
        best, power = found, _SIDES_POWER
        for _ in range(_MOST_RESIZED):
            if best.num_bytes >= _FULL * room:
                break
            shrunk, crf = best.shrunk * (best.num_bytes / (_AIM * room)) ** power, best.crf
            if shrunk < 1 and found.finer is not None:
                crf, too_many = found.finer
                shrunk = (too_many / (_AIM * room)) ** power
            size = shrunk_size(self._footage.size, shrunk)
            if size is None or shrunk < 1:
                break
            clips = tuple(self._coded(size, crf, self._preset(size), self._pieces))
            num_bytes = sum(map(_num_bytes, clips))
            if best.num_bytes < num_bytes <= room:
                best = FoundBase(clips, num_bytes, shrunk, crf)
            else:  # (bytes do not grow evenly with the size)
                power *= 0.7 if (num_bytes > room) == (crf == found.crf) else 1.4
        return best

    def _first_size(self, room: int) -> int:
        """Which is the largest size that fits at the usual CRF, about; the last one where none does."""
        last = len(self._sizes) - 1
        if last <= 0:
            return 0
        sampled = sampled_pieces(self._pieces)
        share = sum(map(len, sampled)) / self._num_frames
        bits_per_pixel = 8 * room / (self._footage.size.width_px * self._footage.size.height_px * self._num_frames)

        def unusual(at: int) -> float:  # (1.5 times at 0.01 bits per pixel, and as many pixels as bits from there)
            return abs(math.log2(self._sizes[at][0] ** 2 / 2.25 * bits_per_pixel / 0.01))

        fits, fails, at = last + 1, -1, min(range(last + 1), key=unusual)
        while fails + 1 < fits:
            size = self._sizes[at][1]
            preset = min(_FASTEST, self._preset(size) + _QUICKER)
            num_bytes = sum(map(_num_bytes, self._coded(size, USUAL_CRF, preset, sampled)))
            if num_bytes <= room * share:
                fits = at
            else:
                fails = at
            at = fits - 1 if fits <= last else fails + 1
        return min(fits, last)

    def _filled(self, size: Size, shrunk: float, room: int) -> FoundBase | None:
        """The finest CRF at one size that was found to fit."""
        tried: dict[float, int] = {}
        best: FoundBase | None = None
        crf, preset = USUAL_CRF, self._preset(size)
        for number in range(_LAST_TRY):
            clips = tuple(self._coded(size, crf, preset, self._pieces, tries=number))
            num_bytes = tried[crf] = sum(map(_num_bytes, clips))
            if num_bytes <= room and (best is None or num_bytes > best.num_bytes):
                best = FoundBase(clips, num_bytes, shrunk, crf)
            enough = _FULL if number + 1 < _MOST_TRIES[self._effort - 1] else _LEAST_FULL
            if best is not None and best.num_bytes >= enough * room:
                break
            crf = next_crf(tried, room)
            if crf in tried:
                break
        if best is None and COARSEST not in tried:
            clips = tuple(self._coded(size, COARSEST, preset, self._pieces))
            num_bytes = sum(map(_num_bytes, clips))
            best = FoundBase(clips, num_bytes, shrunk, COARSEST) if num_bytes <= room else None
        finer = max(((at, num) for at, num in tried.items() if num > room), default=None)
        return None if best is None else replace(best, finer=finer)

    def _coded(
        self, size: Size, crf: float, preset: int, pieces: Sequence[range], *, tries: int = 0
    ) -> Iterator[BaseClip]:
        frames = evenly(self._footage.frames(size), self._footage.rate, self._footage.told)
        at = 0
        for piece in pieces:
            wanted: Iterator[Pixels] = islice(frames, piece.start - at, piece.stop - at)
            coded = encoded_av1(wanted, size, self._footage.rate, crf=crf, preset=preset)
            at = piece.stop
            self._progress(at, self._num_frames)
            yield BaseClip(piece.start, len(coded.units), 1, BaseClipCoding.AV1, coded.coded, coded.tools, coded.units)

    def _preset(self, size: Size) -> int:
        num_pixels = size.width_px * size.height_px * self._num_frames
        usual = next((preset for most, preset in _PRESETS if num_pixels <= most), 8)
        change = 2 if self._effort < 4 else -1 if self._effort >= 7 else 0
        return min(max(usual + change, 0), _FASTEST)


def next_crf(tried: dict[float, int], room: int) -> float:
    """What CRF fills the room, as far as those that were tried say: {CRF: bytes}."""
    goal = math.log2(room) - _MARGIN
    sizes = {at: math.log2(num) for at, num in tried.items()}
    coarse = min((at for at, num in tried.items() if num <= room), default=None)  # (the finest that fits)
    fine = max((at for at, num in tried.items() if num > room), default=None)
    if coarse is None or fine is None:
        near, *others = sorted(sizes, key=lambda at: abs(sizes[at] - goal))
        slope = (sizes[others[0]] - sizes[near]) / (others[0] - near) if others else -_SLOPE
        crf = near + (goal - sizes[near]) / min(slope, -_SLOPE / 2)
    else:
        crf = fine + (coarse - fine) * (sizes[fine] - goal) / (sizes[fine] - sizes[coarse])
        over = list(takewhile(lambda num: num > room, reversed(tried.values())))
        crf += CRF_STEP * max(0, len(over) - 1)  # (the law bends: from one side alone it is reached slowly)
    low = FINEST if fine is None else min(fine + CRF_STEP, COARSEST)
    high = COARSEST if coarse is None else coarse - CRF_STEP
    return min(max(math.ceil(crf / CRF_STEP) * CRF_STEP, low), max(low, high))


def shrunk_size(size: Size, factor: float) -> Size | None:
    """None where a side is less than AV1's encoder takes, or more than a base clip has."""
    sides = tuple(round(side / factor) for side in (size.width_px, size.height_px))
    return Size(*sides) if LEAST_SIDE_PX <= min(sides) and max(sides) <= MAX_SIDE_PX else None


def pieces_of(shots: Sequence[int], num_frames: int) -> Iterator[range]:
    """Shots, and long ones in even parts."""
    for first, end in zip(shots, [*shots[1:], num_frames], strict=True):
        parts = -(-(end - first) // MOST_FRAMES)
        edges = [first + (end - first) * part // parts for part in range(parts + 1)]
        yield from (range(*edge) for edge in zip(edges, edges[1:], strict=False))


def sampled_pieces(pieces: Sequence[range]) -> Sequence[range]:
    """Every n-th, for about as many frames as sizes are tried on."""
    stride = max(1, round(sum(map(len, pieces)) / _SAMPLED_FRAMES))
    return pieces[stride // 2 :: stride] or pieces[:1]


def _num_bytes(base: BaseClip) -> int:
    return num_record_bytes(len(record_of(base).payload))
