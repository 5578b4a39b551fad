"""What the describer's memory knows of words: a detector, learnt from the features of captioned and labelled pictures.

What it says of the pictures that it learnt from is too good to be true, so the writer is later given what detectors of
other fifths of them say.

Shapes: N = pictures; C = channels, R, K = rows, columns of the last map; F = pooled features; W = concepts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from semcodec.evaluation.measures.cider import words_of
from semcodec_train.describer.class_words import words_of_classes
from semcodec_train.describer.data import Photo, shares_of, to_input
from semcodec_train.describer.language import Language
from semcodec_train.describer.model import Memory, Sight, concept_loss, sight_of
from semcodec_train.describer.recipes import DescriberRecipe
from semcodec_train.judges.efficientnet import EfficientNetLite

NAMED_SHARE = 0.6  # of captions that would use the word of a label: what captioned pictures have
ABSENT_WEIGHT = 0.3  # of a class's word that a label does not name: something else may be there as well
MAYBE_BESIDE = frozenset("animal food person man woman people building house field snow yellow".split())


@dataclass(frozen=True, slots=True)
class Seen:
    """What the picture network hands on of pictures in several views: maps (N, views, C, R, K), pooled features
    (N, views, F), logits of classes (N, views, 1000), float16. Odd views are flipped, the first two are whole.
    """

    photos: tuple[Photo, ...]
    maps: np.ndarray
    pooled: Tensor
    classes: Tensor

    @property
    def num_views(self) -> int:
        return self.maps.shape[1]

    def of(self, rows: Sequence[int], views: Sequence[int], device: str | torch.device = "cpu") -> Sight:
        rows, views = np.asarray(rows), np.asarray(views)
        maps = torch.from_numpy(self.maps[rows, views])
        parts = (maps, self.pooled[rows, views], self.classes[rows, views])
        return Sight(*(part.float().to(device) for part in parts))

    def summary(self, rows: Sequence[int], views: Sequence[int], device: str | torch.device = "cpu") -> Sight:
        """Without maps."""
        rows, views = np.asarray(rows), np.asarray(views)
        parts = (torch.empty(0), self.pooled[rows, views], self.classes[rows, views])
        return Sight(*(part.float().to(device) for part in parts))


def views_of(picture: Image.Image, num: int, side_px: int, rng: np.random.Generator) -> np.ndarray:
    """(num, S, S, 3): the whole, the whole flipped, and rectangles of two thirds or more of each side, every other one
    flipped and lit otherwise.
    """
    wide, high = picture.size
    views = []
    for view in range(num):
        if view < 2:
            box = (0.0, 0.0, float(wide), float(high))
        else:
            share = rng.uniform(0.65, 0.95, 2)
            left, top = rng.uniform(0, (wide, high) * (1 - share))
            box = (left, top, left + share[0] * wide, top + share[1] * high)
        pixels = np.asarray(picture.resize((side_px, side_px), Image.Resampling.BICUBIC, box=box))
        if view > 2 and view % 2:
            gain = rng.uniform(0.8, 1.2) * rng.uniform(0.93, 1.07, 3)
            pixels = np.clip(pixels * gain + rng.uniform(-15, 15), 0, 255).astype(np.uint8)
        views.append(pixels[:, ::-1] if view % 2 else pixels)
    return np.stack(views)


@torch.inference_mode()
def look(network: EfficientNetLite, folder: Path, photos: Sequence[Photo], out: Path, recipe: DescriberRecipe) -> None:
    """The last maps of all views into the file `out`."""
    rng = np.random.default_rng(5)
    where, side = next(network.parameters()).device, recipe.image_px // 32
    shape = (len(photos), recipe.num_views, network.head.in_channels, side, side)
    unfinished = out.with_suffix(".tmp.npy")
    maps = np.lib.format.open_memmap(unfinished, "w+", np.float16, shape)
    for at, photo in enumerate(photos):
        with Image.open(folder / photo.file) as picture:
            views = views_of(picture.convert("RGB"), recipe.num_views, recipe.image_px, rng)
        maps[at] = network.features(to_input(views).to(where))[-1].half().cpu().numpy()
    maps.flush()
    unfinished.replace(out)


@torch.inference_mode()
def summed_up(network: EfficientNetLite, photos: Sequence[Photo], maps: np.ndarray) -> Seen:
    """With what the network's last layers make of its maps."""
    where = next(network.parameters()).device
    pooled, classes = [], []
    for at in range(0, len(maps), 8):
        part = torch.from_numpy(np.array(maps[at : at + 8])).float().to(where)
        sight = sight_of(network, part.flatten(0, 1))
        pooled.append(sight.pooled.half().cpu())
        classes.append(sight.classes.half().cpu())
    views = maps.shape[:2]
    return Seen(tuple(photos), maps, torch.cat(pooled).unflatten(0, views), torch.cat(classes).unflatten(0, views))


