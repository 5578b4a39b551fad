"""Chooses the coded size and the AV1 quality of a base picture that fill a budget.

Up to effort 6 the coded size comes from a curve (`base_curves`), and the finest quantiser that fits is looked for; what
it leaves of the budget is topped up by the next finer one with a quantiser matrix, or by a neighbouring size. From 7 on
neighbouring sizes are tried as well, painted, and the one is kept that the judge finds nearest to the picture.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from semcodec.container.header import LAST_STEP, working_size
from semcodec.generators.base import BasePainter
from semcodec.layers.base.check import HEAD_BYTES
from semcodec.pictures import encoded_base, resized
from semcodec.profiles.base_curves import can_be_coded, step_for_base
from semcodec.profiles.search import STEPS_BY_EFFORT, painted_error
from semcodec.types import BasePicture, FileHeader, Scene, Size

if TYPE_CHECKING:
    from semcodec.contracts import Generator
    from semcodec.types import Pixels

# Of the original and what a candidate is painted as; the least is kept.
Judge = Callable[["Pixels", "Pixels"], float]

COARSEST = 63  # quantisers of libavif: 0 is the finest
ENOUGH = 0.95  # of the budget
TOP_UP_STEPS = (1, -1, 2)
# libaom's options. Against Pillow's own choice (tune iq), 6 Kodak pictures at equal bytes: at 340, 1,000 and 4,000
# bytes 0.4, 0.4 and 0.5 dB more at the coded size, 0.2 to 0.3 dB enlarged, in three quarters of the time.
OPTIONS = {"tune": "ssim", "enable-cdef": "1"}
_FIRST_GUESS = 52
_LOG_BYTES_A_QUANTISER = 0.07  # about; less for fine ones, more for the coarsest
_QUANTISERS_A_STEP = 5  # how much coarser a quantiser the next larger size needs
FLAT_MATRIX = 15  # of quantiser matrices: the lower, the fewer bits for fine detail (a tenth of a dB at equal bytes)
TOP_UP_MATRICES = (12, 9, 6)
# libaom's speed for so many coded pixels at effort 5: the whole search stays below a second (768x512, one core).
SPEEDS = ((1 << 16, 4), (1 << 19, 6), (1 << 22, 8))
LARGE_SPEED = 9
FASTER_BELOW_EFFORT, SLOWER_FROM_EFFORT = 4, 7


@dataclass(frozen=True, slots=True)
class ChosenBase:
    """A base picture, and the header step that its size is. `quantiser`: the finest that fits without a matrix."""

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
    painter: Generator | None = None,
    judge: Judge = painted_error,
) -> ChosenBase:
    """The base picture for at most so many bytes of payload; where none fits, the smallest that was found.

    `painter` paints the candidates that `judge` compares, from effort 7 on.

    Raises:
        MissingAvifError: Pillow has no AVIF.
    """
    size = Size(image_HWC.shape[1], image_HWC.shape[0])
    step = step_for_base(size, max_bytes)
    best = _at_step(image_HWC, step, max_bytes, effort)
    while best.num_bytes > max_bytes and step < LAST_STEP and working_size(FileHeader(size, step)) != Size(1, 1):
        step = min(step + 2, LAST_STEP)
        best = min(best, _at_step(image_HWC, step, max_bytes, effort, COARSEST), key=lambda chosen: chosen.num_bytes)
    if best.num_bytes > max_bytes:
        return best
    offsets = STEPS_BY_EFFORT.get(effort, ())
    tried = [best]
    for offset in offsets or TOP_UP_STEPS:
        if not offsets and tried[-1].num_bytes >= ENOUGH * max_bytes:
            break
        if 0 <= best.step + offset <= LAST_STEP and can_be_coded(size, best.step + offset):
            guess = best.quantiser - _QUANTISERS_A_STEP * offset
            tried.append(_at_step(image_HWC, best.step + offset, max_bytes, effort, guess))
    tried = [chosen for chosen in tried if chosen.num_bytes <= max_bytes]
    if not offsets:
        enough = [chosen for chosen in tried if chosen.num_bytes >= ENOUGH * max_bytes]
        return enough[0] if enough else max(tried, key=lambda chosen: chosen.num_bytes)
    paints = painter or BasePainter()
    return min(tried, key=lambda chosen: judge(image_HWC, paints.render(Scene(size, base=chosen.base), size=size)))


def _at_step(image_HWC: Pixels, step: int, max_bytes: int, effort: int, guess: int = _FIRST_GUESS) -> ChosenBase:
    """The finest quantiser that fits at one coded size; the coarsest where none does."""
    coded = working_size(FileHeader(Size(image_HWC.shape[1], image_HWC.shape[0]), step))
    encoder = _Encoder(resized(image_HWC, coded), _speed(coded, effort))
    room = max_bytes - HEAD_BYTES
    quantiser = encoder.finest(room, min(max(guess, 0), COARSEST))
    best = encoder.at(quantiser)
    for matrix in TOP_UP_MATRICES:
        if not quantiser or not len(best.frame) < ENOUGH * room:
            break
        finer = encoder.at(quantiser - 1, matrix)
        if len(best.frame) < len(finer.frame) <= room:
            best = finer
    return ChosenBase(best, step, quantiser)


@dataclass(frozen=True, slots=True)
class _Encoder:
    """One picture at its coded size, at any quantiser. What was made is kept."""

    image_HWC: Pixels
    speed: int
    made: dict[tuple[int, int], BasePicture] = field(default_factory=dict)

    def at(self, quantiser: int, matrix: int = FLAT_MATRIX) -> BasePicture:
        if (quantiser, matrix) not in self.made:
            quality = round(100 - quantiser * 100 / COARSEST)
            options = OPTIONS if matrix == FLAT_MATRIX else {**OPTIONS, **_with_matrix(matrix)}
            base = encoded_base(self.image_HWC, quality=quality, speed=self.speed, advanced=options)
            self.made[quantiser, matrix] = base
        return self.made[quantiser, matrix]

    def finest(self, room: int, guess: int) -> int:
        """The finest quantiser whose frame has at most so many bytes; the coarsest where none has."""
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


def _with_matrix(level: int) -> dict[str, str]:
    return {"enable-qm": "1", "qm-min": str(level), "qm-max": str(level)}


def _speed(coded: Size, effort: int) -> int:
    num_pixels = coded.width_px * coded.height_px
    speed = next((speed for most, speed in SPEEDS if num_pixels <= most), LARGE_SPEED)
    if effort < FASTER_BELOW_EFFORT:
        return min(speed + 2, LARGE_SPEED)
    return speed - 1 if effort >= SLOWER_FROM_EFFORT else speed
