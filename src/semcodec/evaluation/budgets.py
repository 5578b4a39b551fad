"""Budgets: a number of bytes for every picture, or of bits per pixel, where pictures have many sizes.

A budget is a whole number in lines and reports: bytes, or thousandths of a bit per pixel.
"""

from __future__ import annotations

from enum import StrEnum


class Unit(StrEnum):
    BYTES = "bytes"
    MILLIBPP = "thousandths of a bit per pixel"

    def num_bytes(self, budget: int, num_pixels: int) -> int:
        """What a picture of that size may cost, rounded down."""
        return budget if self is Unit.BYTES else budget * num_pixels // 8000

    def text(self, budget: int) -> str:
        return f"{budget:,} bytes" if self is Unit.BYTES else f"{budget / 1000:g} bpp"

    def short(self, budget: int) -> str:
        return f"{budget:,} B" if self is Unit.BYTES else f"{budget / 1000:g} bpp"
