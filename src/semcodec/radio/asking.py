"""When a listener asks for more of a picture: after a silence, less and less often, and never for ever."""

from __future__ import annotations

from random import Random

MOST_ASKED = 8  # requests of which nothing comes
JITTER = 0.5  # of the patience: several listeners do not speak at once
MORE = 1.5  # a silence before the next request is that many times as long as before the last one
GAPS = 3  # a silence is that many times as long as the longest pause between two packets of the picture


class Asking:
    """`due_at`: when to ask next; None: not at all. `times`: requests since the last packet.

    `patience_s`: the shortest silence that counts as one.
    """

    def __init__(self, patience_s: float, random: Random) -> None:
        self.due_at: float | None = None
        self.times = 0
        self._patience_s, self._random = patience_s, random
        self._last_at: float | None = None
        self._longest_gap_s = 0.0
        self._asked_at: float | None = None

    def progressed(self, now: float) -> None:
        """A new packet has arrived; more are likely to follow."""
        if self._last_at is not None and not self.times:
            self._longest_gap_s = max(self._longest_gap_s, now - self._last_at)
        self._last_at, self.times = now, 0
        self.due_at = now + self._silence_s() + self._jitter_s()

    def wait(self, now: float) -> None:
        """More may be on its way."""
        if self.due_at is None and self.times < MOST_ASKED:
            self.due_at = now + self._silence_s() + self._jitter_s()

    def soon(self, now: float) -> None:
        """As soon as others have had their chance; but not twice within a silence."""
        if self._asked_at is None or now - self._asked_at >= self._silence_s():
            self.due_at = now + self._jitter_s()
            self.times = min(self.times, MOST_ASKED - 1)

    def restart(self) -> None:
        """What is to be said now is something new."""
        self.due_at, self.times, self._asked_at = None, 0, None

    def stop(self) -> None:
        self.due_at = None

    def asked(self, now: float) -> bool:
        """A request has gone out. Whether another one will, if nothing comes of it."""
        self.times += 1
        self._asked_at = now
        self.due_at = now + self._silence_s() * MORE**self.times + self._jitter_s() if self.times < MOST_ASKED else None
        return self.due_at is not None

    def _silence_s(self) -> float:
        return max(self._patience_s, GAPS * self._longest_gap_s)

    def _jitter_s(self) -> float:
        return self._random.random() * JITTER * self._patience_s
