"""Batches of crops from folders of pairs (`restorer.data`), made in a background thread.

Shapes: N = pictures; H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

import hashlib
import json
import queue
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

Row = dict[str, Any]  # a line of an index


@dataclass(frozen=True, slots=True)
class Batch:
    """Originals and enlarged decoded pictures, (N, 3, H, W) uint8; what the restorer is told, (N, 2)."""

    original: Tensor
    enlarged: Tensor
    condition: Tensor


class PairStream:
    """An endless stream of batches of square crops at any offset, flipped half the time.

    `pattern` names folders of pairs, such as pairs/*: those that appear while training runs are taken up
    (`look_again`). A share of the crops is decoded from tokens, the others from bases.
    """

    def __init__(
        self,
        pattern: Path,
        *,
        crop_px: int,
        batch: int,
        shares: dict[str, float],
        conditions: int,
        seed: int,
        ahead: int = 4,
    ) -> None:
        self._pattern, self._crop_px, self._batch, self._shares = pattern, crop_px, batch, shares
        self._conditions = conditions
        self._rng = np.random.default_rng(seed)
        self._pairs: dict[str, list[tuple[np.ndarray, Row, Row]]] = {source: [] for source in shares}
        self._seen: set[Path] = set()
        self.look_again()
        if not any(self._pairs.values()):
            raise FileNotFoundError(
                f"{pattern}: no pairs of pictures of {crop_px} px; semcodec_train.restorer.data makes some"
            )
        self._ready: queue.Queue[Batch] = queue.Queue(maxsize=ahead)
        threading.Thread(target=self._work, daemon=True).start()

    def look_again(self) -> None:
        """Takes up folders that were not there before."""
        for index in sorted(self._pattern.parent.glob(self._pattern.name)):
            if index in self._seen or not (index / "index.jsonl").exists():
                continue
            self._seen.add(index)
            pixels = np.memmap(index / "pixels.bin", dtype=np.uint8, mode="r")
            original: Row = {}
            for line in (index / "index.jsonl").read_text().splitlines():
                row = json.loads(line)
                if "source" not in row:
                    original = row
                elif min(original["size"]) >= self._crop_px:
                    self._pairs[row["source"]].append((pixels, original, row))

    @property
    def num_pairs(self) -> dict[str, int]:
        return {source: len(pairs) for source, pairs in self._pairs.items()}

    def sha256(self) -> str:
        """Of the indices of all folders: which pairs there are."""
        digest = hashlib.sha256()
        for folder in sorted(self._seen):
            digest.update((folder / "index.jsonl").read_bytes())
        return digest.hexdigest()

    def draw(self) -> Batch:
        """A batch, made here and now."""
        rows = []
        for _ in range(self._batch):
            there = [source for source, pairs in self._pairs.items() if pairs]
            chances = np.array([self._shares[source] for source in there])
            pairs = self._pairs[str(self._rng.choice(there, p=chances / chances.sum()))]
            pixels, original, decoded = pairs[int(self._rng.integers(len(pairs)))]
            rows.append(
                self._crop(_picture(pixels, original), _picture(pixels, decoded), told_of(decoded, self._conditions))
            )
        originals, enlarged, told = zip(*rows, strict=True)
        return Batch(_as_tensor(originals), _as_tensor(enlarged), torch.tensor(told))

    def _crop(
        self, original_HWC: np.ndarray, decoded_hwC: np.ndarray, told: list[float]
    ) -> tuple[np.ndarray, np.ndarray, list[float]]:
        """The same square of both; the decoded one is enlarged as the whole picture would be."""
        height, width = original_HWC.shape[:2]
        side = self._crop_px
        left, top = int(self._rng.integers(width - side + 1)), int(self._rng.integers(height - side + 1))
        ratio = decoded_hwC.shape[1] / width, decoded_hwC.shape[0] / height
        box = (left * ratio[0], top * ratio[1], (left + side) * ratio[0], (top + side) * ratio[1])
        enlarged = np.asarray(Image.fromarray(decoded_hwC).resize((side, side), Image.Resampling.BICUBIC, box=box))
        crop = original_HWC[top : top + side, left : left + side]
        if self._rng.random() < 0.5:
            crop, enlarged = crop[:, ::-1], enlarged[:, ::-1]
        return crop, enlarged, told

    def _work(self) -> None:
        while True:
            self._ready.put(self.draw())

    def get(self) -> Batch:
        """The next batch."""
        return self._ready.get()


def told_of(row: Row, conditions: int) -> list[float]:
    """As many numbers as the restorer takes; those that a pair does not have are 0."""
    told: list[float] = row["condition"]
    return (told + [0.0] * conditions)[:conditions]


def _as_tensor(images: Sequence[np.ndarray]) -> Tensor:
    return torch.from_numpy(np.stack(images).transpose(0, 3, 1, 2).copy())


def _picture(pixels: np.ndarray, row: Row) -> np.ndarray:
    width, height = row["size"]
    return np.asarray(pixels[row["at"] : row["at"] + 3 * width * height]).reshape(height, width, 3)
