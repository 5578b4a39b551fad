"""What an adapter is: datagrams out, datagrams in. Everything above it is the same for all radios."""

from __future__ import annotations

import contextlib
import queue
from dataclasses import dataclass
from typing import Protocol

from semcodec.errors import SemcodecError

MOST_WAITING = 1024  # datagrams that arrived and were not asked for yet; the oldest go first
MOST_BYTES = (1 << 16) + 1  # of one that is looked at: a byte more than a packet or a picture may have


class TransportError(SemcodecError):
    """A radio cannot be opened, or is gone."""


@dataclass(frozen=True, slots=True)
class Datagram:
    """`sender`: what the link says of who sent it ("": nothing). A stranger may have written it."""

    data: bytes
    sender: str = ""


class Transport(Protocol):
    """A radio, opened.

    Attributes:
        name: for people.
        link: of the facts that hold for it (`links.json`); "": of none, it costs no airtime.
        max_bytes: of a datagram.
        reaches: whether what is sent goes anywhere. (Where there are addresses, nobody may have been heard yet.)
    """

    name: str
    link: str
    max_bytes: int

    @property
    def reaches(self) -> bool: ...

    def send(self, data: bytes) -> None:
        """To all that listen. Raises `TransportError`."""

    def receive(self, timeout_s: float) -> Datagram | None:
        """What arrived next; None where nothing did in that many seconds. Raises `TransportError`."""

    def close(self) -> None:
        """Once."""


class Inbox:
    """Datagrams on their way from a radio's own thread to whoever asks for them. Bounded."""

    def __init__(self) -> None:
        self._waiting: queue.Queue[Datagram | TransportError] = queue.Queue(MOST_WAITING)

    def put(self, data: bytes, sender: str = "") -> None:
        self._put(Datagram(bytes(data[:MOST_BYTES]), sender))

    def fail(self, error: TransportError) -> None:
        """The next who asks gets it."""
        self._put(error)

    def get(self, timeout_s: float) -> Datagram | None:
        """Raises `TransportError`."""
        try:
            found = self._waiting.get(timeout=max(timeout_s, 0)) if timeout_s > 0 else self._waiting.get_nowait()
        except queue.Empty:
            return None
        if isinstance(found, TransportError):
            raise found
        return found

    def _put(self, item: Datagram | TransportError) -> None:
        while True:
            try:
                self._waiting.put_nowait(item)
                return
            except queue.Full:
                with contextlib.suppress(queue.Empty):
                    self._waiting.get_nowait()
