"""How much may be asked for at a time: by one client, by all, and in bytes of uploads.

What is too much is refused before its body is read: 429 to the client that has asked for too much itself, 503 where all
have together; both say when to come again.
"""

from __future__ import annotations

import ipaddress
from collections import Counter

from semcodec.service.options import ServiceOptions
from semcodec.service.problems import Refusal


class Gate:
    """Counts. What was let in counts until its `Ticket` is dropped by all who hold it."""

    def __init__(self, options: ServiceOptions) -> None:
        self._options = options
        self._works: Counter[str] = Counter()
        self._held_bytes = 0

    @property
    def num_works(self) -> int:
        return self._works.total()

    def enter(self, client: str, num_bytes: int) -> Ticket:
        """Lets a piece of work in, that holds at most so many bytes. Raises `Refusal`."""
        options = self._options
        if self._works[client] >= options.max_works_each:
            raise busy(429, f"you have asked for {options.max_works_each} things that are not done; wait for them")
        if self.num_works >= options.max_works:
            raise busy(503, _TOO_MUCH)
        self._hold(num_bytes)
        self._works[client] += 1
        return Ticket(self, client, num_bytes)

    def _hold(self, num_more: int) -> None:
        if num_more > 0 and self._held_bytes + num_more > self._options.held_bytes:
            raise busy(503, _TOO_MUCH)
        self._held_bytes += num_more

    def _leave(self, client: str, num_bytes: int) -> None:
        self._works[client] -= 1
        self._works += Counter()  # (drops clients that have nothing)
        self._held_bytes -= num_bytes


_TOO_MUCH = "there is more to do than can be done now; come again"


class Ticket:
    """Of a piece of work: held by its request until the answer is sent, and by the work until it has ended, whether or
    not its client is still there."""

    def __init__(self, gate: Gate, client: str, num_bytes: int) -> None:
        self._gate, self._client, self._num_bytes, self._num_holders = gate, client, num_bytes, 1

    def share(self) -> None:
        self._num_holders += 1

    def drop(self) -> None:
        self._num_holders -= 1
        if self._num_holders == 0:
            self._gate._leave(self._client, self._num_bytes)

    def holds(self, num_bytes: int) -> None:
        """So many bytes from now on: an answer in place of an upload. Raises `Refusal` where that is too many."""
        self._gate._hold(num_bytes - self._num_bytes)
        self._num_bytes = num_bytes


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
