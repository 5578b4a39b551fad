"""How good captions are: CIDEr-D against what people said, with document frequencies from captions/train.

Shapes: N = pictures; P = places of a memory; C = channels; W = concepts.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from semcodec.evaluation.measures.cider import CiderD, Vectors, words_of
from semcodec_train.describer.concepts import Seen
from semcodec_train.describer.data import Photo
from semcodec_train.describer.language import Language, Words
from semcodec_train.describer.model import Describer
from semcodec_train.describer.recipes import DescriberRecipe
from semcodec_train.describer.writing import CaptionGrammar, word_ids, write


class Judge:
    """CIDEr-D of captions of pictures, with document frequencies from the sentences of captions/train."""

    def __init__(self, language: Language, captions: Sequence[Sequence[Words]]) -> None:
        """`captions`: of each picture, what people said of it."""
        self.vocabulary = language.vocabulary
        self._cider = CiderD(language.frequencies)
        self._captions = captions
        self._references = lru_cache(maxsize=None)(self._references_of)

    @classmethod
    def of_photos(cls, language: Language, photos: Sequence[Photo]) -> Judge:
        return cls(language, [[words_of(text) for text in photo.captions] for photo in photos])

    def _references_of(self, row: int) -> list[Vectors]:
        return self._cider.references(self._captions[row])

    def score(self, row: int, ids: Sequence[int]) -> float:
        """`row`: of the picture; `ids`: the caption's words."""
        return self._cider.score(self.vocabulary.words_of(ids), self._references(row))


@torch.no_grad()
def memories(model: Describer, seen: Seen, logits: Tensor, rows: Sequence[int], view: int = 0) -> Tensor:
    """(rows, P, C): what the writer looks at, with the concepts as given in `logits` (N, views, W)."""
    model.eval()
    where, parts = model.memory.where.device, []
    for first in range(0, len(rows), 32):
        chunk = list(rows[first : first + 32])
        places = model.memory.of_places(seen.of(chunk, [view] * len(chunk), where))
        parts.append(torch.cat([places, model.memory.of_concepts(logits[chunk, view].to(where))], 1))
    return torch.cat(parts)


def greedy_score(
    model: Describer,
    memory_NPC: Tensor,
    grammar: CaptionGrammar,
    recipe: DescriberRecipe,
    judge: Judge,
    *,
    rate: int = 0,
) -> float:
    """The mean CIDEr-D of the likeliest words."""
    rates = torch.full((len(memory_NPC),), judge.vocabulary.first_rate + rate)
    tokens = write(model.writer, memory_NPC, rates, grammar, max_words=recipe.max_words)
    return float(np.mean([judge.score(row, ids) for row, ids in enumerate(word_ids(tokens))]))
