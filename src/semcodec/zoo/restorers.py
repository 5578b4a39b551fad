"""Finds the embedded restorer's files, and verifies them as graphs are: each has its SHA-256 in `models.json`.

A restorer is versioned apart from token families: files name none, and every file's picture goes through the one that
this build ships.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from pathlib import Path

from semcodec.errors import WeightsError
from semcodec.zoo.weights import Graphs, known_models


def restorer_name() -> str | None:
    """The restorer that this build ships; None if it ships none."""
    return next((name for name, model in known_models().items() if model.get("kind") == "restorer"), None)


def package_at(folder: Path) -> dict[str, Path]:
    """The files of a restorer that belongs to no release: nothing is verified."""
    return {path.stem: path for path in [folder / "about.json", *sorted(folder.glob("*.onnx"))]}


def find_restorer() -> Mapping[str, Path]:
    """Name without suffix -> file. Raises `WeightsError` if there is none; asking for a file that is missing, or not
    what it should be, raises it then.
    """
    name = restorer_name()
    if name is None:
        raise WeightsError("no restorer is shipped with this semcodec: pictures are shown as they were decoded")
    return Graphs(Path(str(resources.files("semcodec.zoo"))) / "weights" / name, known_models()[name]["files"])
