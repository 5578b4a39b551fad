"""The coded words of a file on disk, and not a byte more than they need.

Read are the header, the heads of the sections up to the words, and the words. Where the words come first, as the writer
puts them, these are the first bytes of the file, whatever its size.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass

from semcodec.container import find_section
from semcodec.container.bits import ByteReader
from semcodec.errors import SemcodecError
from semcodec.ids import LayerId
from semcodec.limits import Limits
from semcodec.types import Section

# A character costs about one bit in English and 18 in Chinese. What is longer than this a character is no text.
_BYTES_A_CHAR = 16


@dataclass(frozen=True, slots=True)
class CodedWords:
    """What was read of a file. `section` None: it has no words, or, with a `problem`, they could not be reached."""

    section: Section | None
    num_bytes_read: int
    problem: str | None = None

    def sha(self) -> bytes:
        """Files with the same words coded alike share it: 16 bytes of SHA-256."""
        section = self.section
        assert section is not None
        how = (section.model, section.open_end, section.cut_short, section.sized)
        return hashlib.sha256(bytes(map(int, how)) + section.payload).digest()[:16]


def read_coded_words(path: str | bytes, limits: Limits) -> CodedWords:
    """Never raises for what is wrong with the file, or with opening it: that is the `problem`, one sentence."""
    try:
        # Without O_NONBLOCK a pipe that has taken the file's place meanwhile would be waited for without end.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except OSError as exc:
        return CodedWords(None, 0, exc.strerror or str(exc))
    reader = None
    try:
        reader = _FileReader(descriptor, limits)
        return CodedWords(find_section(reader, LayerId.TEXT, limits), reader.num_bytes_read)
    except (SemcodecError, OSError) as exc:
        problem = (exc.strerror if isinstance(exc, OSError) else None) or str(exc)
        return CodedWords(None, reader.num_bytes_read if reader else 0, problem)
    finally:
        os.close(descriptor)


class _FileReader(ByteReader):
    """Reads forward through an open file: only what is asked for, and counts it."""

    def __init__(self, descriptor: int, limits: Limits) -> None:
        super().__init__(b"")
        self._descriptor, self._limits = descriptor, limits
        self._num_bytes = os.fstat(descriptor).st_size
        self.num_bytes_read = 0

    @property
    def num_left(self) -> int:
        return self._num_bytes - self.offset

    def _chunk(self, num_bytes: int) -> bytes:
        if num_bytes > _BYTES_A_CHAR * (self._limits.max_caption_chars + 1):
            what = f"the words have {num_bytes} bytes"
            raise self._limits.refusal("max_caption_chars", what, offset=self.offset)
        os.lseek(self._descriptor, self.offset, os.SEEK_SET)
        chunk = b""
        while len(chunk) < num_bytes and (more := os.read(self._descriptor, num_bytes - len(chunk))):
            chunk += more
        if len(chunk) < num_bytes:
            raise OSError(None, "the file became shorter while it was read")
        self.num_bytes_read += num_bytes
        return chunk
