"""JPEG files whose last bytes are missing although every pixel is there.

Decoders take what is missing for zeros, and do not say how much that was. So other bytes are put in its place: where
they change no pixel, none was missing. They would not show that a whole scan is missing; the heads of the scans do.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from semcodec.pictures.quiet import open_image

if TYPE_CHECKING:
    from semcodec.types import Pixels

_END = b"\xff\xd9"
# Longer than the longest unit of a scan (10 blocks): 64 bytes were used up by blocks beyond the edge of the picture, so
# that what came behind them was zeros in each. None holds a marker.
_FILLINGS = tuple(random.Random(seed).randbytes(4096).replace(b"\xff", b"\x7f") for seed in range(4))
FRAMES = frozenset({0xC0, 0xC1, 0xC2, 0xC9, 0xCA})
SCAN, _ENDS = 0xDA, 0xD9
_NUM_COEFFICIENTS = 64
# The next marker, behind stuffed zeros and restarts.
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


def has_its_end(data: bytes) -> bool:
    """Whether the end marker is there. What stands behind it, in the file of a motion photo, is not looked at."""
    return any(marker == _ENDS for marker, _ in segments(data))


def with_its_end(data: bytes) -> bytes | None:
    """The file with an end marker, where nothing else was missing; else None. It must be one that Pillow opens."""
    # (a last FF is the first half of the marker, or of a byte FF, which has a 00 behind it)
    for told in (data.removesuffix(b"\xff"), *([data + b"\x00"] if data.endswith(b"\xff") else [])):
        if _are_all_scans_there(told) and _is_settled(told):
            return told + _END
    return None


def _is_settled(data: bytes) -> bool:
    """Whether what might follow changes no pixel."""
    pixels = _decoded(data + _END)
    return all(np.array_equal(pixels, _decoded(data + filling + _END)) for filling in _FILLINGS)


def _decoded(data: bytes) -> Pixels:
    with open_image(data) as image:
        return np.asarray(image)


def _are_all_scans_there(data: bytes) -> bool:
    """Whether each coefficient of each component was sent down to its last bit."""
    lacking: dict[int, set[int]] = {}
    for marker, body in segments(data):
        if marker in FRAMES and len(body) >= 6:
            lacking = {body[6 + 3 * n]: set(range(_NUM_COEFFICIENTS)) for n in range(body[5]) if 6 + 3 * n < len(body)}
        elif marker == SCAN and body and len(body) >= 4 + 2 * body[0]:
            first, last, bits = body[1 + 2 * body[0] : 4 + 2 * body[0]]
            for component in body[1 : 1 + 2 * body[0] : 2]:
                if not bits & 15 and component in lacking:
                    lacking[component] -= set(range(first, last + 1))
    return bool(lacking) and not any(lacking.values())


def segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Markers and what stands in their segments, up to the end marker. The data of scans are passed over."""
    at = 2
    while (found := _MARKER.search(data, at)) is not None:
        at, marker = found.end(), data[found.start() + 1]
        if marker == _ENDS:
            yield marker, b""
            return
        length = int.from_bytes(data[at : at + 2], "big")
        yield marker, data[at + 2 : at + length]
        at += length
