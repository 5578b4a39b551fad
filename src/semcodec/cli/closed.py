"""A stdin or stdout that is not there: it says so where it is used, and nowhere else."""

from __future__ import annotations

import errno
import io
from typing import BinaryIO, NoReturn, TextIO, cast


class _Closed(io.RawIOBase):
    """A stream that is not there."""

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> NoReturn:
        raise OSError(errno.EBADF, "it is closed")

    def write(self, data: object) -> NoReturn:
        raise OSError(errno.EBADF, "it is closed")


class ClosedText(io.TextIOBase, TextIO):
    """The same for text. It keeps nothing that the interpreter would have to write at its end."""

    @property
    def buffer(self) -> BinaryIO:
        return cast("BinaryIO", _Closed())

    def write(self, text: object) -> NoReturn:
        raise OSError(errno.EBADF, "it is closed")
