"""How much may be asked for at a time: by one client, by all, and in bytes of uploads.

What is too much is refused before its body is read: 429 to the client that has asked for too much itself, 503 where all
have together; both say when to come again.
"""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from semcodec.service.options import ServiceOptions
from semcodec.service.problems import Refusal


class Gate:
    """Counts. A piece of work that was let in counts until it has ended, whether or not its client is still there."""

    def __init__(self, options: ServiceOptions) -> None:
        self._options = options
        self._works: Counter[str] = Counter()
        self._held_bytes = 0

    @property
    def num_works(self) -> int:
        return self._works.total()

    def enter(self, client: str, num_bytes: int) -> None:
        """Lets a piece of work in, whose body has at most so many bytes; `leave` must follow. Raises `Refusal`."""
        options = self._options
        if self._works[client] >= options.max_works_each:
            raise busy(429, f"you have asked for {options.max_works_each} things that are not done; wait for them")
        if self.num_works >= options.max_works or self._held_bytes + num_bytes > options.held_bytes:
            raise busy(503, "there is more to do than can be done now; come again")
        self._works[client] += 1
        self._held_bytes += num_bytes

    def leave(self, client: str, num_bytes: int) -> None:
        self._works[client] -= 1
        self._works += Counter()  # (drops clients that have nothing)
        self._held_bytes -= num_bytes


def busy(status: int, sentence: str) -> Refusal:
    return Refusal(status, sentence, headers={"Retry-After": "2"})


def client_named(address: str) -> str:
    """Whom an address belongs to: an IPv4 address, or the 64 bits of IPv6 that one subscriber has."""
    try:
        found = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


@contextmanager
def counted(counts: Counter[str], client: str) -> Iterator[int]:
    """How many a client has, this one included, as long as it lasts."""
    counts[client] += 1
    try:
        yield counts[client]
    finally:
        counts[client] -= 1
        if not counts[client]:
            del counts[client]
