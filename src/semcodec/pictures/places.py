"""Places in a picture, in fractions of its sides, to the 64ths that a file keeps."""

from __future__ import annotations

from semcodec.types import Region

_CELLS = 64


def region_within(left: float, top: float, right: float, bottom: float, phrase: str) -> Region:
    """The region whose edges, fractions of the picture's sides, are nearest to these: inside, and never empty."""
    (x, w), (y, h) = _side(left, right), _side(top, bottom)
    return Region(x, y, w, h, phrase)


def _side(begin: float, end: float) -> tuple[int, int]:
    first = min(max(round(_CELLS * begin), 0), _CELLS - 1)
    behind = min(max(round(_CELLS * end), first + 1), _CELLS)
    return first, behind - first - 1
