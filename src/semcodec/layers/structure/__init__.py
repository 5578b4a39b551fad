"""Outlines: where a picture's things end, as tokens of their own.

```text
 model byte    number of the family in `ids.STRUCTURE_FAMILIES`
 payload       a stream as `layers/tokens/stream.py` has it, of that family's tables, laid over the canvas
```

The canvas is the shown picture, shrunk where one of its sides is above 512 pixels: outlines are as many, and cost as
much, however many pixels a picture has. The working size of the other tokens plays no part.
"""

from __future__ import annotations

from semcodec.types import Size

MAX_SIDE_PX = 512


def canvas_of(size: Size) -> Size:
    """Sides of the canvas: the longer one at most 512 pixels, the other in proportion, to nearest, at least 1."""
    longest = max(size.width_px, size.height_px)
    if longest <= MAX_SIDE_PX:
        return size
    width_px, height_px = (
        max(1, (2 * side * MAX_SIDE_PX + longest) // (2 * longest)) for side in (size.width_px, size.height_px)
    )
    return Size(width_px, height_px)
