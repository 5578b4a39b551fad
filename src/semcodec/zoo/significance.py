"""Finds the embedded significance head, and verifies it as graphs are: by its SHA-256 in `models.json`."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from semcodec.zoo.weights import known_models, verified


def find_significance() -> Path | None:
    """The graph; None if this build ships none. Raises `WeightsError` if it is not the file it should be."""
    for name, model in known_models().items():
        if model.get("kind") == "significance":
            (entry,) = model["files"]
            folder = Path(str(resources.files("semcodec.zoo"))) / "weights" / name
            return verified(folder / entry["file"], entry)
    return None
