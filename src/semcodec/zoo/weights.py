"""Finds a family's graphs and verifies them: every file has its SHA-256 in `models.json`.

A graph's file is read when the graph is asked for, not before: who only decodes may do without the encoder's files.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from semcodec.errors import WeightsError


@lru_cache(maxsize=1)
def known_models() -> dict[str, Any]:
    """The content of `models.json`: name -> wire_id or kind, files, licence, recipe, data, figures."""
    return json.loads((resources.files("semcodec.zoo") / "models.json").read_text("utf-8"))  # type: ignore[no-any-return]


class Graphs(Mapping[str, Path]):
    """Graph name -> file. A file is verified each time it is asked for, which is once: sessions stay open."""

    def __init__(self, folder: Path, entries: list[dict[str, Any]]) -> None:
        self._folder, self._entries = folder, {Path(entry["file"]).stem: entry for entry in entries}

    def __getitem__(self, name: str) -> Path:
        entry = self._entries[name]
        return verified(self._folder / entry["file"], entry)

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


def find_weights(family: int) -> Graphs:
    """A family's graphs. Raises `WeightsError` if it has none; asking for a graph raises it if the file is wrong."""
    for name, model in known_models().items():
        if model.get("wire_id") == family:
            return Graphs(Path(str(resources.files("semcodec.zoo"))) / "weights" / name, model["files"])
    raise WeightsError(f"no weights are shipped for token family {family}: install a semcodec that has them")


def verified(path: Path, entry: dict[str, Any]) -> Path:
    """The file, if it is the one that its entry tells. Raises `WeightsError`."""
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise WeightsError(f"{path}: cannot be read ({error.strerror}): install semcodec again") from error
    if digest != entry["sha256"]:
        raise WeightsError(f"{path}: its SHA-256 is {digest[:12]}, not {entry['sha256'][:12]}: install semcodec again")
    return path
