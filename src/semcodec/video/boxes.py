"""Whether an MP4 has its index: without the box `moov`, which most cameras write last, nothing of it can be read."""

from __future__ import annotations

import os
from typing import BinaryIO

_HEAD_BYTES, _LONG_BYTES = 8, 16
_MOST_BOXES = 4096  # fragments are two boxes each; the index stands before them


def lacks_index(file: BinaryIO) -> bool:
    """Whether it begins as an MP4 does (ISO/IEC 14496-12) and ends without an index; read from its start."""
    end, at = file.seek(0, os.SEEK_END), 0
    for number in range(_MOST_BOXES):
        file.seek(at)
        head = file.read(_LONG_BYTES)
        size, kind = int.from_bytes(head[:4], "big"), head[4:_HEAD_BYTES]
        if number == 0 and kind != b"ftyp":
            return False
        if kind == b"moov":
            return False
        if size == 1:
            size = int.from_bytes(head[_HEAD_BYTES:], "big")
        at += size
        if size < _HEAD_BYTES or at >= end:
            return True
    return False
