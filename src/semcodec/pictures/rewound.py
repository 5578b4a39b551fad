"""A file that a picture was opened from, read once more: it stands afterwards where it stood."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO


@contextmanager
def rewound(file: BinaryIO | None) -> Iterator[BinaryIO | None]:
    """The file at its start; None where there is none, or it cannot be read twice."""
    if file is None or file.closed or not file.seekable():
        yield None
        return
    place = file.tell()
    try:
        file.seek(0)
        yield file
    finally:
        file.seek(place)


def all_of(file: BinaryIO | None) -> bytes | None:
    """Its bytes."""
    with rewound(file) as again:
        return None if again is None else again.read()
