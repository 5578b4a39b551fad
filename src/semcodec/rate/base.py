"""Chooses the coded size and the AV1 quality of a base picture that fill a budget.

A curve says how far a picture is shrunk for n bytes (`base_curves`); at each size the finest quantiser that fits
is looked for. From effort 4 on neighbouring sizes are tried as well, as long as the enlarged picture gets nearer to the
original. Measured behind the restorer, 8 Kodak pictures at 340 to 6,000 bytes: of what the best of 4 to 6 sizes gains
over the curve's in the mean of LPIPS and two networks' distances (1 %), this finds two thirds; the restored picture's
own error finds no more. From effort 7 on more sizes are tried, painted by the painter that is given.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from semcodec.container.header import LAST_STEP, working_size
from semcodec.layers.base.check import HEAD_BYTES
from semcodec.painters.base import BasePainter
from semcodec.pictures import encoded_base, resized
from semcodec.rate.base_curves import can_be_coded, step_for_base
from semcodec.rate.budget import STEPS_BY_EFFORT
from semcodec.types import BasePicture, FileHeader, Scene, Size

if TYPE_CHECKING:
    from semcodec.contracts import Painter
    from semcodec.types import Pixels

# Of the original and what a candidate is painted as; the least is kept.
Judge = Callable[["Pixels", "Pixels"], float]

COARSEST = 63  # quantisers of libavif: 0 is the finest
ENOUGH = 0.95  # of the budget
# libaom's options are Pillow's own (tune iq). Behind the restorer, which learnt from such, tune ssim has 0.35 dB more
# at equal bytes, but 2.5 and 3.4 % more LPIPS at 1,000 and 4,000 bytes (7 Kodak pictures).
_FIRST_GUESS = 52
_LOG_BYTES_A_QUANTISER = 0.07  # about; less for fine ones, more for the coarsest
_QUANTISERS_A_STEP = 5  # how much coarser a quantiser the next larger size needs
TOP_UP_SPEEDS = (1, 2, 3)  # beside the usual one: a few per cent more or fewer bytes at the same quantiser
# libaom's speed for n coded pixels at effort 4 to 6. Speed 4 instead of 6 takes 2.3 % off LPIPS and 1.9 % off an
# untrained network's distance at 1,000 bytes, 1 and 2 % at 4,000 (8 Kodak pictures, restored), in three times the time:
# so sizes are compared at the second speed, and the one that is kept is coded again.
SPEEDS = ((1 << 17, 4), (1 << 18, 5), (1 << 20, 6), (1 << 22, 8))
SEARCH_SPEEDS = ((1 << 15, 4), (1 << 16, 6), (1 << 20, 7), (1 << 22, 8))
LARGE_SPEED = 9
NEIGHBOURS_FROM_EFFORT, SLOWER_FROM_EFFORT = 4, 7


@dataclass(frozen=True, slots=True)
class ChosenBase:
    """A base picture, and the header step that its size is. `quantiser`: the finest that fits."""

    base: BasePicture
    step: int
    quantiser: int

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
    search = _Search(image_HWC, size, max_bytes)
    step = step_for_base(size, max_bytes)
    best = search.at(step)
    while best.num_bytes > max_bytes and step < LAST_STEP and working_size(FileHeader(size, step)) != Size(1, 1):
        step += 1
        best = min(best, search.at(step, COARSEST), key=lambda chosen: chosen.num_bytes)
    if best.num_bytes > max_bytes:
        return best
    paints = painter if painter is not None and effort in STEPS_BY_EFFORT else BasePainter()

    def error(chosen: ChosenBase) -> float:
        if chosen.num_bytes > max_bytes:
            return math.inf
        return (judge or squared_error)(image_HWC, paints.render(Scene(size, base=chosen.base), size=size))

    if effort in STEPS_BY_EFFORT:
        best = min((best, *search.beside(best, STEPS_BY_EFFORT[effort])), key=error)
    elif effort >= NEIGHBOURS_FROM_EFFORT:
        best = _downhill(search, best, error)
    return search.refined(best, effort)


def _downhill(search: _Search, first: ChosenBase, error: Callable[[ChosenBase], float]) -> ChosenBase:
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
class _Search:
    """Bases of one picture in at most that many bytes of payload."""

    image_HWC: Pixels
    size: Size
    max_bytes: int

    def at(self, step: int, guess: int = _FIRST_GUESS, final_speed: int | None = None) -> ChosenBase:
        """The finest quantiser that fits at one coded size; the coarsest where none does. Quickly, without
        `final_speed`.
        """
        while not can_be_coded(self.size, step):
            step += 1
        coded = working_size(FileHeader(self.size, step))
        speed = _speed(coded, SEARCH_SPEEDS) if final_speed is None else final_speed
        encoder = _Encoder(resized(self.image_HWC, coded), speed)
        quantiser = encoder.finest(self._room, min(max(guess, 0), COARSEST))
        return ChosenBase(self._topped_up(encoder, quantiser, is_final=final_speed is not None), step, quantiser)

    def beside(self, first: ChosenBase, offsets: Sequence[int]) -> Iterator[ChosenBase]:
        """What other sizes give, one after the other."""
        for offset in offsets:
            step = first.step + offset
            if 0 <= step <= LAST_STEP and can_be_coded(self.size, step):
                yield self.at(step, first.quantiser - _QUANTISERS_A_STEP * offset)

    def refined(self, found: ChosenBase, effort: int) -> ChosenBase:
        """The same size, coded at the speed that the effort affords; what was found, where that fits no more."""
        speed = _speed(found.base.coded, SPEEDS)
        if effort < NEIGHBOURS_FROM_EFFORT:
            speed = min(speed + 2, LARGE_SPEED)
        elif effort >= SLOWER_FROM_EFFORT:
            speed -= 1
        slower = self.at(found.step, found.quantiser, speed)
        return slower if slower.num_bytes <= self.max_bytes else found

    @property
    def _room(self) -> int:
        return self.max_bytes - HEAD_BYTES

    def _topped_up(self, encoder: _Encoder, quantiser: int, *, is_final: bool) -> BasePicture:
        best = encoder.at(quantiser)
        for change in TOP_UP_SPEEDS if is_final else ():
            if not quantiser or len(best.frame) >= ENOUGH * self._room or len(best.frame) > self._room:
                break
            finer = encoder.at(quantiser - 1, min(max(encoder.speed + change, 0), LARGE_SPEED))
            if len(best.frame) < len(finer.frame) <= self._room:
                best = finer
        return best


@dataclass(frozen=True, slots=True)
class _Encoder:
    """One picture at its coded size, at any quantiser. What was made is kept."""

    image_HWC: Pixels
    speed: int
    made: dict[tuple[int, int], BasePicture] = field(default_factory=dict)

    def at(self, quantiser: int, speed: int | None = None) -> BasePicture:
        speed = self.speed if speed is None else speed
        if (quantiser, speed) not in self.made:
            quality = round(100 - quantiser * 100 / COARSEST)
            self.made[quantiser, speed] = encoded_base(self.image_HWC, quality=quality, speed=speed)
        return self.made[quantiser, speed]

    def finest(self, room: int, guess: int) -> int:
        """The finest quantiser whose frame has at most that many bytes; the coarsest where none has."""
        fits, too_fine = COARSEST + 1, -1
        slope = _LOG_BYTES_A_QUANTISER
        while fits - too_fine > 1:
            excess = self._excess(guess, room)
            fits, too_fine = (guess, too_fine) if excess <= 0 else (fits, guess)
            if fits <= COARSEST and too_fine >= 0:
                slope = (self._excess(too_fine, room) - self._excess(fits, room)) / (fits - too_fine)
            jump = math.ceil(excess / slope) if slope > 0 else 0
            guess = min(max(guess + jump, too_fine + 1), fits - 1)
        return min(fits, COARSEST)

    def _excess(self, quantiser: int, room: int) -> float:
        """Logarithm of the frame's bytes over those that there are."""
        return math.log(max(len(self.at(quantiser).frame), 1) / max(room, 1))


def _speed(coded: Size, speeds: Sequence[tuple[int, int]]) -> int:
    num_pixels = coded.width_px * coded.height_px
    return next((speed for most, speed in speeds if num_pixels <= most), LARGE_SPEED)


def squared_error(image_HWC: Pixels, painted_HWC: Pixels) -> float:
    """Mean squared difference of two pictures of one size."""
    return float(np.square(image_HWC.astype(np.float32) - painted_HWC).mean())
