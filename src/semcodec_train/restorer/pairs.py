"""Batches of crops from folders of pairs, made in a background thread.

Shapes: N = pictures; H, W = pixels; C = 3 (RGB); K = numbers that the restorer is told.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from semcodec_train.restorer.folders import PIXELS, PairFolders, Row, end_of, told_of


@dataclass(frozen=True, slots=True)
class Batch:
    """Originals and enlarged decoded pictures, (N, 3, H, W) uint8; what the restorer is told, (N, K)."""

    original: Tensor
    enlarged: Tensor
    condition: Tensor


class PairStream:
    """An endless stream of batches of square crops at any offset, flipped half the time.

    `pattern` names folders of pairs, such as pairs/*, of which new ones are taken up (`look_again`). `shares` of the
    crops, by what decoded them, together 1; of the sources that are not there the others take the place. `conditions`
    is how many numbers the restorer is told. `ahead` batches wait.
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
        """Raises `FileNotFoundError` if there are no pairs."""
        self.folders = PairFolders(pattern, shares=shares, least_px=crop_px, opened=_mapped)
        self._crop_px, self._batch, self._conditions = crop_px, batch, conditions
        self._rng = np.random.default_rng(seed)
        self._ready: queue.Queue[Batch] = queue.Queue(maxsize=ahead)
        threading.Thread(target=self._work, daemon=True).start()

    def draw(self) -> Batch:
        """A batch, made here and now."""
        originals, enlarged, told = [], [], []
        for _ in range(self._batch):
            pixels, original, decoded = self.folders.draw(self._rng)
            a, b = self._crop(_picture(pixels, original), _picture(pixels, decoded))
            originals.append(a)
            enlarged.append(b)
            told.append(told_of(decoded, self._conditions))
        return Batch(_as_tensor(originals), _as_tensor(enlarged), torch.tensor(told))

    def _crop(self, original_HWC: np.ndarray, decoded_hwC: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The same square of both; the decoded one is enlarged as the whole picture would be."""
        height, width = original_HWC.shape[:2]
        side = self._crop_px
        left, top = int(self._rng.integers(width - side + 1)), int(self._rng.integers(height - side + 1))
        ratio = decoded_hwC.shape[1] / width, decoded_hwC.shape[0] / height
        box = (left * ratio[0], top * ratio[1], (left + side) * ratio[0], (top + side) * ratio[1])
        enlarged = np.asarray(Image.fromarray(decoded_hwC).resize((side, side), Image.Resampling.BICUBIC, box=box))
        crop = original_HWC[top : top + side, left : left + side]
        return (crop[:, ::-1], enlarged[:, ::-1]) if self._rng.random() < 0.5 else (crop, enlarged)

    def _work(self) -> None:
        while True:
            self._ready.put(self.draw())

    def get(self) -> Batch:
        """The next batch."""
        return self._ready.get()


def _mapped(folder: Path, rows: list[Row]) -> np.ndarray:
    return np.memmap(folder / PIXELS, dtype=np.uint8, mode="r")


def _as_tensor(images: Sequence[np.ndarray]) -> Tensor:
    return torch.from_numpy(np.stack(images).transpose(0, 3, 1, 2).copy())


def _picture(pixels: np.ndarray, row: Row) -> np.ndarray:
    width, height = row["size"]
    return np.asarray(pixels[row["at"] : end_of(row)]).reshape(height, width, 3)
