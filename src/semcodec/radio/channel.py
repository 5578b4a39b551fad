"""A link that loses, delays, doubles and reorders datagrams, the same ones for the same seed."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

LATE = 4  # a datagram that is overtaken takes up to that many times the delay, and a tenth of a second


@dataclass(frozen=True, slots=True)
class Weather:
    """`loss`, `duplicates`, `reordered`: shares of the datagrams, 0 to 1. `delay_s`: of each, in seconds. `burst`: how
    many datagrams in a row a loss takes, on average (1: each is lost by itself).
    """

    loss: float = 0.0
    duplicates: float = 0.0
    reordered: float = 0.0
    delay_s: float = 0.0
    burst: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("loss", "duplicates", "reordered"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name}={getattr(self, name)} is not within 0..1")
        if self.delay_s < 0 or self.burst < 1:
            raise ValueError(f"delay={self.delay_s} is below 0, or burst={self.burst} below 1")


class Channel:
    """What becomes of the datagrams that are sent into it. Losses follow a two-state chain (Gilbert 1960)."""

    def __init__(self, weather: Weather) -> None:
        self._weather = weather
        self._random = Random(weather.seed)
        self._is_bad = False

    def arrivals(self, now: float) -> list[float]:
        """When a datagram that is sent now arrives: never, once or twice."""
        weather, chance = self._weather, self._random.random
        if self._is_lost():
            return []
        times = []
        for _ in range(2 if chance() < weather.duplicates else 1):
            late_s = chance() * (LATE * weather.delay_s + 0.1) if chance() < weather.reordered else 0.0
            times.append(now + weather.delay_s + late_s)
        return times

    def _is_lost(self) -> bool:
        loss, burst = self._weather.loss, self._weather.burst
        if burst == 1 or loss == 1:
            return self._random.random() < loss
        ends, begins = 1 / burst, loss / (1 - loss) / burst
        self._is_bad = self._random.random() >= ends if self._is_bad else self._random.random() < begins
        return self._is_bad
