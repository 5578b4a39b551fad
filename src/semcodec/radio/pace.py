"""When the next datagram may go out: the share of the time that a band allows, and pauses in which others are heard."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from semcodec.radio.airtime import cost_of
from semcodec.radio.links import Modem, link_named

WINDOW_S = 3600.0  # over which a duty cycle is counted (ETSI EN 300 220)


class Pace:
    """Keeps the airtime of any hour below the duty cycle, and a pause after each datagram.

    Args:
        airtime_s: of a datagram of that many bytes, in seconds.
        duty_percent: of the time that may be sent in; 100: all of it.
        pause_s: between two datagrams.
    """

    def __init__(self, airtime_s: Callable[[int], float], *, duty_percent: float = 100.0, pause_s: float = 0.0) -> None:
        self.airtime_s = airtime_s
        self._budget_s = WINDOW_S * duty_percent / 100
        self._pause_s = pause_s
        self._sent: deque[tuple[float, float]] = deque()  # (when it began, airtime)
        self._free_at = 0.0
        self.total_s = 0.0

    def free_at(self, num_bytes: int, now: float) -> float:
        """When a datagram of that many bytes may go out: now, or later.

        One that is longer than the whole budget may go out when nothing else was sent for an hour.
        """
        self._forget(now)
        earliest = max(now, self._free_at)
        over = sum(airtime for _, airtime in self._sent) + self.airtime_s(num_bytes) - self._budget_s
        for began, airtime in self._sent:
            if over <= 0:
                break
            earliest, over = max(earliest, began + WINDOW_S), over - airtime
        return earliest

    def sent(self, num_bytes: int, now: float) -> None:
        """A datagram has gone out."""
        airtime = self.airtime_s(num_bytes)
        self._sent.append((now, airtime))
        self._free_at = now + airtime + self._pause_s
        self.total_s += airtime

    def _forget(self, now: float) -> None:
        while self._sent and self._sent[0][0] + WINDOW_S <= now:
            self._sent.popleft()


def airtime_on(link: str, modem: Modem | None = None) -> Callable[[int], float]:
    """Seconds that a datagram of so many bytes is on the air; 0 where no link is named, or one without LoRa."""
    if not link:
        return lambda num_bytes: 0.0
    found = link_named(link)
    return lambda num_bytes: cost_of([bytes(num_bytes)], found, modem=modem).airtime_s or 0.0
