"""The catalogue of networks (`models.json`): a row for each, found by what it is for.

A row has a name, a `purpose` (one of `PURPOSES`), a `version`, the families that it serves (numbers, under the word
that `PURPOSES` has for it), `files` with their SHA-256, licence, recipe, data and figures. Of the networks for one
purpose and family the newest version is found.

What is apart here may be replaced apart: encoder and predictor decide about the bytes that are written, the decoder
about what is painted of them. A file may stand in two rows (`decoder-coarse.onnx` in those of the predictor and of the
first decoder): it is there once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Any

from semcodec.errors import WeightsError
from semcodec.zoo.files import VerifiedFiles

# What networks are for, and the word for the families that one serves; "" where it has nothing to do with families.
PURPOSES = {
    "encoder": "encodes",  # a picture to tokens
    "predictor": "predicts",  # the decoder in the encoder's loop: frozen with its family, files mean what it makes
    "decoder": "paints",  # tokens to the picture that is shown
    "generator": "completes",  # draws tokens that were not sent
    "restorer": "restores",  # finishes a painted picture
    "describer": "",  # finds words
    "outliner": "",  # finds outlines in a picture
    "structure-encoder": "encodes",  # outlines to structure tokens: families of their own
    "structure-decoder": "draws",  # structure tokens to outlines
    "embedder": "embeds",  # what a describer sees, and words, to numbers that a search compares
    "interpolator": "",  # what lies between two key frames of a clip
}
_WITHOUT = {
    "generator": "what was not sent cannot be invented",
    "restorer": "pictures are shown as they were decoded",
    "describer": "give the words yourself, or name a describer",
    "embedder": "files get no vectors, and are searched by their words",
    "interpolator": "what lies between key frames of clips is motion compensated",
    "outliner": "files get no outlines",
    "structure-encoder": "files get no outlines",
    "structure-decoder": "outlines of files cannot be shown",
}
# What an installation that only receives does without, and what it cannot do then.
NOT_FOR_RECEIVING = {
    "encoder": "encode pictures as tokens",
    "predictor": "encode pictures as tokens",
    "outliner": "send outlines",
    "structure-encoder": "send outlines",
    "describer": "describe pictures",
    "generator": "invent what was not sent, or paint from words alone",
    "interpolator": "show what lies between the key frames of clips by a network: they are motion compensated",
}
# What a folder holds that is taken for a package.
_MARKS = {
    "decoder": ("about.json", "decoder-coarse.onnx", "decoder-fine.onnx"),
    "generator": ("about.json", "words.onnx"),
    "restorer": ("about.json", "head.onnx", "body.onnx", "tail.onnx"),
    "describer": ("image.onnx", "words.json"),
    "outliner": ("outliner.onnx",),
    "structure-encoder": ("structure-encoder.onnx",),
    "structure-decoder": ("structure-decoder.onnx",),
    "embedder": ("about.json", "tables.npz"),
    "interpolator": ("about.json", "pair.onnx", "at.onnx"),
}


@dataclass(frozen=True, slots=True)
class Package:
    """A network's name and files (file name -> file), and its row in the catalogue; a folder of no release has none."""

    name: str
    files: Mapping[str, Path]
    row: Mapping[str, Any] = field(default_factory=dict)

    @property
    def identity(self) -> str:
        """Its name and 12 digits that no other network has: of the SHA-256 of its files, as the catalogue has them."""
        known = {Path(entry["file"]).name: entry["sha256"] for entry in self.row.get("files", ())}
        known = known or {name: sha256(path.read_bytes()).hexdigest() for name, path in self.files.items()}
        return f"{self.name} {sha256(repr(sorted(known.items())).encode()).hexdigest()[:12]}"


@dataclass(frozen=True, slots=True)
class Catalog:
    """`folder` has the files, `rows` are by name. `left_out`: rows of networks that were not installed."""

    folder: Path
    rows: Mapping[str, Mapping[str, Any]]
    left_out: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def name_of(self, purpose: str, *, family: int | None = None) -> str | None:
        """The newest network for this purpose (and family); None if there is none."""
        serves = PURPOSES[purpose]
        names = [
            name
            for name, row in self.rows.items()
            if row["purpose"] == purpose and (family is None or family in row[serves])
        ]
        return max(names, key=lambda name: self.rows[name]["version"], default=None)

    def find(self, purpose: str, *, family: int | None = None, name: str | None = None) -> Package:
        """The newest network for this purpose (and family), or the one of this name. Raises `WeightsError` if there is
        none; asking its files for one that is missing, or not what it should be, raises it then.
        """
        found = name or self.name_of(purpose, family=family)
        row = self.rows.get(found or "")
        if found is None or row is None or row["purpose"] != purpose:
            raise self.missing(purpose, family)
        return Package(found, VerifiedFiles(self.folder, row["files"]), row)

    def missing(self, purpose: str, family: int | None = None) -> WeightsError:
        """What is to be said where there is no network for a purpose (and family)."""
        if any(
            row["purpose"] == purpose and family in (None, *row.get(PURPOSES[purpose], ()))
            for row in self.left_out.values()
        ):
            return WeightsError(
                f"no {purpose} is installed, since this semcodec is for receiving alone: to "
                f"{NOT_FOR_RECEIVING[purpose]}, pip install semcodec (after pip uninstall semcodec-receive)"
            )
        if family is not None:
            return WeightsError(f"no {purpose} is shipped for token family {family}: install a semcodec that has one")
        return WeightsError(
            f"no {purpose} is shipped with this semcodec: {_WITHOUT.get(purpose, 'install one that has it')}"
        )

    def has(self, purpose: str, name: str) -> bool:
        """Whether a network of this name is for this purpose. Looks at no file."""
        return name in self.rows and self.rows[name]["purpose"] == purpose

    def package_of(self, purpose: str, reference: str) -> Package | None:
        """The network that is meant: one of the catalogue by its name, another one by its folder; else None."""
        if self.has(purpose, reference):
            return self.find(purpose, name=reference)
        folder = Path(reference).expanduser()
        return package_at(folder) if all((folder / file).is_file() for file in _MARKS[purpose]) else None


def package_at(folder: Path) -> Package:
    """A network that belongs to no release: nothing is verified."""
    return Package(folder.name, {path.name: path for path in sorted(folder.glob("*")) if path.is_file()})


def read_catalog(folder: Path) -> Catalog:
    """Of a folder with `models.json`, and the files in `weights`. What who only receives does without is left out where
    none of its own graphs is there. (What lacks a file of several is damaged, and says so when it is opened.)
    """
    weights, rows = folder / "weights", json.loads((folder / "models.json").read_text("utf-8"))
    needed = {file for row in rows.values() if row["purpose"] not in NOT_FOR_RECEIVING for file in _graphs(row)}
    left_out = {
        name: row
        for name, row in rows.items()
        if row["purpose"] in NOT_FOR_RECEIVING
        and (own := _graphs(row) - needed)
        and not any((weights / file).is_file() for file in own)
    }
    return Catalog(weights, {name: row for name, row in rows.items() if name not in left_out}, left_out)


def _graphs(row: Mapping[str, Any]) -> set[str]:
    return {entry["file"] for entry in row["files"] if entry["file"].endswith(".onnx")}


@lru_cache(maxsize=1)
def shipped() -> Catalog:
    """What this build ships."""
    return read_catalog(Path(str(resources.files("semcodec.zoo"))))
