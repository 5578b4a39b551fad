"""Boxes of ISO base media files: AVIF, HEIF, JPEG 2000. Walked by their lengths; what makes no sense ends the walk."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

# A box of more bytes is none of those that are asked for here, and no sane file has more boxes.
MOST_BYTES = 1 << 24
MOST_PARTS = 10_000


def boxes_in(data: bytes, at: int = 0) -> Iterator[tuple[bytes, bytes]]:
    """Kinds and bodies of the boxes in the body of another, or in a file."""
    for _ in range(MOST_PARTS):
        if at + 8 > len(data):
            return
        length, kind = struct.unpack_from(">I4s", data, at)
        head = 8
        if length == 1 and at + 16 <= len(data):
            length, head = struct.unpack_from(">Q", data, at + 8)[0], 16
        end = at + length if length else len(data)
        if length and length < head:
            return
        yield kind, data[at + head : end]
        at = end


def first_box(boxes: Iterator[tuple[bytes, bytes]], wanted: bytes) -> bytes:
    """The body of the first box of this kind; empty where there is none."""
    return next((body for kind, body in boxes if kind == wanted), b"")


def top_box(file: BinaryIO, wanted: bytes) -> bytes | None:
    """The body of a box of the file itself, of which nothing else is read."""
    file.seek(0)
    for _ in range(MOST_PARTS):
        start, head = file.tell(), file.read(16)
        if len(head) < 8:
            return None
        length, kind = struct.unpack_from(">I4s", head)
        size = 8
        if length == 1 and len(head) == 16:
            length, size = struct.unpack_from(">Q", head, 8)[0], 16
        if kind == wanted:
            file.seek(start + size)
            return file.read(min(length - size, MOST_BYTES) if length else MOST_BYTES)
        if length < size or length > 1 << 62:
            return None
        file.seek(start + length)
    return None
