"""The interval that both halves of the range coder narrow: how wide it is, and the bytes that name a point in it."""

from __future__ import annotations

FULL = 1 << 32
TOP = 1 << 24  # the range is kept at least this: 9 bits more than a frequency has


def final_point(low: int, range_: int) -> tuple[int, int]:
    """The point of [low, low + range) with the fewest leading bytes that settle it, and how many bytes these are (0
    to 4).
    """
    for num_bytes in range(4):
        cell = 1 << (32 - 8 * num_bytes)
        point = -(-low // cell) * cell
        if point + cell <= low + range_:
            return point, num_bytes
    return low, 4
