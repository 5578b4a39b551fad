"""A picture at one coded size as a base of nearly as many bytes as there are.

libaom's quantisers are 4 to 18 % of the bytes apart, too far to fill a budget with. Between two of them the strength of
libaom's variance boost is moved (`deltaq-strength`, 100 unless told): 10 more are about 2.5 % more bytes, for blocks of
little contrast. A libaom without that boost (before 3.13) takes the option and does nothing; there other speeds help,
which give a few per cent more or fewer bytes at the same quantiser.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from semcodec.pictures import encoded_base

if TYPE_CHECKING:
    from semcodec.types import BasePicture, Pixels

COARSEST = 63  # libaom's quantisers: 0 is the finest
USUAL_STRENGTH, STRENGTHS = 100, (40, 200)
LEAST_SHARE = 0.953  # of the bytes that there are: enough for a file that is to use 95 % with its framing
# All sizes are logarithms of the bytes over those that there are: up to 0 it fits.
FULL, ABOUT = (math.log(LEAST_SHARE), 0.0), (-0.12, 0.12)
AIM = sum(FULL) / 2
_A_QUANTISER = 0.08  # the mean of quantisers 20 to 63
_A_STRENGTH = 0.0025
_CLOSE = 4  # strengths as near as this hardly differ
_FARTHEST = 0.2  # what no strength reaches
_REACH = 0.06  # what is left to the strength, without trying another quantiser
_MOST_TRIES, _SMALL_PX, _MOST_SMALL_TRIES = 6, 1 << 15, 10  # (small pictures are coded in 10 to 40 ms)
FASTEST = 9
_OTHER_WAYS = ((0, 5), (0, 3), (1, None), (2, None), (3, None))  # how much faster, and a sharpness (usually 7)


@dataclass(frozen=True, slots=True)
class Fineness:
    """What decides how many bytes libaom takes at one speed."""

    quantiser: int
    strength: int = USUAL_STRENGTH

    def moved(self, log_bytes: float) -> Fineness:
        """By about that much in the logarithm of the bytes."""
        quantiser = min(max(self.quantiser - round(log_bytes / _A_QUANTISER), 0), COARSEST)
        rest = log_bytes + (quantiser - self.quantiser) * _A_QUANTISER
        return Fineness(quantiser, _strength(self.strength + rest / _A_STRENGTH))


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
    """A picture at its coded size, libaom's speed, and the bytes that its frame may have. What was coded is kept."""

    image_HWC: Pixels
    speed: int
    room: int
    made: dict[Fineness, Coded] = field(default_factory=dict)

    def about(self, guess: Fineness) -> Coded:
        """One of about as many bytes, more or fewer; the coarsest where that has more."""
        return min(self._tried(guess, ABOUT), key=lambda coded: abs(coded.excess))

    def full(self, guess: Fineness) -> Coded:
        """The one that leaves the fewest bytes; the smallest that was found where none fits."""
        tried = self._tried(guess, FULL)
        best = _fullest(tried)
        if not best.fits or best.excess >= FULL[0] or not best.fineness.quantiser:
            return best
        # Bytes jump where a picture has few blocks: the one that is a little too large, made in other ways.
        missed = min((one for one in tried if not one.fits), key=lambda one: one.excess, default=best).fineness
        for change, sharpness in _OTHER_WAYS:
            other = self._coded(missed, min(self.speed + change, FASTEST), sharpness)
            best = _fullest([best, other])
            if best.excess >= FULL[0]:
                break
        return best

    def _tried(self, guess: Fineness, wanted: tuple[float, float]) -> list[Coded]:
        """Finenesses on the way to the wanted number of bytes, the last of them there, where one is."""
        num_tries = _MOST_TRIES if self.image_HWC.shape[0] * self.image_HWC.shape[1] > _SMALL_PX else _MOST_SMALL_TRIES
        next_one: Fineness | None = guess
        while next_one is not None and num_tries:
            if next_one not in self.made:
                self.made[next_one] = self._coded(next_one, self.speed)
            coded = self.made[next_one]
            if wanted[0] <= coded.excess <= wanted[1]:
                break
            next_one, num_tries = self._next(sum(wanted) / 2), num_tries - 1
        return list(self.made.values())

    def _next(self, aim: float) -> Fineness | None:
        """The next to try; None: there is nothing left that would come nearer."""
        made = self.made.values()
        below = max((one for one in made if one.excess <= aim), key=lambda one: one.excess, default=None)
        above = min((one for one in made if one.excess > aim), key=lambda one: one.excess, default=None)
        ends = sorted((one for one in (below, above) if one is not None), key=lambda one: abs(one.excess - aim))
        change, quantiser = aim - ends[0].excess, ends[0].fineness.quantiser
        if below is not None and above is not None:
            apart = below.fineness.quantiser - above.fineness.quantiser
            slope = (above.excess - below.excess) / max(apart, 1)
            finest, coarsest = above.fineness.quantiser + 1, below.fineness.quantiser - 1
        else:
            apart, slope, finest, coarsest = COARSEST, _A_QUANTISER, 0, COARSEST
        if abs(change) > _REACH and apart > 1:
            step = -round(change / slope) or (-1 if change > 0 else 1)
            found = Fineness(min(max(quantiser + step, finest), coarsest), ends[0].fineness.strength)
            if found not in self.made:
                return found
            if abs(change) > _FARTHEST:
                return None
        quantisers = dict.fromkeys((*(end.fineness.quantiser for end in ends), max(quantiser - 1, 0)))
        strengths = ((quantiser, self._strength_for(quantiser, aim)) for quantiser in quantisers)
        return next((Fineness(quantiser, strength) for quantiser, strength in strengths if strength is not None), None)

    def _strength_for(self, quantiser: int, aim: float) -> int | None:
        """What should give that many bytes at a quantiser; None where all that could has been tried."""
        made = sorted(
            (one.fineness.strength, one.excess) for one in self.made.values() if one.fineness.quantiser == quantiser
        )
        low = max((one for one in made if one[1] <= aim), default=None)
        high = min((one for one in made if one[1] > aim), default=None)
        if low is not None and high is not None:
            share = (aim - low[1]) / (high[1] - low[1])
            wanted = low[0] + round(share * (high[0] - low[0]))
            inside = range(min(low[0], high[0]) + _CLOSE, max(low[0], high[0]) - _CLOSE + 1)
            return min(max(wanted, inside.start), inside.stop - 1) if inside else None
        # Beyond all that was tried: at least twice as far from the usual strength as the last.
        nearest, excess = low or high or (USUAL_STRENGTH, 0.0)
        step = (aim - excess) / _A_STRENGTH
        step = math.copysign(max(abs(step), abs(nearest - USUAL_STRENGTH), _CLOSE), step)
        wanted = _strength(nearest + step)
        return None if wanted == nearest else wanted

    def _coded(self, fineness: Fineness, speed: int, sharpness: int | None = None) -> Coded:
        options = {"cq-level": str(fineness.quantiser)}
        if sharpness is not None:
            options["sharpness"] = str(sharpness)
        if fineness.strength != USUAL_STRENGTH:
            options["deltaq-strength"] = str(fineness.strength)
        # (the quantiser says it all: what quantiser a quality stands for differs between versions of libavif)
        base = encoded_base(self.image_HWC, quality=50, speed=speed, advanced=options)
        return Coded(base, fineness, math.log(max(len(base.frame), 1) / max(self.room, 1)))


def _fullest(coded: list[Coded]) -> Coded:
    fitting = [one for one in coded if one.fits]
    return max(fitting, key=lambda one: one.excess) if fitting else min(coded, key=lambda one: one.excess)


def _strength(wanted: float) -> int:
    return min(max(round(wanted), STRENGTHS[0]), STRENGTHS[1])
