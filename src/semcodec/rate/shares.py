"""What words, regions and outlines may have of a file's bytes.

Beside a picture a machine's words and regions are cheap to leave out: they get the shares of `BESIDE_A_PICTURE`. A
*scalable* file has all its layers whatever the picture loses by it, so they are kept small: on the 24 Kodak pictures
5.8 % more bytes at 1,000 than a file of the same tokens alone, and 10.6 % at 500 (benchmarks/scalable.py).
"""

from __future__ import annotations

from dataclasses import dataclass

HEAD_BYTES = 3  # of a section: what it is, what it is coded with, how long it is
LEAST_OUTLINES = 40  # bytes: of fewer nothing is recognised
MOST_OUTLINES = 400  # bytes: all that the outliner sees


@dataclass(frozen=True, slots=True)
class Shares:
    """One in so many of a file's bytes, for each. `outlines`: 0 where they have none unless they are asked for."""

    words: int = 8
    regions: int = 4
    outlines: int = 0

    def outline_bytes(self, max_bytes: int) -> int:
        """Of payload, in a file of `max_bytes`; 0 where they would have more than an eighth for the least."""
        if not self.outlines or max_bytes < 8 * LEAST_OUTLINES:
            return 0
        return min(max(max_bytes // self.outlines - HEAD_BYTES, LEAST_OUTLINES), MOST_OUTLINES)


BESIDE_A_PICTURE = Shares()
OF_PROFILE = {"scalable": Shares(words=32, regions=64, outlines=20)}
# (Of words and outlines alone, profile "structure", see `impression`.)


def bits_for(max_bytes: int, share: int) -> int:
    """What the payload of a section may have that takes its share of a file of `max_bytes`."""
    return 8 * max(0, max_bytes // share - HEAD_BYTES)
