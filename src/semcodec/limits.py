"""What a stranger's file may ask for. Asked before anything is allocated; every door takes `limits=Limits(...)`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The defaults hold a 100-megapixel picture; raise them for files that you trust."""

    max_pixels: int = 120_000_000
    max_side_px: int = 1 << 20
    max_caption_chars: int = 2000
    max_sections: int = 64


DEFAULT_LIMITS = Limits()
