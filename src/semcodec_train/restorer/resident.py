"""Batches of crops from pairs that lie in the memory of the device, cropped there: a GPU waits for nothing.

Shapes: N = pictures; H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from semcodec_train.restorer.pairs import Batch, Row, told_of


class ResidentPairs:
    """As `pairs.PairStream`, of folders that `restorer.data --enlarged` wrote. Folders that appear while training runs
    are taken up (`look_again`) as long as all of them have at most `most_bytes`.
    """

    def __init__(
        self,
        pattern: Path,
        *,
        crop_px: int,
        batch: int,
        shares: dict[str, float],
        seed: int,
        device: str,
        conditions: int,
        most_bytes: int = 20 << 30,
    ) -> None:
        self._pattern, self._crop_px, self._batch, self._shares = pattern, crop_px, batch, shares
        self._device, self._conditions, self._most_bytes = device, conditions, most_bytes
        self._rng = np.random.default_rng(seed)
        self._pairs: dict[str, list[tuple[Tensor, Row, Row]]] = {source: [] for source in shares}
        self._seen: set[Path] = set()
        self._num_bytes = 0
        self.look_again()
        if not any(self._pairs.values()):
            raise FileNotFoundError(f"{pattern}: no pairs; semcodec_train.restorer.data --enlarged makes some")

    def look_again(self) -> None:
        """Takes up folders that were not there before."""
        for folder in sorted(self._pattern.parent.glob(self._pattern.name)):
            if folder in self._seen or not (folder / "index.jsonl").exists():
                continue
            pixels = np.fromfile(folder / "pixels.bin", dtype=np.uint8)
            if self._num_bytes + pixels.nbytes > self._most_bytes:
                return
            self._seen.add(folder)
            self._num_bytes += pixels.nbytes
            resident = torch.from_numpy(pixels).to(self._device)
            original: Row = {}
            for line in (folder / "index.jsonl").read_text().splitlines():
                row = json.loads(line)
                if "source" not in row:
                    original = row
                elif min(original["size"]) >= self._crop_px and row["source"] in self._pairs:
                    self._pairs[row["source"]].append((resident, original, row))

    @property
    def num_pairs(self) -> dict[str, int]:
        return {source: len(pairs) for source, pairs in self._pairs.items()}

    def sha256(self) -> str:
        """Of the indices of all folders: which pairs there are."""
        digest = hashlib.sha256()
        for folder in sorted(self._seen):
            digest.update((folder / "index.jsonl").read_bytes())
        return digest.hexdigest()

    def get(self) -> Batch:
        """The next batch, on the device."""
        there = [source for source, pairs in self._pairs.items() if pairs]
        chances = np.array([self._shares[source] for source in there])
        originals, enlarged, told = [], [], []
        for source in self._rng.choice(there, size=self._batch, p=chances / chances.sum()):
            pairs = self._pairs[str(source)]
            pixels, original, decoded = pairs[int(self._rng.integers(len(pairs)))]
            (width, height), side = original["size"], self._crop_px
            left, top = int(self._rng.integers(width - side + 1)), int(self._rng.integers(height - side + 1))
            flip = self._rng.random() < 0.5
            for row, crops in ((original, originals), (decoded, enlarged)):
                at = row["at"]
                crop = pixels[at : at + 3 * width * height].view(height, width, 3)[top : top + side, left : left + side]
                crops.append(crop.flip(1) if flip else crop)
            told.append(told_of(decoded, self._conditions))
        a, b = (torch.stack(crops).permute(0, 3, 1, 2) for crops in (originals, enlarged))
        return Batch(a, b, torch.tensor(told))
