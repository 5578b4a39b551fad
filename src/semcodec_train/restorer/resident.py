"""Batches of crops from pairs that lie in the memory of the device, cropped there: a GPU waits for nothing (900 crops a
second on an H200, 7 on a core).

Shapes: N = pictures; H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from semcodec_train.restorer.folders import PIXELS, PairFolders, Row, end_of, told_of
from semcodec_train.restorer.pairs import Batch

GAINS, TINTED, MIXED, OFFSET = (0.75, 1.2), 0.1, 0.1, 14.0  # of a relit crop: light, colours, of each other, of 255


class ResidentPairs:
    """As `pairs.PairStream`, of folders that `restorer.data --enlarged` wrote; at most `most_bytes` of their pixels, of
    which each source has its share.
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
        device: str,
        most_bytes: float = 40 << 30,
        relit: bool = False,
    ) -> None:
        """`relit`: crops are turned by quarters, and shown in other lights, both pictures of a pair alike.

        Raises `FileNotFoundError` if there are no pairs, and `ValueError` if they were not enlarged."""
        self._device, self._crop_px, self._batch, self._conditions = device, crop_px, batch, conditions
        self._rng, self._relit = np.random.default_rng(seed), relit
        self.folders = PairFolders(
            pattern, shares=shares, least_px=crop_px, opened=self._on_device, most_bytes=most_bytes
        )

    def _on_device(self, folder: Path, rows: list[Row]) -> Tensor:
        shown = None
        for row in rows:
            shown = shown if "source" in row else row["size"]
            if row["size"] != shown:
                raise ValueError(
                    f"{folder}: a decoded picture is {row['size']} px, its original {shown}; make these pairs with "
                    "semcodec_train.restorer.data --enlarged"
                )
        return torch.from_numpy(np.fromfile(folder / PIXELS, np.uint8, count=end_of(rows[-1]))).to(self._device)

    def get(self) -> Batch:
        """The next batch, on the device."""
        originals, enlarged, told = [], [], []
        for _ in range(self._batch):
            pixels, original, decoded = self.folders.draw(self._rng)
            (width, height), side = original["size"], self._crop_px
            left, top = int(self._rng.integers(width - side + 1)), int(self._rng.integers(height - side + 1))
            flip = self._rng.random() < 0.5
            quarters = int(self._rng.integers(4)) if self._relit else 0
            for row, crops in ((original, originals), (decoded, enlarged)):
                picture = pixels[row["at"] : end_of(row)].view(height, width, 3)
                crop = picture[top : top + side, left : left + side]
                crops.append((crop.flip(1) if flip else crop).rot90(quarters))
            told.append(told_of(decoded, self._conditions))
        a, b = (torch.stack(crops).permute(0, 3, 1, 2) for crops in (originals, enlarged))
        if self._relit:
            a, b = relit((a, b), self._rng)
        return Batch(a, b, torch.tensor(told, device=self._device))


def relit(images: tuple[Tensor, ...], rng: np.random.Generator) -> tuple[Tensor, ...]:
    """(N, 3, H, W) of 0..255 in other lights, those of the same place in the batch alike: brighter or darker, in other
    tints, colours a little mixed. float32, not rounded.
    """
    num = len(images[0])
    mix = np.eye(3) + rng.uniform(-MIXED, MIXED, (num, 3, 3))
    mix /= mix.sum(2, keepdims=True)
    gain = np.exp(rng.uniform(*np.log(GAINS), (num, 1)) + rng.uniform(-TINTED, TINTED, (num, 3)))
    where = images[0].device
    light = torch.from_numpy(mix * gain[:, :, None]).float().to(where)
    offset = torch.from_numpy(rng.uniform(-OFFSET, OFFSET, (num, 1, 1, 1))).float().to(where)
    return tuple((torch.einsum("nij,njhw->nihw", light, x.float()) + offset).clamp(0, 255) for x in images)