def wanted_of(photos: Sequence[Photo], language: Language) -> tuple[Tensor, Tensor]:
    """(N, W) shares of captions that use each word, and how much each counts. Captions tell of all words; labels of
    their own, and a little of those of other classes.
    """
    concept_ids = language.concept_ids
    shares, weights = torch.zeros(2, len(photos), len(concept_ids))
    named = {word for words in words_of_classes() for word in words} - MAYBE_BESIDE
    others = [concept_ids[word] for word in named if word in concept_ids]
    for row, photo in enumerate(photos):
        if photo.captions:
            weights[row] = 1
            for concept, share in shares_of([words_of(text) for text in photo.captions], concept_ids).items():
                shares[row, concept] = share
        else:
            told = [concept_ids[word] for word in photo.things if word in concept_ids]
            weights[row, others] = ABSENT_WEIGHT
            weights[row, told], shares[row, told] = 1, NAMED_SHARE
    return shares, weights


def train_concepts(
    memory: Memory, seen: Seen, rows: Sequence[int], language: Language, recipe: DescriberRecipe, seed: int
) -> None:
    """Stage 2: the memory's detector learns anew, from the pictures `rows`."""
    shares, weights = wanted_of(seen.photos, language)
    torch.manual_seed(seed)
    detector, where = memory.concepts, memory.where.device
    captioned = [row for row in rows if seen.photos[row].captions]
    detector.begin(shares[captioned].mean(0).to(where))
    optimiser = torch.optim.AdamW(detector.parameters(), lr=1e-3, weight_decay=0.3)
    detector.train()
    rng = torch.Generator().manual_seed(seed)
    order = torch.tensor(rows)
    for _ in range(recipe.concept_epochs):
        for chosen in order[torch.randperm(len(order), generator=rng)].split(64):
            views = torch.randint(0, seen.num_views, (len(chosen),), generator=rng)
            logits = memory.concept_logits(seen.summary(chosen, views, where))
            loss = concept_loss(logits, shares[chosen].to(where), weights[chosen].to(where))
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
    detector.eval()


@torch.no_grad()
def concept_logits(memory: Memory, seen: Seen, rows: Sequence[int]) -> Tensor:
    """(rows, views, W)."""
    where = memory.where.device
    parts = [
        memory.concept_logits(seen.summary([row] * seen.num_views, range(seen.num_views), where)).cpu() for row in rows
    ]
    return torch.stack(parts) if parts else torch.zeros(0, seen.num_views, 0)


def folds_of(known: Sequence[int], num: int) -> list[tuple[list[int], list[int]]]:
    """Every nth row, and the rows of the other parts."""
    folds = [list(known[at::num]) for at in range(num)]
    return [(fold, [row for other in folds if other is not fold for row in other]) for fold in folds]


def concepts_of_strangers(
    memory: Memory, seen: Seen, known: Sequence[int], language: Language, recipe: DescriberRecipe
) -> Tensor:
    """(N, views, W) logits: of the pictures `known`, which are learnt from, by detectors that did not see them; of the
    rest by the last detector, that of all known ones, which stays in the memory.
    """
    logits = torch.zeros(len(seen.photos), seen.num_views, len(language.concepts))
    for seed, (fold, others) in enumerate(folds_of(known, recipe.concept_folds), recipe.seed):
        train_concepts(memory, seen, others, language, recipe, seed)
        logits[fold] = concept_logits(memory, seen, fold)
    train_concepts(memory, seen, known, language, recipe, recipe.seed)
    rest = sorted(set(range(len(seen.photos))) - set(known))
    logits[rest] = concept_logits(memory, seen, rest)
    return logits
