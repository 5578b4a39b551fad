"""The file header: 7 bytes, 9 where a side is above 16,384 pixels.

```text
 magic  C5 EC          16 bits
 version                4 bits   1
 large                  1 bit    two more bytes follow: the high 8 bits of (width - 1) and of (height - 1)
 reserved               1 bit    0
 step                   6 bits   working size = display size * 2^(-step/4)
 width - 1             14 bits   (low bits)
 height - 1            14 bits   (low bits)
```

The working size is the one that tokens are laid over; a decoder enlarges it to the display size. It is computed in
integers: `side * SCALE_Q16[step % 4] >> (16 + step // 4)`, rounded to nearest, at least 1.
"""

from __future__ import annotations

from semcodec.limits import Limits
from semcodec.types import FileHeader, Size

FIELDS = (("version", 4), ("large", 1), ("reserved", 1), ("step", 6), ("width_low", 14), ("height_low", 14))
LARGE_FIELDS = (("width_high", 8), ("height_high", 8))
LOW_SIDE = (1 << 14) - 1

LARGEST_SIDE_PX = 1 << 22
LAST_STEP = (1 << 6) - 1
SCALE_Q16 = (65536, 55109, 46341, 38968)  # 2**(16 - n/4), rounded


def working_size(header: FileHeader) -> Size:
    """The size in pixels that the tokens are laid over."""
    return Size(*(_scale_side(side, header.step) for side in (header.size.width_px, header.size.height_px)))


def _scale_side(side_px: int, step: int) -> int:
    shift = 16 + (step >> 2)
    return max(1, (side_px * SCALE_Q16[step & 3] + (1 << (shift - 1))) >> shift)


def check_size(size: Size, limits: Limits, *, offset: int | None = None) -> None:
    """Raises `LimitError` for a picture larger than allowed. `offset`: where a file says that size."""
    num_pixels, side_px = size.width_px * size.height_px, max(size.width_px, size.height_px)
    limits.ask("max_pixels", num_pixels, f"the picture of {size} has {num_pixels} pixels", offset=offset)
    limits.ask("max_side_px", side_px, f"the picture of {size} has a side of {side_px} pixels", offset=offset)
