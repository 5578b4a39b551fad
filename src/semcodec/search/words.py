"""The coded words, regions and vector of a file on disk, and hardly a byte more than they need.

Read are the header, the heads of the sections up to the words, the words, and the head behind them: if it is that of
regions or of a vector, these too, and so on. Where the words come first, as the writer puts them, these are the first
bytes of the file, whatever its size.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass

from semcodec.container.decode import ByteReader, find_sections
from semcodec.errors import LimitError, SemcodecError
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
    regions: Section | None = None
    vector: Section | None = None

    def sha(self) -> bytes | None:
        """Files with the same words and regions coded alike share it: 16 bytes of SHA-256. None: there are neither."""
        if self.section is None and self.regions is None:
            return None
        parts = b"".join(map(_identity, (self.section, self.regions) if self.regions else (self.section,)))
        return hashlib.sha256(parts).digest()[:16]


def _identity(section: Section | None) -> bytes:
    if section is None:
        return b""
    how = (section.model, section.open_end, section.cut_short, section.sized)
    head = b"" if section.layer == LayerId.TEXT else bytes((0, section.layer)) + len(section.payload).to_bytes(4, "big")
    return head + bytes(map(int, how)) + section.payload


def read_coded_words(path: str | bytes, limits: Limits) -> CodedWords:
    """Never raises for what is wrong with the file, or with opening it: that is the `problem`, one sentence."""
    try:
        # Without O_NONBLOCK a pipe that has taken the file's place meanwhile would be waited for without end.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except OSError as exc:
        return CodedWords(None, 0, exc.strerror or str(exc))
    try:
        return _coded(lambda: _FileReader(descriptor, limits), limits)
    finally:
        os.close(descriptor)


def coded_words_of(data: bytes, limits: Limits) -> CodedWords:
    """The same of a file's bytes."""
    return _coded(lambda: ByteReader(data), limits)


def _coded(opened: Callable[[], ByteReader], limits: Limits) -> CodedWords:
    reader = None
    try:
        reader = opened()
        try:
            found = find_sections(reader, (LayerId.TEXT, LayerId.REGIONS, LayerId.VECTOR), limits)
        except LimitError:  # (what is too long for a vector costs no words)
            reader = opened()
            found = find_sections(reader, (LayerId.TEXT, LayerId.REGIONS), limits)
        text, regions, vector = map(found.get, (LayerId.TEXT, LayerId.REGIONS, LayerId.VECTOR))
        return CodedWords(text, _num_read(reader), None, regions, vector)
    except (SemcodecError, OSError) as exc:
        problem = (exc.strerror if isinstance(exc, OSError) else None) or str(exc)
        return CodedWords(None, _num_read(reader), problem)


def _num_read(reader: ByteReader | None) -> int:
    return reader.num_bytes_read if isinstance(reader, _FileReader) else 0


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
