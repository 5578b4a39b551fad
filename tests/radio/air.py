"""Stations on one simulated channel, in a time of its own: hours on the air take no time here."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from itertools import count

from semcodec.radio.channel import Channel, Weather
from semcodec.radio.pace import Pace
from semcodec.radio.station import Station
from semcodec.radio.transport import Datagram

STEP_S = 0.05
WORK_S = 1.0  # between two paintings


class Air:
    """All hear all others. `log` has (time, name of the station, datagram) of everything that was sent."""

    def __init__(self, weather: Weather | None = None, *, airtime_s: Callable[[int], float] = lambda _: 0.0) -> None:
        self.now = 0.0
        self.log: list[tuple[float, str, bytes]] = []
        self._weather, self._airtime_s = weather or Weather(), airtime_s
        self._stations: dict[str, tuple[Station, Pace, Channel]] = {}
        self._on_the_way: list[tuple[float, int, str, Datagram]] = []
        self._order = count()
        self._work_at = 0.0

    def clock(self) -> float:
        return self.now

    def add(self, name: str, station: Station, pace: Pace | None = None) -> None:
        seed = self._weather.seed * 1000 + len(self._stations)
        weather = Weather(
            self._weather.loss, self._weather.duplicates, self._weather.reordered, self._weather.delay_s, seed=seed
        )
        self._stations[name] = station, pace or Pace(self._airtime_s), Channel(weather)

    def remove(self, name: str) -> None:
        del self._stations[name]

    def send(self, name: str, data: bytes) -> None:
        """As a station of that name, which need not be there."""
        self.log.append((self.now, name, data))
        for other, (_, _, channel) in self._stations.items():
            if other != name:
                for at in channel.arrivals(self.now):
                    heapq.heappush(self._on_the_way, (at, next(self._order), other, Datagram(data, name)))

    def run(self, *, until: Callable[[], bool] | None = None, most_s: float = 10_000.0) -> None:
        """Until all stations are done, or what is asked for is so."""
        end = self.now + most_s
        while not (until() if until is not None else self._all_done()):
            assert self.now < end, "it does not end"
            self._step()

    def _all_done(self) -> bool:
        return all(station.is_done(self.now) for station, _, _ in self._stations.values())

    def _step(self) -> None:
        for name, (station, pace, _) in list(self._stations.items()):
            data = station.next(self.now)
            if data is not None and pace.free_at(len(data), self.now) <= self.now:
                self.send(name, data)
                pace.sent(len(data), self.now)
                station.sent(self.now)
        self.now += STEP_S
        while self._on_the_way and self._on_the_way[0][0] <= self.now:
            _, _, name, datagram = heapq.heappop(self._on_the_way)
            if name in self._stations:
                self._stations[name][0].take(datagram, self.now)
        if self.now >= self._work_at:
            self._work_at = self.now + WORK_S
            for station, _, _ in self._stations.values():
                station.work(self.now)
