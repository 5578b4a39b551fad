"""The bytes of a file, in whichever way it is given."""

from __future__ import annotations

import os

TYPE_CHECKING = False  # type checkers take it as true; importing typing would cost `info` 3 ms
if TYPE_CHECKING:
    from typing import IO, TypeAlias

    # Its bytes, its path, or the file itself, open for reading in binary.
    FileSource: TypeAlias = bytes | os.PathLike[str] | IO[bytes]

# What to pass, to stand in errors. (A string is no path here: it might as well be meant as the bytes.)
A_FILE = "the bytes of a file, a pathlib.Path, or a file that is open in binary"


def file_bytes(source: FileSource) -> bytes:
    """Raises OSError as `open` does, and TypeError for what is no file."""
    if isinstance(source, bytes):
        return source
    if isinstance(source, bytearray | memoryview):
        return bytes(source)
    if isinstance(source, os.PathLike):
        with open(source, "rb") as file:
            return file.read()
    if not hasattr(source, "read"):
        raise TypeError(f"a {type(source).__name__} is no file; pass {A_FILE}")
    data = source.read()
    if not isinstance(data, bytes | bytearray):
        raise TypeError(f"a file that is open as text is of no use here; pass {A_FILE}")
    return bytes(data)
