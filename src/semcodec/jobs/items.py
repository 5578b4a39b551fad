"""What goes in and comes out of jobs: an input with its bytes, and a row of facts about what became of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

Row = dict[str, Any]
NOT_MADE = "was not made: "  # begins the problem of an input that is a row of results with an error


@dataclass(frozen=True, slots=True)
class Item:
    """One input. `name` is unique within a source. `data` None: it could not be read, `problem` says why.

    `caption`: words that came beside it.
    """

    name: str
    data: bytes | None = None
    problem: str | None = None
    caption: str | None = None

    @property
    def sha256(self) -> str | None:
        """Of the bytes, in hex: what it is known by."""
        return None if self.data is None else hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True, slots=True)
class Failure:
    """An input that has an error in place of a result."""

    name: str
    kind: str
    error: str
