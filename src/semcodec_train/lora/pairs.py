"""Pairs that a painter is tuned on: an original, and what the embedded decoder makes of a small file of it.

Shapes: N = pictures; H, W = pixels.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

import semcodec
from semcodec.errors import BudgetError
from semcodec.hub.painters.strength import strength_for
from semcodec_train.common.photos import pictures_in, random_crop
from semcodec_train.lora.recipes import PainterLoraRecipe


@dataclass(frozen=True, slots=True)
class Photo:
    image: Image.Image
    words: str = ""


@dataclass(frozen=True, slots=True)
class Pairs:
    """`original` and `known` (what the codec made of it) are (N, 3, H, W) in -1..1; `strength` (N,) as in decoding."""

    original: Tensor
    known: Tensor
    strength: Tensor
    words: list[str]


def load_pairs_photos(source: Path) -> list[Photo]:
    """The pictures of a folder or a tar archive, each with the words in the .txt file of its name, if there is one."""
    return [Photo(picture.open(), picture.words()) for picture in pictures_in(source)]


class PairStream:
    """Batches by number: recipe, number and process settle the pairs, so a run that is resumed repeats none."""

    def __init__(self, photos: list[Photo], recipe: PainterLoraRecipe, *, process: int = 0) -> None:
        self._photos, self._recipe, self._process = photos, recipe, process

    def batch(self, number: int) -> Pairs:
        """Batch 0, 1, ...; number -1 is the probe that progress is measured on."""
        recipe = self._recipe
        rng = np.random.default_rng((recipe.seed, number + 1, self._process))
        made = [self._pair(rng) for _ in range(recipe.batch)]
        original, known = (
            torch.from_numpy(np.stack([pair[at] for pair in made]).transpose(0, 3, 1, 2).copy()).float() / 127.5 - 1
            for at in (0, 1)
        )
        return Pairs(original, known, torch.tensor([pair[2] for pair in made]), [pair[3] for pair in made])

    def from_number(self, number: int) -> Iterator[Pairs]:
        """Batches `number`, `number` + 1, ... for ever, one ahead in a thread."""
        with ThreadPoolExecutor(1) as ahead:
            coming = ahead.submit(self.batch, number)
            while True:
                number += 1
                ready, coming = coming, ahead.submit(self.batch, number)
                yield ready.result()

    def _pair(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, float, str]:
        recipe = self._recipe
        photo = self._photos[int(rng.integers(len(self._photos)))]
        crop_HWC = random_crop(photo.image, recipe.size_px, rng)
        least, most = (math.log(num_bytes) for num_bytes in recipe.max_bytes)
        num_bytes = round(math.exp(rng.uniform(least, most)))
        words = photo.words if rng.random() < recipe.words else ""
        try:
            data = semcodec.encode(crop_HWC, bytes=num_bytes, picture="tokens").data
        except BudgetError as error:
            data = semcodec.encode(crop_HWC, bytes=error.least_bytes, picture="tokens").data
        scene = semcodec.read(data).scene
        return crop_HWC, semcodec.render(scene, restore=False), strength_for(scene), words
