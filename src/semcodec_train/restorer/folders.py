"""Folders of pairs (`restorer.data`) as they appear: which pairs there are, by what decoded them."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Row = dict[str, Any]  # a line of an index
Pixels = TypeVar("Pixels")  # how the pixels of a folder are held
INDEX, PIXELS = "index.jsonl", "pixels.bin"


def end_of(row: Row) -> int:
    """Where its pixels end, in bytes of the folder's pixels."""
    width, height = row["size"]
    return int(row["at"]) + 3 * width * height


class PairFolders(Generic[Pixels]):
    """The pairs of all folders that match a pattern, such as pairs/*, those whose names begin with a dot excepted: they
    are half written. Folders that appear later are taken up (`look_again`).

    `shares` are those of the sources that are wanted (more than 0, together 1), `opened` gives the pixels of a folder
    for the rows of it that are taken up. Of `most_bytes` of pixels each source has its share, so that none fills the
    room of the others; of a folder that does not fit the beginning is taken.
    """

    def __init__(
        self,
        pattern: Path,
        *,
        shares: dict[str, float],
        least_px: int,
        opened: Callable[[Path, list[Row]], Pixels],
        most_bytes: float = math.inf,
    ) -> None:
        """`least_px`: the shortest side of an original. Raises `FileNotFoundError` if there is no pair."""
        self._pattern, self._least_px, self._opened, self._shares = pattern, least_px, opened, shares
        self._pairs: dict[str, list[tuple[Pixels, Row, Row]]] = {source: [] for source in shares}
        self._areas: dict[str, NDArray[np.float64]] = {}
        self._room = {source: most_bytes * share for source, share in shares.items()}
        self._taken: dict[Path, str] = {}  # what was taken of the index of each folder
        self.look_again()
        if not any(self._pairs.values()):
            raise FileNotFoundError(
                f"{pattern}: no pairs of pictures of {least_px} px and more; semcodec_train.restorer.data makes some"
            )

    def look_again(self) -> None:
        """Takes up folders that were not there before."""
        for folder in sorted(self._pattern.parent.glob(self._pattern.name)):
            if folder in self._taken or folder.name.startswith(".") or not (folder / INDEX).exists():
                continue
            lines = (folder / INDEX).read_text("utf-8").splitlines()
            rows: list[Row] = [json.loads(line) for line in lines]
            source = next((row["source"] for row in rows if "source" in row), "")  # (a folder has one)
            rows = [row for row in rows if end_of(row) <= self._room.get(source, 0)]
            self._taken[folder] = "".join(f"{line}\n" for line in lines[: len(rows)])
            if rows:
                self._room[source] -= end_of(rows[-1])
                self._pairs[source] += self._pairs_of(rows, self._opened(folder, rows))
        for source, pairs in self._pairs.items():
            self._areas[source] = np.cumsum([math.prod(original["size"]) for _, original, _ in pairs], dtype=float)

    def _pairs_of(self, rows: list[Row], pixels: Pixels) -> list[tuple[Pixels, Row, Row]]:
        """The originals that are large enough, with each of their decoded pictures."""
        pairs, original = [], rows[0]
        for row in rows:
            if "source" not in row:
                original = row
            elif min(original["size"]) >= self._least_px:
                pairs.append((pixels, original, row))
        return pairs

    @property
    def num_pairs(self) -> dict[str, int]:
        return {source: len(pairs) for source, pairs in self._pairs.items()}

    def sha256(self) -> str:
        """Of what was taken of all indices: which pairs there are."""
        return hashlib.sha256("".join(self._taken[folder] for folder in sorted(self._taken)).encode()).hexdigest()

    def draw(self, rng: np.random.Generator) -> tuple[Pixels, Row, Row]:
        """The pixels of a folder, an original in it, and a picture decoded from that: large ones as much oftener as
        there is more to crop from them.
        """
        there = [source for source, pairs in self._pairs.items() if pairs]
        chances = np.array([self._shares[source] for source in there])
        source = str(rng.choice(there, p=chances / chances.sum()))
        areas = self._areas[source]
        return self._pairs[source][int(np.searchsorted(areas, rng.random() * areas[-1], side="right"))]


def told_of(row: Row, conditions: int) -> list[float]:
    """As many numbers as the restorer takes; those that a pair does not have are 0."""
    told: list[float] = row["condition"]
    return (told + [0.0] * conditions)[:conditions]
