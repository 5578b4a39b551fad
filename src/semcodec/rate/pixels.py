"""Which pictures are sent as a small grid of colours, not as tokens, and the grid that fills a budget. No network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from semcodec.layers.pixels.fit import ChosenPixels, fit_grid
from semcodec.pictures import resized
from semcodec.types import Size

if TYPE_CHECKING:
    from semcodec.types import Pixels

# The rule, in one place: pictures with a side below this. There the working picture of the tokens is mostly padding,
# and what they say ends at 18 to 33 dB. Two Kodak pictures in twelve sizes, 32 to 1000 bytes: up to 16 pixels a grid
# was nearer by 0.6 to 60 dB; at 24 by -0.1 to 31; at 32x32 by -0.2, 1.9 and 18.6 in 32, 60 and 1000 bytes.
SHORT_SIDE_PX = 32


def are_better_sent_as_pixels(size: Size) -> bool:
    return min(size.width_px, size.height_px) < SHORT_SIDE_PX


def best_pixels(image_HWC: Pixels, max_bytes: int) -> ChosenPixels:
    """The grid that paints nearest to the picture."""
    return fit_grid(image_HWC, Size(image_HWC.shape[1], image_HWC.shape[0]), max_bytes, resized)
