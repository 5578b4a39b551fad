"""What strangers may ask of a listener: how many pictures, how many bytes, how often a new one."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from semcodec.limits import Limits


@dataclass(frozen=True, slots=True)
class Intake:
    """The limits of a listener. What they leave out is counted, and said.

    `max_in_flight`: pictures that are not whole yet; the one that was not heard of for the longest goes first.
    `max_picture_bytes`, `max_packets`: of one picture.
    `max_bytes`: of the folder. Pictures in flight go first, those before others that were not heard for the longest;
        whole ones stay, and nothing new is taken where they alone fill it.
    `max_new_a_minute`: pictures that begin.
    `max_undecoded`: datagrams that could not be decoded; the oldest go first.
    `limits`: of the pictures themselves. A picture on the air has few bytes, and may claim any size in pixels.
    """

    max_in_flight: int = 64
    max_picture_bytes: int = 1 << 16
    max_packets: int = 1024
    max_bytes: int = 1 << 30
    max_new_a_minute: int = 20
    max_undecoded: int = 1000
    limits: Limits = Limits(max_pixels=16_000_000)


class Beginnings:
    """Counts what began within the last minute."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._at: deque[float] = deque()

    def allow(self, now: float) -> bool:
        """Whether one more may begin now; it is counted if so."""
        while self._at and self._at[0] + 60 <= now:
            self._at.popleft()
        if len(self._at) >= self._most:
            return False
        self._at.append(now)
        return True
