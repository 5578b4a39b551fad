"""A picture at one coded size as a base of nearly as many bytes as there are.

libaom's quantisers are 4 to 18 % of the bytes apart, too far to fill a budget with. Between two of them lie *ways* to
code with one: the strength of libaom's variance boost (`deltaq-strength`, 100 unless told), which gives blocks of
little contrast more or fewer bytes, and `sharpness` (7 unless told), which decides how readily small coefficients are
dropped. What each gives is known to 0.03 only, about as much as the window is wide that is to be hit: libaom's bytes
jump by that whatever is changed. So what was tried tells what else is likeliest to hit, and that is tried next. A
libaom without that boost (before 3.13) takes the option and does nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from semcodec.pictures import encoded_base

if TYPE_CHECKING:
    from semcodec.types import BasePicture, Pixels

COARSEST = 63  # libaom's quantisers: 0 is the finest
USUAL = (100, 7)  # strength and sharpness
# Of the other ways: what they give, as a logarithm of the bytes (16 training pictures, 100 to 900 bytes; +- 0.02 to
# 0.05). A sharpness of 3 would give -0.06, and more error than its bytes excuse.
WAYS = {
    USUAL: 0.0, (100, 6): -0.01, (100, 5): -0.03, (100, 4): -0.034, (125, 7): 0.049, (125, 6): 0.039, (125, 5): 0.019,
    (80, 7): -0.065, (80, 5): -0.095,
}  # fmt: skip
LEAST_SHARE = 0.953  # of the bytes that there are: enough for a file that is to use 95 % with its framing
# All sizes are logarithms of the bytes over those that there are: up to 0 it fits.
FULL, ABOUT = (math.log(LEAST_SHARE), 0.0), (-0.12, 0.12)
AIM = sum(FULL) / 2
A_QUANTISER = 0.08  # the mean of quantisers 20 to 63
_NEAR = 2  # quantisers around the likeliest
_BOLDNESS = 0.3  # of five values, the one of fewest tries on the tables of bytes of 26 training pictures
_A_WAY = 0.004  # of error in bytes: what a way has to be better than the usual one
_MOST_TRIES, _SMALL_PX, _MOST_SMALL_TRIES = 7, 1 << 15, 10  # (small pictures are coded in 10 to 20 ms)
FASTEST = 9
# What gives a few per cent more or fewer bytes at the same quantiser, at hardly another error (net 0.6 % at most): how
# much faster, and options of libaom.
_OTHERWISE: tuple[tuple[int, dict[str, str]], ...] = (
    (1, {}), (2, {}), (3, {}), (0, {"coeff-cost-upd-freq": "3"}), (0, {"mode-cost-upd-freq": "3"}),
    (0, {"enable-paeth-intra": "0"}), (0, {"enable-filter-intra": "0"}), (0, {"enable-intra-edge-filter": "0"}),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fineness:
    """What decides how many bytes libaom takes at one speed. `way`: strength and sharpness."""

    quantiser: int
    way: tuple[int, int] = USUAL

    @property
    def log_bytes(self) -> float:
        """Of what it may give, but for a number that is the picture's."""
        return WAYS[self.way] - A_QUANTISER * self.quantiser

    def moved(self, log_bytes: float) -> Fineness:
        """By about that much in the logarithm of the bytes."""
        aim = self.log_bytes + log_bytes
        others = _around(self.quantiser - log_bytes / A_QUANTISER, WAYS)
        return min(others, key=lambda one: abs(one.log_bytes - aim) + _A_WAY * (one.way != USUAL))

    def apart(self, other: Fineness) -> float:
        """How far what another one gave may mislead about this one."""
        strengths, sharpnesses = zip(self.way, other.way, strict=True)
        return (
            0.01
            + 0.06 * abs(self.quantiser - other.quantiser)
            + 0.02 * (strengths[0] != strengths[1])
            + 0.005 * abs(sharpnesses[0] - sharpnesses[1])
        )


def _around(quantiser: float, ways: Iterable[tuple[int, int]]) -> list[Fineness]:
    middle = min(max(round(quantiser), 0), COARSEST)
    quantisers = range(max(middle - _NEAR, 0), min(middle + _NEAR, COARSEST) + 1)
    return [Fineness(quantiser, way) for quantiser in quantisers for way in ways]


@dataclass(frozen=True, slots=True)
class Coded:
    """A base, and the logarithm of its bytes over those that there are."""

    base: BasePicture
    fineness: Fineness
    excess: float

    @property
    def is_too_much(self) -> bool:
        """Whether it has more bytes, and nothing coarser comes near."""
        return self.excess > ABOUT[1] or (not self.fits and self.fineness.quantiser == COARSEST)

    @property
    def fits(self) -> bool:
        return self.excess <= 0


