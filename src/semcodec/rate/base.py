"""Chooses the coded size and the AV1 quality of a base picture that fill a budget.

A curve says how far a picture is shrunk for n bytes (`base_curves`); at each size the finest quantiser that fits
is looked for. From effort 4 on neighbouring sizes are compared as well (`base_sizes`; large ones are tried one after
the other, as long as the enlarged picture gets nearer to the original). Measured behind the restorer, 8 Kodak pictures
at 340 to 6,000 bytes: of what the best of 4 to 6 sizes gains over the curve's in the mean of LPIPS and two networks'
distances (1 %), the least squared error finds two thirds; the restored picture's own error finds no more. From effort 7
on more sizes are tried, painted by the painter that is given.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from semcodec.container.header import LAST_STEP, working_size
from semcodec.layers.base.check import HEAD_BYTES
from semcodec.painters.base import BasePainter
from semcodec.pictures import resized
from semcodec.rate.base_curves import can_be_coded, step_for_base
from semcodec.rate.base_filling import AIM, COARSEST, FASTEST, Coded, Filler, Fineness
from semcodec.rate.base_sizes import ERROR_SLOPE, best_looking, squared_error
from semcodec.rate.budget import STEPS_BY_EFFORT
from semcodec.types import BasePicture, FileHeader, Scene, Size

if TYPE_CHECKING:
    from semcodec.contracts import Painter
    from semcodec.types import Pixels

# Of the original and what a candidate is painted as; the least is kept.
Judge = Callable[["Pixels", "Pixels"], float]

# libaom's options are Pillow's own (tune iq). Behind the restorer, which learnt from such, tune ssim has 0.35 dB more
# at equal bytes, but 2.5 and 3.4 % more LPIPS at 1,000 and 4,000 bytes (7 Kodak pictures).
_FIRST_GUESS = Fineness(58)
_QUANTISERS_A_STEP = 3  # how much coarser a quantiser the next larger size needs
# Logarithm of the bytes that the final speed takes more, by the speed of the search (14 training frames; +- 0.05).
_SLOWER = {6: 0.0, 8: -0.11}
# libaom's speed for n coded pixels at effort 4 to 6. Speed 4 instead of 6 takes 2.3 % off LPIPS and 1.9 % off an
# untrained network's distance at 1,000 bytes, 1 and 2 % at 4,000 (8 Kodak pictures, restored), in three times the time:
# so sizes are compared at the second speed, and the one that is kept is coded again.
SPEEDS = ((1 << 17, 4), (1 << 18, 5), (1 << 20, 6), (1 << 22, 8))
SEARCH_SPEEDS = ((1 << 16, 6), (1 << 22, 8))
# What libaom leaves out at the last speed, below effort 7: half of the time (48 ms of 88 for 34,000 pixels), for 0.4 +-
# 0.3 % of LPIPS and 0.1 +- 0.5 % of the benchmark's second distance (10 training frames at 340, 1,000 and 4,000 bytes).
# Speed 6 with all of them would cost 2.2 and 2.6 %.
LEAN = {"min-partition-size": "8", "enable-1to4-partitions": "0", "enable-ab-partitions": "0"}
LEAN |= {"enable-filter-intra": "0"}
_LEAN_FROM_PX = 1 << 15  # below, all of them take no longer than the search does
# Of the sizes that are compared. The curve was fitted to distances behind the restorer, and squared error is flat
# around its least: with two steps to each side sizes had 0.33 octaves fewer pixels at 340 bytes, with 0.8 % more LPIPS
# and 2.6 % more DISTS (24 Kodak pictures).
_OFFSETS = (-1, 0, 1)
_MOST_COMPARED_PX = 1 << 19  # of coded pictures that are compared in all sizes
_LARGE_PX = 1 << 20
NEIGHBOURS_FROM_EFFORT, SLOWER_FROM_EFFORT = 4, 7


@dataclass(frozen=True, slots=True)
class ChosenBase:
    """A base picture, and the header step that its size is."""

    base: BasePicture
    step: int

    @property
    def num_bytes(self) -> int:
        """Of payload."""
        return HEAD_BYTES + len(self.base.frame)


def best_base(
    image_HWC: Pixels,
    max_bytes: int,
    *,
    effort: int,
    painter: Painter | None = None,
    judge: Judge | None = None,
) -> ChosenBase:
    """The base picture for at most that many bytes of payload; where none fits, the smallest that was found.

    `judge` compares candidates (None: `squared_error`), painted by `painter` from effort 7 on (None: only enlarged, as
    below 7).

    Raises:
        MissingAvifError: Pillow has no AVIF.
    """
    size = Size(image_HWC.shape[1], image_HWC.shape[0])
    search = _Search(image_HWC, size, max_bytes - HEAD_BYTES, is_exact=effort in STEPS_BY_EFFORT)
    if not search.is_exact and judge is None:
        search = search.shrunk()
    if NEIGHBOURS_FROM_EFFORT <= effort < SLOWER_FROM_EFFORT and judge is None and painter is None:
        found = search.compared()
        if found is not None:
            return search.of(image_HWC).refined(found, effort)
    best = search.first()
    if best.coded.is_too_much:
        return best.chosen
    paints = painter if painter is not None and effort in STEPS_BY_EFFORT else BasePainter()

    def error(sized: _Sized) -> float:
        return search.error(sized, paints, judge)

    if effort in STEPS_BY_EFFORT:
        best = min((best, *search.beside(best, STEPS_BY_EFFORT[effort])), key=error)
    elif effort >= NEIGHBOURS_FROM_EFFORT:
        best = _downhill(search, best, error)
    return search.of(image_HWC).refined(best, effort)


def _downhill(search: _Search, first: _Sized, error: Callable[[_Sized], float]) -> _Sized:
    """The size from which no neighbour is nearer to the original; at most two steps away."""
    best, least = first, error(first)
    for direction in (-1, 1):
        for other in search.beside(first, (direction, 2 * direction)):
            if (found := error(other)) >= least:
                break
            best, least = other, found
        if best is not first:
            break
    return best


@dataclass(frozen=True, slots=True)
class _Sized:
    """What was coded at the size of a header step."""

    coded: Coded
    step: int

    @property
    def chosen(self) -> ChosenBase:
        return ChosenBase(self.coded.base, self.step)


@dataclass(frozen=True, slots=True)
class _Search:
    """Bases of one picture in frames of at most `room` bytes. `is_exact`: candidates are as large as they may be, since
    they are judged as they are; else about as large, and their errors are set right. `made`: the picture in
    the sizes that were asked for, by their steps.
    """

    image_HWC: Pixels
    size: Size
    room: int
    is_exact: bool
    made: dict[int, Pixels] = field(default_factory=dict)

    def of(self, image_HWC: Pixels) -> _Search:
        """The same in another size of the same picture."""
        return self if image_HWC is self.image_HWC else replace(self, image_HWC=image_HWC, made={})

    def shrunk(self) -> _Search:
        """Of a large picture in few bytes: at a size that still has four times the sides of what is coded. What a base
        lacks is lost there alike, and 12 megapixels take a second in place of three.
        """
        coded = working_size(FileHeader(self.size, step_for_base(self.size, self.room + HEAD_BYTES)))
        num_pixels = self.size.width_px * self.size.height_px
        factor = math.sqrt(max(16 * coded.width_px * coded.height_px, _LARGE_PX) / num_pixels)
        if factor > 0.7:
            return self
        smaller = Size(round(self.size.width_px * factor), round(self.size.height_px * factor))
        return self.of(resized(self.image_HWC, smaller))

    def first(self) -> _Sized:
        """In the curve's size, or the next smaller one of which something fits."""
        best = self.at(step_for_base(self.size, self.room + HEAD_BYTES), _FIRST_GUESS)
        step = best.step
        while best.coded.is_too_much and step < LAST_STEP and working_size(FileHeader(self.size, step)) != Size(1, 1):
            step += 1
            best = min(best, self.at(step, Fineness(COARSEST)), key=lambda sized: sized.coded.excess)
        return best

    def compared(self) -> _Sized | None:
        """In the curve's size or one of its neighbours, whichever is the nearest; None: they are too large to be
        compared, or nothing fits.
        """
        first = step_for_base(self.size, self.room + HEAD_BYTES)
        steps = [first + offset for offset in _OFFSETS if 0 <= first + offset <= LAST_STEP]
        sizes = {step: working_size(FileHeader(self.size, step)) for step in steps if can_be_coded(self.size, step)}
        largest = max((size.width_px * size.height_px for size in sizes.values()), default=0)
        if largest > _MOST_COMPARED_PX:
            return None
        looks = best_looking({step: self._small(step) for step in sizes}, self.room, count=2)
        found = [_Sized(self._filler(look.step, self._search_speed).about(look.fineness), look.step) for look in looks]
        fitting = [sized for sized in found if not sized.coded.is_too_much]
        return min(fitting, key=lambda sized: self.error(sized, BasePainter()), default=None)

    def error(self, sized: _Sized, painter: Painter, judge: Judge | None = None) -> float:
        """How far a candidate is from the original, enlarged or painted; set right for the bytes that it is off by."""
        if sized.coded.is_too_much:
            return math.inf
        looked_at = Size(self.image_HWC.shape[1], self.image_HWC.shape[0])
        painted_HWC = painter.render(Scene(self.size, base=sized.coded.base), size=looked_at)
        found = (judge or squared_error)(self.image_HWC, painted_HWC)
        return found if self.is_exact else found * math.exp(ERROR_SLOPE * sized.coded.excess)

    def at(self, step: int, guess: Fineness) -> _Sized:
        """In the size of a header step, or the next that can be coded, quickly."""
        while not can_be_coded(self.size, step):
            step += 1
        filler = self._filler(step, self._search_speed)
        return _Sized(filler.full(guess) if self.is_exact else filler.about(guess), step)

    def beside(self, first: _Sized, offsets: Sequence[int]) -> Iterator[_Sized]:
        """What other sizes give, one after the other."""
        for offset in offsets:
            step = first.step + offset
            if 0 <= step <= LAST_STEP and can_be_coded(self.size, step):
                quantiser = first.coded.fineness.quantiser - _QUANTISERS_A_STEP * offset
                yield self.at(step, Fineness(min(max(quantiser, 0), COARSEST)))

    def refined(self, found: _Sized, effort: int) -> ChosenBase:
        """The same size, filled at the speed that the effort affords, or as quickly, where that fits no more."""
        change = 2 if effort < NEIGHBOURS_FROM_EFFORT else -1 if effort >= SLOWER_FROM_EFFORT else 0
        slower = _SLOWER.get(self._search_speed, 0.0)
        guess = found.coded.fineness.moved(AIM - found.coded.excess - slower)
        speed = min(_speed(found.coded.base.coded, SPEEDS) + change, FASTEST)
        num_pixels = found.coded.base.coded.width_px * found.coded.base.coded.height_px
        is_lean = effort < SLOWER_FROM_EFFORT and num_pixels > _LEAN_FROM_PX
        coded = self._filler(found.step, speed, LEAN if is_lean else {}).full(guess)
        if not coded.fits:
            coded = self._filler(found.step, self._search_speed).full(found.coded.fineness)
        return ChosenBase(coded.base, found.step)

    @property
    def _search_speed(self) -> int:
        """One for all sizes: a slower one takes up to a fifth off the bytes."""
        step = step_for_base(self.size, self.room + HEAD_BYTES)
        return _speed(working_size(FileHeader(self.size, step)), SEARCH_SPEEDS)

    def _filler(self, step: int, speed: int, tools: Mapping[str, str] = MappingProxyType({})) -> Filler:
        return Filler(self._small(step), speed, self.room, tools)

    def _small(self, step: int) -> Pixels:
        """In the size of a header step."""
        if step not in self.made:
            self.made[step] = resized(self.image_HWC, working_size(FileHeader(self.size, step)))
        return self.made[step]


def _speed(coded: Size, speeds: Sequence[tuple[int, int]]) -> int:
    num_pixels = coded.width_px * coded.height_px
    return next((speed for most, speed in speeds if num_pixels <= most), FASTEST)
