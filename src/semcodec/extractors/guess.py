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

    def report(self) -> dict[str, object]:
        """What is said and how sure it is as numbers and strings, for `json.dump`."""
        said = self.said
        if isinstance(said, Words):
            what: dict[str, object] = {"text": said.text, "language": said.language}
        else:
            what = {"x": said.x, "y": said.y, "w": said.w, "h": said.h, "phrase": said.phrase}
        sure = {"confidence": round(self.confidence, 4), "threshold": round(self.threshold, 4), "is_sure": self.is_sure}
        return {**what, **sure}


@dataclass(frozen=True, slots=True)
class Description:
    """All that a describer was asked for and found, sure or not; None or empty where it found nothing."""

    caption: Guess | None = None
    keywords: Guess | None = None
    regions: tuple[Guess, ...] = ()

    def report(self) -> dict[str, object]:
        """All of it as numbers, strings, lists and dictionaries, for `json.dump`."""
        return {
            "caption": None if self.caption is None else self.caption.report(),
            "keywords": None if self.keywords is None else self.keywords.report(),
            "regions": [guess.report() for guess in self.regions],
        }
