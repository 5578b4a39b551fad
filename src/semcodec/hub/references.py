"""What a user types to name a foundation model: `hf:ORG/NAME`, `hf:ORG/NAME@REVISION`, or a folder."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from semcodec.errors import ModelError

PREFIX = "hf:"
_PART = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9])?"
_ON_THE_HUB = re.compile(rf"(?P<repository>(?:{_PART}/)?{_PART})(?:@(?P<revision>[A-Za-z0-9][\w./-]{{0,199}}))?")
_COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Reference:
    """Either `repository` (with the `revision` that was asked for, if one was) or `folder` is there."""

    repository: str | None = None
    revision: str | None = None
    folder: Path | None = None

    @property
    def name(self) -> str:
        """`ORG/NAME`, or the folder's own name: what may stand in a file that others read."""
        if self.repository is not None:
            return self.repository
        assert self.folder is not None
        return self.folder.resolve().name

    @property
    def is_pinned(self) -> bool:
        """The reference means the same bytes for ever."""
        return self.revision is not None and _COMMIT.fullmatch(self.revision) is not None

    def __str__(self) -> str:
        if self.repository is None:
            return str(self.folder)
        return f"{PREFIX}{self.repository}" + (f"@{self.revision}" if self.revision else "")


def parse_reference(text: str) -> Reference:
    """Raises `ModelError` for a text that is neither a reference nor a folder."""
    if text.startswith(PREFIX):
        match = _ON_THE_HUB.fullmatch(text[len(PREFIX) :])
        if match is None or ".." in text or "--" in match["repository"]:
            raise ModelError(f"{text!r} names no model: write hf:ORG/NAME or hf:ORG/NAME@REVISION, or a folder")
        return Reference(repository=match["repository"], revision=match["revision"])
    folder = Path(text).expanduser()
    if not text or not folder.is_dir():
        hint = f"; for the model of that name on the hub write hf:{text}" if _ON_THE_HUB.fullmatch(text) else ""
        raise ModelError(f"{text!r} is no folder{hint or '; write hf:ORG/NAME for a model on the hub'}")
    return Reference(folder=folder)
