"""Finds a family's graphs and verifies them: every file has its SHA-256 in `models.json`."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from semcodec.errors import WeightsError


@lru_cache(maxsize=1)
def known_models() -> dict[str, Any]:
    """The content of `models.json`: name -> wire_id, files, licence, recipe, data, figures."""
    return json.loads((resources.files("semcodec.zoo") / "models.json").read_text("utf-8"))  # type: ignore[no-any-return]


@lru_cache(maxsize=8)
def find_weights(family: int) -> dict[str, Path]:
    """Graph name -> file, verified. Raises `WeightsError`."""
    for name, model in known_models().items():
        if model["wire_id"] == family:
            folder = Path(str(resources.files("semcodec.zoo"))) / "weights" / name
            return {Path(entry["file"]).stem: _verified(folder / entry["file"], entry) for entry in model["files"]}
    raise WeightsError(f"no weights are shipped for token family {family}: install a semcodec that has them")


def _verified(path: Path, entry: dict[str, Any]) -> Path:
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise WeightsError(f"{path}: cannot be read ({error.strerror}): install semcodec again") from error
    if digest != entry["sha256"]:
        raise WeightsError(f"{path}: its SHA-256 is {digest[:12]}, not {entry['sha256'][:12]}: install semcodec again")
    return path
