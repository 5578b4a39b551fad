"""As many regions as a number of bits allows. Encoder only."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace

from semcodec.layers.regions.encode import by_area, pack_regions
from semcodec.limits import DEFAULT_LIMITS
from semcodec.types import Regions, Words


def within_bits(regions: Regions, words: Words | None, *, max_bits: int) -> Regions | None:
    """The largest regions, as many as cost at most `max_bits` of payload beside these words; None if not even one does.

    What the limits of a file do not allow is left out, too. Raises `CaptionError` for what cannot be stored.
    """
    items = by_area(regions.items)[: DEFAULT_LIMITS.max_regions]

    def num_bits(count: int) -> int:
        return 8 * len(pack_regions(replace(regions, items=items[:count]), words).payload)

    count = bisect_right(range(1, len(items) + 1), max_bits, key=num_bits)
    return replace(regions, items=items[:count]) if count else None
