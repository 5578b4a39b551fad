"""A count that grows on the last line of a terminal, where somebody watches."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def counting(what: str, *, quiet: bool) -> Iterator[Callable[[int], None] | None]:
    """A function to call with the count so far; None where nobody would see it. The line is gone at the end."""
    if quiet or not sys.stderr.isatty():
        yield None
        return

    def show(count: int) -> None:
        sys.stderr.write(f"\r\x1b[Ksemcodec: {count} {what}")
        sys.stderr.flush()

    try:
        yield show
    finally:
        sys.stderr.write("\r\x1b[K")