@dataclass(frozen=True, slots=True)
class Filler:
    """A picture at its coded size, libaom's speed, the bytes that its frame may have, and options of libaom. What was
    coded is kept.
    """

    image_HWC: Pixels
    speed: int
    room: int
    tools: Mapping[str, str] = field(default_factory=dict)
    made: dict[Fineness, Coded] = field(default_factory=dict)

    def about(self, guess: Fineness) -> Coded:
        """One of about as many bytes, more or fewer, by its quantiser alone; the coarsest where that has more."""
        return min(self._tried(guess, ABOUT, (USUAL,)), key=lambda coded: abs(coded.excess))

    def full(self, guess: Fineness) -> Coded:
        """The one that leaves the fewest bytes; the smallest that was found where none fits."""
        tried = self._tried(guess, FULL, WAYS)
        best = _fullest(tried)
        if not best.fits or best.excess >= FULL[0] or not best.fineness.quantiser:
            return best
        # Bytes jump where a picture has few blocks: the one that is a little too large, made otherwise.
        missed = min((one for one in tried if not one.fits), key=lambda one: one.excess, default=best).fineness
        for change, tools in _OTHERWISE:
            best = _fullest([best, self._coded(missed, min(self.speed + change, FASTEST), tools)])
            if best.excess >= FULL[0]:
                break
        return best

    def _tried(self, guess: Fineness, wanted: tuple[float, float], ways: Iterable[tuple[int, int]]) -> list[Coded]:
        """Finenesses on the way to the wanted number of bytes, the last of them there, where one is."""
        num_tries = _MOST_TRIES if self.image_HWC.shape[0] * self.image_HWC.shape[1] > _SMALL_PX else _MOST_SMALL_TRIES
        next_one: Fineness | None = guess
        while next_one is not None and num_tries:
            coded = self.made[next_one] = self._coded(next_one, self.speed)
            if wanted[0] <= coded.excess <= wanted[1]:
                break
            next_one, num_tries = self._next(sum(wanted) / 2, ways), num_tries - 1
        return list(self.made.values())

    def _next(self, aim: float, ways: Iterable[tuple[int, int]]) -> Fineness | None:
        """The next to try; None: there is nothing left that would come nearer."""
        nearest = min(self.made.values(), key=lambda one: abs(one.excess - aim))
        if nearest.fineness.quantiser == 0 and nearest.excess < aim:
            return None
        others = _around(nearest.fineness.quantiser - (aim - nearest.excess) / self._slope, ways)
        left = [one for one in others if one not in self.made]
        return min(left, key=lambda one: self._thought_off(one, aim)) if left else None

    @property
    def _slope(self) -> float:
        """What a quantiser gives, by the two that lie farthest apart."""
        made = sorted((one.fineness.quantiser, one.excess) for one in self.made.values())
        apart = made[-1][0] - made[0][0]
        return min(max((made[0][1] - made[-1][1]) / apart, 0.04), 0.2) if apart > 1 else A_QUANTISER

    def _thought_off(self, fineness: Fineness, aim: float) -> float:
        """How far from the aim it will be, by all that was tried (the nearer, the more it counts), and how unsure that
        is.
        """
        told = [(fineness.apart(one.fineness), one) for one in self.made.values()]
        weights = [apart**-2 for apart, _ in told]
        logs = [one.excess + fineness.log_bytes - one.fineness.log_bytes for _, one in told]
        thought = sum(weight * log for weight, log in zip(weights, logs, strict=True)) / sum(weights)
        return abs(thought - aim) + _BOLDNESS * min(apart for apart, _ in told)

    def _coded(self, fineness: Fineness, speed: int, tools: Mapping[str, str] = MappingProxyType({})) -> Coded:
        options = {"cq-level": str(fineness.quantiser), **self.tools, **tools}
        for name, value, usual in zip(("deltaq-strength", "sharpness"), fineness.way, USUAL, strict=True):
            if value != usual:
                options[name] = str(value)
        # (the quantiser says it all: what quantiser a quality stands for differs between versions of libavif)
        base = encoded_base(self.image_HWC, quality=50, speed=speed, advanced=options)
        return Coded(base, fineness, math.log(max(len(base.frame), 1) / max(self.room, 1)))


def _fullest(coded: list[Coded]) -> Coded:
    fitting = [one for one in coded if one.fits]
    return max(fitting, key=lambda one: one.excess) if fitting else min(coded, key=lambda one: one.excess)
