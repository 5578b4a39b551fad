"""Tokens or a base picture for packets of which some are lost: by the expected distance, from measured curves.

A base shows when it is whole; tokens show something as soon as the first packet is there. With repair packets either is
whole when as many packets have arrived as there are without them. `loss_curves.json` is made by `benchmarks/links.py`.
"""

from __future__ import annotations

import json
import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Any

from semcodec.types import Size

MEASURED_PIXELS = 768 * 512
MAX_WEIGHED_PACKETS = 256  # a block of repair packets: more would not make up for each other


@dataclass(frozen=True, slots=True)
class Expectation:
    """Means over receivers: the distance from the original (of the benchmark's second network), and the share of them
    that sees a picture at all.
    """

    distance: float
    sees: float


@dataclass(frozen=True, slots=True)
class Plan:
    """What is sent: `num_packets` with a picture, `num_copies` more of the first of them, `num_repair` repair packets.
    `loss` is the probability (0 to 1) that a packet does not arrive, whatever becomes of the others.
    """

    num_packets: int
    loss: float = 0.0
    num_copies: int = 0
    num_repair: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.loss <= 1:
            raise ValueError(f"a loss of {self.loss:g} is not within 0..1")
        if self.num_packets < 1:
            raise ValueError(f"{self.num_packets} packets hold no picture")
        if min(self.num_copies, self.num_repair) < 0:
            raise ValueError("there are no fewer than 0 copies or repair packets")


def expectations(size: Size, num_bytes: int, plan: Plan) -> dict[str, Expectation]:
    """Of "tokens" and of a "base" for a picture of that size in that many bytes of packets.

    A larger picture than the measured ones is seen as large as they are: on two Kodak pictures, enlarged four times,
    890 bytes were as near as on the pictures themselves (tokens 0.87 and 0.78 in the mean, a base 0.77 and 0.75).
    """
    row = _row(8 * num_bytes / min(size.width_px * size.height_px, MEASURED_PIXELS))
    nothing = float(_curves()["nothing"])
    found = {"tokens": [0.0, 0.0], "base": [0.0, 0.0]}
    for chance, first_is_there, num_there, is_whole in _fates(plan):
        share = 1.0 if is_whole else num_there / plan.num_packets
        shown = {
            "tokens": _at(_curves()["shares"], row["tokens"], share) if is_whole or first_is_there else None,
            "base": row["base"] if is_whole else None,
        }
        for kind, distance in shown.items():
            found[kind][0] += chance * (nothing if distance is None else distance)
            found[kind][1] += chance * (distance is not None)
    return {kind: Expectation(distance, sees) for kind, (distance, sees) in found.items()}


def best_repair(size: Size, mtu: int, num_sent: int, loss: float) -> int:
    """How many of `num_sent` packets of that many bytes had best be repair packets: the number with which the nearer of
    tokens and base is nearest in the mean. Raises ValueError for more than 256 packets.
    """
    if not 1 <= num_sent <= MAX_WEIGHED_PACKETS:
        raise ValueError(f"repair packets are weighed for 1 to {MAX_WEIGHED_PACKETS} packets, not for {num_sent}")

    def distance(num_repair: int) -> float:
        plan = Plan(num_sent - num_repair, loss, num_repair=num_repair)
        expected = expectations(size, mtu * plan.num_packets, plan)
        return min(expectation.distance for expectation in expected.values())

    return min(range(num_sent), key=distance)


def nearer_of(expected: dict[str, Expectation]) -> str:
    """ "tokens" or "base": which is nearer to the original in the mean."""
    return min(expected, key=lambda kind: expected[kind].distance)


def _fates(plan: Plan) -> Iterator[tuple[float, bool, int, bool]]:
    """(probability, is the first packet there, how many with a picture are, is the picture whole)."""
    there, first_lost = 1 - plan.loss, plan.loss ** (1 + plan.num_copies)
    repair = [_binomial(plan.num_repair, count, there) for count in range(plan.num_repair + 1)]
    at_least = list(accumulate(reversed(repair)))[::-1]  # the probability that as many or more are there
    for others in range(plan.num_packets):
        chance_others = _binomial(plan.num_packets - 1, others, there)
        for first, chance_first in ((1, 1 - first_lost), (0, first_lost)):
            lacks = plan.num_packets - first - others
            mended = at_least[lacks] if lacks <= plan.num_repair else 0.0
            yield chance_first * chance_others * mended, bool(first), first + others, True
            yield chance_first * chance_others * (1 - mended), bool(first), first + others, False


def _binomial(count: int, wanted: int, chance: float) -> float:
    """The probability of that many of `count`; by logarithms, for thousands have more ways than a float holds."""
    if chance in (0.0, 1.0):
        return float(wanted == (count if chance else 0))
    ways = math.lgamma(count + 1) - math.lgamma(wanted + 1) - math.lgamma(count - wanted + 1)
    return math.exp(ways + wanted * math.log(chance) + (count - wanted) * math.log(1 - chance))


def _row(bpp: float) -> dict[str, Any]:
    """The curves at that many bits per pixel: straight lines over its logarithm, beyond the ends the nearest row."""
    rows = _curves()["rows"]
    at = [math.log(row["bpp"]) for row in rows]
    where = math.log(max(bpp, 1e-9))
    columns = zip(*(row["tokens"] for row in rows), strict=True)
    return {
        "base": _at(at, [row["base"] for row in rows], where),
        "tokens": [_at(at, column, where) for column in columns],
    }


def _at(places: Sequence[float], values: Sequence[float], where: float) -> float:
    after = bisect_left(places, where)
    if after in (0, len(places)):
        return values[min(after, len(places) - 1)]
    low, high = places[after - 1], places[after]
    return values[after - 1] + (where - low) / (high - low) * (values[after] - values[after - 1])


@lru_cache(maxsize=1)
def _curves() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(__file__).with_name("loss_curves.json").read_text("utf-8"))
    return found
