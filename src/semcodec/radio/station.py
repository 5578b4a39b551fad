"""What sending and listening have in common: datagrams come in, datagrams are due, and time passes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from semcodec.radio.pace import Pace
from semcodec.radio.transport import Datagram, Transport

LONGEST_WAIT_S = 0.5  # between two looks at whether to stop


class Station(Protocol):
    """Holds no clock and no radio: it is told both, so what takes hours on the air can be run in seconds."""

    def take(self, datagram: Datagram, now: float) -> None:
        """Something arrived."""

    def next(self, now: float) -> bytes | None:
        """What is to be sent now. It is asked again and again until the radio may send."""

    def sent(self, now: float) -> None:
        """What `next` gave last has gone out."""

    def work(self, now: float) -> bool:
        """Does what can wait until nothing arrives; whether there was anything."""

    def is_done(self, now: float) -> bool:
        """Whether nothing more will be sent or heard."""


def run(station: Station, transport: Transport, pace: Pace, *, clock: Callable[[], float] = time.monotonic) -> None:
    """Until the station is done. Raises `TransportError` where the radio is gone."""
    while not station.is_done(now := clock()):
        wait_s = LONGEST_WAIT_S
        data = station.next(now) if transport.reaches else None
        if data is not None:
            wait_s = min(wait_s, pace.free_at(len(data), now) - now)
            if wait_s <= 0:
                transport.send(data)
                pace.sent(len(data), now)
                station.sent(now)
        datagram = transport.receive(0)
        if datagram is None and wait_s > 0 and not station.work(now):
            datagram = transport.receive(wait_s)
        if datagram is not None:
            station.take(datagram, clock())
