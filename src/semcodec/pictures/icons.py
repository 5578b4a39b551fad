"""Sizes of the pictures that stand inside others, read from the bytes.

An icon that says 16x16 may hold a PNG of any size, which Pillow decodes as soon as the icon is opened, and a Blizzard
texture a JPEG of any size. So their sizes are known before anything of them is opened.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from semcodec.types import Size

_ICO, _CURSOR, _ICNS, _BLP = b"\0\0\1\0", b"\0\0\2\0", b"icns", b"BLP1"
_PNG, _JPEG, _JPEG_2000 = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"\xff\x4f\xff\x51"
_NO_FRAME = frozenset({0xC4, 0xC8, 0xCC})  # JPEG markers among those of frames that begin none


def sizes_inside(data: bytes) -> Iterator[Size]:
    """Of every PNG, JPEG, JPEG 2000 and bitmap inside an icon or texture; none for a file of another kind."""
    magic = data[:4]
    if magic not in (_ICO, _CURSOR, _ICNS, _BLP):
        return
    for at in _all(data, _PNG):
        yield from _size_at(">II", data, at + 16)
    for at in _all(data, _JPEG_2000):
        yield from _size_at(">II", data, at + 8)
    for at in _all(data, _JPEG):
        yield from _of_jpeg(data, at + 2)
    if magic in (_ICO, _CURSOR):
        for entry in range(6, 6 + 16 * int.from_bytes(data[4:6], "little"), 16):
            at = int.from_bytes(data[entry + 12 : entry + 16], "little")
            if data[at : at + 4] == b"\x28\0\0\0":
                yield from _size_at("<ii", data, at + 4)


def _all(data: bytes, magic: bytes) -> Iterator[int]:
    at = data.find(magic)
    while at >= 0:
        yield at
        at = data.find(magic, at + len(magic))


def _size_at(layout: str, data: bytes, at: int) -> Iterator[Size]:
    if at + 8 <= len(data):
        width_px, height_px = struct.unpack_from(layout, data, at)
        yield Size(abs(width_px), abs(height_px))


def _of_jpeg(data: bytes, at: int) -> Iterator[Size]:
    """Walks the segments up to the one that begins a frame."""
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in _NO_FRAME:
            height_px, width_px = struct.unpack_from(">HH", data, at + 5)
            yield Size(width_px, height_px)
            return
        at += 2 + max(2, int.from_bytes(data[at + 2 : at + 4], "big"))
