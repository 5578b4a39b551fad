"""Finds the embedded describer's files, and verifies them as graphs are: each has its SHA-256 in `models.json`."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from semcodec.errors import WeightsError
from semcodec.zoo.weights import known_models, verified

FILES = ("image.onnx", "words.onnx", "words.json")


def describer_name() -> str | None:
    """The describer that this build ships; None if it ships none."""
    return next((name for name, model in known_models().items() if model.get("kind") == "describer"), None)


def package_at(folder: Path) -> dict[str, Path]:
    """The files of a describer that belongs to no release: nothing is verified."""
    return {file: folder / file for file in FILES}


def package_of(reference: str) -> dict[str, Path] | None:
    """The files of the describer that is meant: the embedded one by its name, another one by its folder; else None."""
    if reference == describer_name():
        return find_describer()
    folder = Path(reference).expanduser()
    return package_at(folder) if all((folder / file).is_file() for file in FILES) else None


def find_describer() -> dict[str, Path]:
    """File name -> file, for all of `FILES`. Raises `WeightsError` if one is missing or not what it should be."""
    name = describer_name()
    if name is None:
        raise WeightsError("no describer is shipped with this semcodec: give the words yourself, or name a describer")
    folder = Path(str(resources.files("semcodec.zoo"))) / "weights" / name
    entries = {entry["file"]: entry for entry in known_models()[name]["files"]}
    return {file: verified(folder / file, entries[file]) for file in FILES}
