"""The coded size of a base: the one whose enlarged picture has the least squared error in the bytes that there are.

What a base lacks is what was lost when the picture was shrunk, and what AV1 loses of the small one. The two add up: of
26 training pictures at 340 to 4,000 bytes, five sizes each, the squared error of the enlarged picture is 1.03 times the
first and once the second, within 0.7 %. And the first is what the small picture has less variance than the large one
(0.95 to 0.99 times, in the middle half). So sizes are compared at their own size, by libaom's fastest speed; the two
best are coded once more, slower, and enlarged. Of five, the size that is found has 0.4 % more error than the best;
trying neighbours at the slower speed until none is better left 1.0 %, in four times the time.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from semcodec.pictures import decoded_base
from semcodec.rate.base_filling import A_QUANTISER, COARSEST, FASTEST, Filler, Fineness

if TYPE_CHECKING:
    from semcodec.types import Pixels

_FASTEST_TAKES = 1.07  # times the bytes of a slower speed at the same quantiser
_FIRST_GUESS, _QUANTISERS_A_STEP = Fineness(60), 3
_OF_VARIANCE = 0.975
# How the logarithm of the squared error falls with that of the bytes at one size: 0.25 to 0.8 (6 Kodak pictures).
ERROR_SLOPE = 0.45


@dataclass(frozen=True, slots=True)
class Look:
    """A size as the fastest speed sees it: about the quantiser that fills the bytes, and the squared error of the
    enlarged picture, less a number that all sizes have in common.
    """

    step: int
    fineness: Fineness
    error: float


def best_looking(small_by_step: dict[int, Pixels], room: int, count: int) -> Sequence[Look]:
    """The sizes of least error, the best first, of those of which something fits; at most `count`.

    `small_by_step`: the picture at each size. `room`: bytes of the frame.
    """
    looks, guess = list[Look](), _FIRST_GUESS
    for step, small_HWC in sorted(small_by_step.items()):
        coded = Filler(small_HWC, FASTEST, round(_FASTEST_TAKES * room)).about(guess)
        filling = coded.fineness.quantiser + round(coded.excess / A_QUANTISER)
        # (the next size is shrunk more, and has more bytes for each pixel)
        guess = Fineness(min(max(filling - _QUANTISERS_A_STEP, 0), COARSEST))
        if coded.is_too_much:
            guess = Fineness(COARSEST)
            continue
        lost = squared_error(small_HWC, decoded_base(coded.base)) * math.exp(ERROR_SLOPE * coded.excess)
        looks.append(Look(step, Fineness(min(max(filling, 0), COARSEST)), lost - _OF_VARIANCE * _variance(small_HWC)))
    return sorted(looks, key=lambda look: look.error)[:count]


def squared_error(image_HWC: Pixels, painted_HWC: Pixels) -> float:
    """Mean squared difference of two pictures of one size."""
    # (in integers, so that no order of adding decides between two sizes)
    differences = np.subtract(image_HWC, painted_HWC, dtype=np.int16)
    return int(np.square(differences, dtype=np.int32).sum(dtype=np.int64)) / differences.size


def _variance(image_HWC: Pixels) -> float:
    return float(image_HWC.reshape(-1, 3).var(axis=0, dtype=np.float64).mean())
