"""Pictures side by side in one process, each on one core: what takes their time runs outside of the interpreter's lock.

Large ones have every core, one after the other: two of 24 megapixels would need two gigabytes at once.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from semcodec.forks import Lock

LARGE_PX = 1 << 22


def num_cores() -> int:
    """That this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class LargeOnes:
    """Has large pictures wait for each other."""

    def __init__(self) -> None:
        self._lock = Lock()

    @contextmanager
    def in_turn(self, num_pixels: int) -> Iterator[bool]:
        """Whether the picture is a large one."""
        if num_pixels < LARGE_PX:
            yield False
            return
        with self._lock:
            yield True
