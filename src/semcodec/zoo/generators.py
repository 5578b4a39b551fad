"""Finds the embedded generator's files, and verifies them as graphs are: each has its SHA-256 in `models.json`."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from pathlib import Path

from semcodec.errors import WeightsError
from semcodec.zoo.weights import Graphs, known_models

ABOUT, WORDS = "about", "words"


def generator_name() -> str | None:
    """The generator that this build ships; None if it ships none."""
    return next((name for name, model in known_models().items() if model.get("kind") == "generator"), None)


def package_at(folder: Path) -> dict[str, Path]:
    """The files of a generator that belongs to no release: nothing is verified."""
    return {path.stem: path for path in [folder / f"{ABOUT}.json", *sorted(folder.glob("*.onnx"))]}


def package_of(reference: str) -> Mapping[str, Path] | None:
    """The files of the generator that is meant: the embedded one by its name, another one by its folder; else None."""
    if reference == generator_name():
        return find_generator()
    folder = Path(reference).expanduser()
    is_one = (folder / f"{ABOUT}.json").is_file() and (folder / f"{WORDS}.onnx").is_file()
    return package_at(folder) if is_one else None


def find_generator() -> Mapping[str, Path]:
    """Name without suffix -> file. Raises `WeightsError` if there is none; asking for a file that is missing, or not
    what it should be, raises it then: what a file does not need is not read.
    """
    name = generator_name()
    if name is None:
        raise WeightsError("no generator is shipped with this semcodec: what was not sent cannot be invented")
    return Graphs(Path(str(resources.files("semcodec.zoo"))) / "weights" / name, known_models()[name]["files"])
