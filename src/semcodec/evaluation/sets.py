"""Sets of pictures: a folder, and a manifest that says which files belong to it, their hashes, licence and origin.

A manifest is JSON: `name`, `title`, `licence`, `get` (how to obtain the pictures), and either `files` (a list of `file`
and `sha256`, both checked) or `pattern` with `num_files` (for sets too large to list; only the number is checked).
Without a manifest every picture of the folder counts, and the set is called by the folder's name.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from semcodec.errors import PictureError
from semcodec.pictures import load_picture

if TYPE_CHECKING:
    from semcodec.types import Pixels

PICTURE_ENDINGS = (".png", ".webp", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".ppm")
VIDEO_ENDINGS = (".mp4", ".mkv", ".webm", ".mov", ".avi", ".m4v", ".mpg", ".y4m", ".gif")


@dataclass(frozen=True, slots=True)
class Picture:
    """`sha256` is that of the file, so results can be matched with it later."""

    name: str
    path: Path
    sha256: str

    def load(self) -> Pixels:
        """(H, W, 3) uint8."""
        return load_picture(self.path).image_HWC


@dataclass(frozen=True, slots=True)
class PictureSet:
    name: str
    title: str
    licence: str
    pictures: tuple[Picture, ...]

    @property
    def sha256(self) -> str:
        """Twelve digits that name exactly these pictures in this order."""
        return hashlib.sha256("".join(picture.sha256 for picture in self.pictures).encode()).hexdigest()[:12]

    def first(self, num_pictures: int | None) -> PictureSet:
        """Evenly spaced pictures of the set, so that a short run sees all kinds; None keeps all."""
        if num_pictures is None or num_pictures >= len(self.pictures):
            return self
        picks = [i * len(self.pictures) // num_pictures for i in range(num_pictures)]
        return PictureSet(self.name, self.title, self.licence, tuple(self.pictures[i] for i in picks))


def load_set(folder: Path, *, manifest: Path | None = None, endings: tuple[str, ...] = PICTURE_ENDINGS) -> PictureSet:
    """The pictures of `folder` (or its videos, by other `endings`), checked against the manifest where there is one."""
    if not folder.is_dir():
        raise PictureError(f"{folder}: no such folder of pictures")
    if manifest is None:
        return PictureSet(folder.name, folder.name, "not stated", _all_pictures(folder, "*", endings))
    about = json.loads(manifest.read_text(encoding="utf-8"))
    if "files" in about:
        pictures = tuple(_checked(folder / entry["file"], entry["sha256"], about["get"]) for entry in about["files"])
    else:
        pictures = _all_pictures(folder, about["pattern"], endings)
        if len(pictures) != about["num_files"]:
            raise PictureError(
                f"{folder}: {len(pictures)} pictures, but {about['name']} has {about['num_files']}. {about['get']}"
            )
    return PictureSet(about["name"], about["title"], about["licence"], pictures)


def _all_pictures(folder: Path, pattern: str, endings: tuple[str, ...]) -> tuple[Picture, ...]:
    paths = sorted(p for p in folder.glob(pattern) if p.suffix.lower() in endings)
    if not paths:
        raise PictureError(f"{folder}: nothing to measure ({', '.join(endings)}) in this folder")
    return tuple(Picture(p.stem, p, _sha256(p)) for p in paths)


def _checked(path: Path, sha256: str, get: str) -> Picture:
    if not path.is_file():
        raise PictureError(f"{path}: this picture of the set is absent. {get}")
    found = _sha256(path)
    if found != sha256:
        raise PictureError(f"{path}: not the picture that the manifest names (its SHA-256 is {found[:12]}...). {get}")
    return Picture(path.stem, path, sha256)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
