"""What the describer's memory knows of words: a detector, learnt from the features of captioned pictures.

What it says of the pictures that it learnt from is too good to be true, so the writer is later given what detectors of
other fifths of them say.

Shapes: N = pictures; C = channels; R, K = rows, columns of features; W = concepts.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from semcodec.evaluation.measures.cider import words_of
from semcodec_train.describer.data import Photo, Pictures, shares_of, to_input
from semcodec_train.describer.language import Language
from semcodec_train.describer.model import Memory, concept_loss
from semcodec_train.describer.recipes import DescriberRecipe


@dataclass(frozen=True, slots=True)
class Seen:
    """Features of pictures in several views: (N, views, C, R, K) float16. View 1 is view 0 flipped."""

    photos: tuple[Photo, ...]
    features: np.ndarray

    def of(self, rows: Sequence[int], views: Sequence[int], device: str | torch.device = "cpu") -> Tensor:
        return torch.from_numpy(self.features[np.asarray(rows), np.asarray(views)]).float().to(device)


@torch.no_grad()
def look(encoder: nn.Module, photos: Sequence[Photo], squares: Pictures, *, num_views: int, image_px: int) -> Seen:
    """Views: the whole, the whole flipped, and crops of four fifths of each side."""
    encoder.eval()
    where = next(itertools.chain(encoder.parameters(), encoder.buffers())).device
    rng = np.random.default_rng(5)
    side = squares.shape[1]
    features = []
    for first in range(0, len(squares), 8):
        views = []
        for picture in squares[first : first + 8]:
            for view in range(num_views):
                share = 1.0 if view < 2 else 0.8
                left, top = rng.uniform(0, side * (1 - share), 2)
                box = (left, top, left + share * side, top + share * side)
                pixels = np.asarray(
                    Image.fromarray(picture).resize((image_px, image_px), Image.Resampling.BICUBIC, box=box)
                )
                views.append(pixels[:, ::-1] if view % 2 else pixels)
        with torch.autocast(where.type, torch.bfloat16):
            seen = encoder(to_input(np.stack(views)).to(where))
        features.append(seen.half().cpu().numpy())
    stacked = np.concatenate(features)
    return Seen(tuple(photos), stacked.reshape(len(photos), num_views, *stacked.shape[1:]))


def train_concepts(
    memory: Memory, seen: Seen, rows: Sequence[int], language: Language, recipe: DescriberRecipe, seed: int
) -> None:
    """Stage 2: the memory's detector learns anew, from the captioned pictures `rows`."""
    concept_ids = language.concept_ids
    shares = torch.zeros(len(seen.photos), len(language.concepts))
    for row in rows:
        captions = [words_of(text) for text in seen.photos[row].captions]
        for concept, share in shares_of(captions, concept_ids).items():
            shares[row, concept] = share
    torch.manual_seed(seed)
    detector, where = memory.concepts, memory.where.device
    for layer in detector:
        if isinstance(layer, nn.Linear):
            layer.reset_parameters()
    last = detector[-1]
    nn.init.zeros_(last.weight)
    with torch.no_grad():
        last.bias.copy_(torch.logit(shares[rows].mean(0).clamp(1e-4, 0.9)))
    optimiser = torch.optim.AdamW(detector.parameters(), lr=1e-3, weight_decay=0.5)
    detector.train()
    rng = torch.Generator().manual_seed(seed)
    order = torch.tensor(rows)
    for _ in range(recipe.concept_epochs):
        for chosen in order[torch.randperm(len(order), generator=rng)].split(64):
            views = torch.randint(0, seen.features.shape[1], (len(chosen),), generator=rng)
            loss = concept_loss(memory.concept_logits(seen.of(chosen, views, where)), shares[chosen].to(where))
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
    detector.eval()


@torch.no_grad()
def concept_logits(memory: Memory, seen: Seen, rows: Sequence[int]) -> Tensor:
    """(rows, views, W)."""
    num_views, where = seen.features.shape[1], memory.where.device
    parts = [memory.concept_logits(seen.of([row] * num_views, range(num_views), where)).cpu() for row in rows]
    return torch.stack(parts) if parts else torch.zeros(0, num_views, 0)


def concepts_of_strangers(
    memory: Memory, seen: Seen, captioned: Sequence[int], language: Language, recipe: DescriberRecipe
) -> Tensor:
    """(N, views, W) logits: of captioned pictures by detectors that did not see them; of the rest by the last detector,
    that of all captioned ones, which stays in the memory.
    """
    folds = [captioned[at :: recipe.concept_folds] for at in range(recipe.concept_folds)]
    logits = torch.zeros(len(seen.photos), seen.features.shape[1], len(language.concepts))
    for at, fold in enumerate(folds):
        others = [row for other, rows in enumerate(folds) if other != at for row in rows]
        train_concepts(memory, seen, others, language, recipe, recipe.seed + at)
        logits[fold] = concept_logits(memory, seen, fold)
    train_concepts(memory, seen, captioned, language, recipe, recipe.seed)
    rest = sorted(set(range(len(seen.photos))) - set(captioned))
    logits[rest] = concept_logits(memory, seen, rest)
    return logits
