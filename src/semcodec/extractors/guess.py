"""What a machine believes to see, and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass

from semcodec.types import Region, Words


@dataclass(frozen=True, slots=True)
class Guess:
    """Something said of a picture, and how often (0..1) it is right where the machine is so sure.

    Below `threshold` it is kept out of files: wrong words are worse than none.
    """

    said: Words | Region
    confidence: float
    threshold: float = 0.0

    @property
    def is_sure(self) -> bool:
        return 0 < self.confidence >= self.threshold


@dataclass(frozen=True, slots=True)
class Description:
    """All that a describer was asked for and found, sure or not; None or empty where it found nothing."""

    caption: Guess | None = None
    keywords: Guess | None = None
    regions: tuple[Guess, ...] = ()
