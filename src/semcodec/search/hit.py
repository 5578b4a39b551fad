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
