"""A file that a search has found."""

from __future__ import annotations

from dataclasses import dataclass

from semcodec.ids import Origin
from semcodec.types import Words


@dataclass(frozen=True, slots=True)
class Hit:
    """A file that was found. `score`: higher is better; comparable within one answer alone.

    `words` have no text where the file has only regions; `phrases` are those of its regions, each once.
    """

    path: str
    words: Words
    score: float
    phrases: tuple[str, ...] = ()
    phrases_origin: Origin = Origin.HUMAN

    def report(self) -> dict[str, object]:
        """All of it as numbers, strings, lists and dictionaries, for `json.dump`."""
        said = {"phrases": list(self.phrases), "origin": self.phrases_origin.name.lower()} if self.phrases else None
        return {
            "file": self.path,
            "text": self.words.text,
            "language": self.words.language,
            "origin": self.words.origin.name.lower(),
            "score": round(self.score, 6),
            "regions": said,
        }
