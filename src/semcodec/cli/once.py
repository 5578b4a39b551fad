"""What is made when the first file needs it, and kept for all others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from semcodec.errors import SemcodecError
from semcodec.forks import Lock

T = TypeVar("T")


class Once(Generic[T]):
    """From any thread. Keeps the error too: a thousand pictures do not wait a thousand times for a dead network."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make, self._lock = make, Lock()
        self._made: T | None = None
        self._error: SemcodecError | None = None

    def get(self) -> T:
        """Raises what making it has raised."""
        with self._lock:
            if self._error is not None:
                raise self._error
            if self._made is None:
                try:
                    self._made = self._make()
                except SemcodecError as error:
                    self._error = error
                    raise
            return self._made
