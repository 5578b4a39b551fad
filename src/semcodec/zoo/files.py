"""Files of weights: each is verified when it is asked for, against the SHA-256 that its row in the catalogue has."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from semcodec.errors import WeightsError


class VerifiedFiles(Mapping[str, Path]):
    """File name -> file. One that is asked for is read, and verified, each time: who only decodes may do without the
    encoder's files. Raises `WeightsError` then.
    """

    def __init__(self, folder: Path, entries: Sequence[Mapping[str, Any]]) -> None:
        """Each entry names a `file` below the folder, and its `sha256`."""
        self._folder, self._entries = folder, {Path(entry["file"]).name: entry for entry in entries}

    def __getitem__(self, name: str) -> Path:
        entry = self._entries[name]
        return verified(self._folder / entry["file"], entry["sha256"])

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


def verified(path: Path, sha256: str) -> Path:
    """The file, if it is the one that is meant. Raises `WeightsError`."""
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise WeightsError(f"{path}: cannot be read ({error.strerror}): install semcodec again") from error
    if digest != sha256:
        raise WeightsError(f"{path}: its SHA-256 is {digest[:12]}, not {sha256[:12]}: install semcodec again")
    return path
