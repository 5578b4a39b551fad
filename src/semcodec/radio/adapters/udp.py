"""UDP, as good or as bad as it is told to be: a radio for trying out, and for tests.

```text
udp://:7000                                       hears at port 7000, and answers those whom it has heard
udp://127.0.0.1:7000                              sends there, or to several: udp://127.0.0.1:7000,127.0.0.1:7001
udp://127.0.0.1:7000?loss=0.2&delay=0.1&seed=7    with losses on the way out
```
"""

from __future__ import annotations

import heapq
import socket
import time
from collections import deque
from collections.abc import Callable
from itertools import count

from semcodec.radio.adapters.address import Address
from semcodec.radio.channel import Channel, Weather
from semcodec.radio.links import link_named
from semcodec.radio.pace import Pace, airtime_on
from semcodec.radio.transport import Datagram, TransportError

MTU = 200
MOST_PEERS = 16  # that are answered: those that were heard last
_MOST_BYTES = 65_507
_OPTIONS = (
    "loss, duplicates, reordered (0 to 1), burst, delay (seconds), seed, mtu, link (whose airtime it costs), duty"
)


class UdpTransport:
    """Losses and delays befall what it sends, so each direction has its own.

    `pace`: what is sent before that allows it is lost, as firmware does it.
    """

    def __init__(
        self,
        *,
        listen: tuple[str, int] = ("", 0),
        peers: tuple[tuple[str, int], ...] = (),
        weather: Weather | None = None,
        link: str = "",
        max_bytes: int = MTU,
        pace: Pace | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        host, port = peers[0] if peers else listen
        self.name, self.link, self.max_bytes = f"udp {host}:{port}", link, max_bytes
        self.num_over_duty = 0
        self._channel, self._pace, self._clock = Channel(weather or Weather()), pace, clock
        self._to, self._heard = peers, deque[tuple[str, int]](maxlen=MOST_PEERS)
        self._on_the_way: list[tuple[float, int, bytes]] = []
        self._order = count()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self._socket.bind(listen)
        except OSError as refused:
            self._socket.close()
            raise TransportError(f"{self.name} cannot be opened: {refused.strerror or refused}") from refused

    @property
    def reaches(self) -> bool:
        return bool(self._to or self._heard)

    @property
    def port(self) -> int:
        """That it hears at."""
        return int(self._socket.getsockname()[1])

    def send(self, data: bytes) -> None:
        now = self._clock()
        if self._pace is not None:
            if self._pace.free_at(len(data), now) > now:
                self.num_over_duty += 1
                return
            self._pace.sent(len(data), now)
        for at in self._channel.arrivals(now):
            heapq.heappush(self._on_the_way, (at, next(self._order), data))
        self._deliver()

    def receive(self, timeout_s: float) -> Datagram | None:
        end = self._clock() + timeout_s
        while True:
            self._deliver()
            until = min(end, self._on_the_way[0][0]) if self._on_the_way else end
            self._socket.settimeout(max(until - self._clock(), 1e-6))
            try:
                data, peer = self._socket.recvfrom(_MOST_BYTES)
            except TimeoutError:
                if self._clock() >= end:
                    return None
                continue
            except ConnectionError:  # (some systems say so when nobody listens where something was sent)
                continue
            except OSError as gone:
                raise TransportError(f"{self.name} is gone: {gone.strerror or gone}") from gone
            if peer not in self._heard:
                self._heard.append(peer)
            return Datagram(data, peer[0])

    def close(self) -> None:
        """What is still on its way arrives at once."""
        self._deliver(everything=True)
        self._socket.close()

    def _deliver(self, *, everything: bool = False) -> None:
        while self._on_the_way and (everything or self._on_the_way[0][0] <= self._clock()):
            _, _, data = heapq.heappop(self._on_the_way)
            for host, port in dict.fromkeys((*self._to, *self._heard)):
                try:
                    self._socket.sendto(data, (host, port))
                except ConnectionError:
                    continue
                except OSError as refused:
                    why = refused.strerror or refused
                    raise TransportError(f"{self.name}: nothing can be sent to {host}:{port}: {why}") from refused


def opened(address: Address) -> UdpTransport:
    """`udp://:PORT` listens, `udp://HOST:PORT` sends there. Raises `TransportError`."""
    hosts = address.hosts(None)
    if not hosts:
        raise TransportError(f"{address.text}: name a port to hear at (udp://:7000), or a host to send to")
    peers = tuple((host, port) for host, port in hosts if host)
    own = [port for host, port in hosts if not host]
    option = address.option
    try:
        weather = Weather(
            loss=option("loss", float, 0.0),
            duplicates=option("duplicates", float, 0.0),
            reordered=option("reordered", float, 0.0),
            delay_s=option("delay", float, 0.0),
            burst=option("burst", float, 1.0),
            seed=option("seed", int, 0),
        )
        link = option("link", lambda name: link_named(name).name, "")
        max_bytes = option("mtu", int, link_named(link).payload_bytes if link else MTU)
        duty_percent = option("duty", float, 100.0)
    except ValueError as wrong:
        raise TransportError(f"{address.text}: {wrong}") from wrong
    address.done(_OPTIONS)
    pace = Pace(airtime_on(link), duty_percent=duty_percent) if duty_percent < 100 else None
    return UdpTransport(
        listen=("", own[0] if own else 0), peers=peers, weather=weather, link=link, max_bytes=max_bytes, pace=pace
    )
