"""Who is next of those who wait for a worker: clients take turns, each with its oldest piece of work.

So a client that asks for sixteen pictures at once does not make another one wait for all of them.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque


class Turns:
    """`num` turns that are taken and given back. For one event loop."""

    def __init__(self, num: int) -> None:
        self._num_free = num
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @property
    def num_waiting(self) -> int:
        return sum(map(len, self._waiting.values()))

    async def take(self, client: str) -> None:
        """Waits for a turn. Who stops waiting (is cancelled) takes none."""
        if self._num_free:
            self._num_free -= 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(client, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.give_back()  # (it came in the same moment)
            else:
                self._forget(client, turn)
            raise

    def give_back(self) -> None:
        """The next client's oldest piece of work has the turn, and that client the last place."""
        while self._waiting:
            client, turns = self._waiting.popitem(last=False)
            turn = turns.popleft()
            if turns:
                self._waiting[client] = turns
            if not turn.done():
                turn.set_result(None)
                return
        self._num_free += 1

    def _forget(self, client: str, turn: asyncio.Future[None]) -> None:
        turns = self._waiting.get(client, deque())
        if turn in turns:
            turns.remove(turn)
        if not turns:
            self._waiting.pop(client, None)
