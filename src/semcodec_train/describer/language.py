"""The writer learns from sentences without pictures: words, batches, and the first stage.

Their pictures are not there; what a detector of concepts would say of them is made up from the sentences
(`describer.data.simulated_logits`).

Shapes: N = sequences; T = tokens.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from semcodec.evaluation.measures.cider import DocumentFrequencies, words_of
from semcodec_train.common.loop import Log, Loop
from semcodec_train.common.optim import MuonAdam, warm_cosine
from semcodec_train.common.run import device
from semcodec_train.describer.class_words import words_of_classes
from semcodec_train.describer.data import (
    CAPTION,
    END,
    NOT_CONCEPTS,
    PAD,
    UNKNOWN,
    Split,
    Vocabulary,
    count_concepts,
    count_words,
    shares_of,
    simulated_logits,
)
from semcodec_train.describer.model import Describer, word_loss
from semcodec_train.describer.recipes import DescriberRecipe

Words = list[str]


@dataclass(frozen=True, slots=True)
class Language:
    """All that is known of words before a picture is seen."""

    vocabulary: Vocabulary
    concepts: tuple[str, ...]
    groups: tuple[tuple[Words, ...], ...]  # of each picture of captions/train, its captions
    frequencies: DocumentFrequencies  # of their n-grams
    lengths: tuple[float, ...]  # in words: between captions of neighbouring rates
    usual: tuple[float, ...]  # of each concept, the share of all pictures' captions that use its word

    def rate_of(self, caption: Sequence[int]) -> int:
        """The token of a rate that is asked for where people wrote a caption as long as this: the shortest of captions
        are the last rate's.
        """
        return self.vocabulary.first_rate + len(self.lengths) - int(np.searchsorted(self.lengths, len(caption)))

    @property
    def concept_ids(self) -> dict[str, int]:
        return {word: at for at, word in enumerate(self.concepts)}


def learn_words(split: Split, sentences: dict[str, list[str]], recipe: DescriberRecipe) -> Language:
    """Vocabulary from captions, tags and box labels; concepts from captions of pictures, and
    words that labels go with.
    """
    groups = [[words_of(text) for text in texts] for texts in sentences.values()]
    texts = [words for captions in groups for words in captions]
    tags = [words_of(tag) for photo in split.train for tag in photo.tags]
    labels = {word for photo in split.train for box in photo.boxes for word in box.label.split()}
    words = [",", *count_words(texts, recipe.least_words)]
    words += sorted({*count_words(tags, recipe.least_words), *labels} - set(words))
    captions = [[words_of(text) for text in photo.captions] for photo in split.train if photo.captions]
    vocabulary = Vocabulary(words, len(recipe.lambdas))
    known = set(words)
    seen = [word for word in count_concepts(captions, recipe.least_concepts) if word in known]
    often = set(
        count_words([sorted({word for text in group for word in text}) for group in groups], recipe.least_named)
    )
    named = {word for words in words_of_classes() for word in words}
    named |= {word for photo in split.train for word in photo.things}
    concepts = (*seen, *sorted((named & often & known) - set(seen) - NOT_CONCEPTS))
    shares = np.arange(1, vocabulary.num_rates) / vocabulary.num_rates
    lengths = tuple(np.quantile([len(words) for words in texts], shares).tolist())
    usual = np.zeros(len(concepts))
    concept_ids = {word: at for at, word in enumerate(concepts)}
    for group in captions:
        for concept, share in shares_of(group, concept_ids).items():
            usual[concept] += share / len(captions)
    frequencies = DocumentFrequencies.count(groups)
    return Language(vocabulary, concepts, tuple(map(tuple, groups)), frequencies, lengths, tuple(usual.tolist()))


@dataclass(frozen=True, slots=True)
class Sequences:
    """A batch: tokens (N, T), padded, and which of them are to be learnt."""

    tokens: Tensor
    counts: Tensor

    def to(self, device: str) -> Sequences:
        return Sequences(self.tokens.to(device), self.counts.to(device))


def batch_of(task: Sequence[int], rates: Sequence[int], bodies: Sequence[Sequence[int]], max_tokens: int) -> Sequences:
    rows = [[t, r, *body[: max_tokens - 3], END] for t, r, body in zip(task, rates, bodies, strict=True)]
    longest = max(map(len, rows))
    tokens = torch.tensor([row + [PAD] * (longest - len(row)) for row in rows])
    counts = (tokens != PAD) & (tokens != UNKNOWN)
    counts[:, :2] = False
    return Sequences(tokens, counts)


def sentence_batches(language: Language, recipe: DescriberRecipe, seed: int) -> Iterator[tuple[Sequences, Tensor]]:
    """Endless batches of sentences of about one length, and the made-up logits of the concepts of their pictures."""
    vocabulary, concept_ids = language.vocabulary, language.concept_ids
    shares = [shares_of(group, concept_ids) for group in language.groups]
    said_of, mean_share = concept_statistics(shares, len(language.concepts))
    sentences = [(at, vocabulary.ids(words)) for at, group in enumerate(language.groups) for words in group]
    rng = np.random.default_rng(seed)
    while True:
        order = rng.permutation(len(sentences))
        for first in range(0, len(order) - recipe.language_batch + 1, recipe.language_batch * 16):
            chunk = sorted(order[first : first + recipe.language_batch * 16], key=lambda at: len(sentences[at][1]))
            starts = range(0, len(chunk) - recipe.language_batch + 1, recipe.language_batch)
            for start in rng.permutation(np.array(starts)):
                picks = [sentences[at] for at in chunk[start : start + recipe.language_batch]]
                num = len(picks)
                rates = [language.rate_of(ids) for _, ids in picks]
                batch = batch_of([CAPTION] * num, rates, [ids for _, ids in picks], recipe.writer.max_tokens)
                logits = simulated_logits([shares[at] for at, _ in picks], said_of, mean_share, rng, recipe.sensitivity)
                yield batch, torch.from_numpy(logits)


def concept_statistics(shares: Sequence[dict[int, float]], num_concepts: int) -> tuple[np.ndarray, np.ndarray]:
    """How often each concept is said of a picture at all, and by how many of its captions it then is."""
    count, total = np.full(num_concepts, 0.5), np.full(num_concepts, 0.1)
    for known in shares:
        for concept, share in known.items():
            count[concept] += 1
            total[concept] += share
    return np.minimum(count / (len(shares) + 1), 0.99), np.minimum(total / count, 0.95)


def optimiser_of(modules: Sequence[nn.Module], *, muon_lr: float, adam_lr: float, kernel_decay: float) -> MuonAdam:
    """Muon for matrices, AdamW for embeddings, norms and biases."""
    matrices, others, seen = [], [], set()
    for module in modules:
        for part in module.modules():
            for parameter in part.parameters(recurse=False):
                if parameter.requires_grad and id(parameter) not in seen:
                    seen.add(id(parameter))
                    is_matrix = isinstance(part, nn.Linear) and parameter.ndim == 2
                    (matrices if is_matrix else others).append(parameter)
    return MuonAdam(
        matrices, others, muon_lr=muon_lr, adam_lr=adam_lr, clip_at=1.0, kernel_decay=kernel_decay, decay=0.0
    )


def share_of_peak(progress: float) -> float:
    """Of both rates, in both stages."""
    return warm_cosine(progress, 0.02, warm_up=0.03)


def train_language(model: Describer, language: Language, recipe: DescriberRecipe, out: Path, log: Log) -> Loop:
    """Stage 1. The memory is made of concepts alone."""
    memory, writer, where = model.memory, model.writer, device()
    optimiser = optimiser_of(
        [writer, memory.concept_words, memory.concept_chance, memory.norm],
        muon_lr=recipe.muon_lr,
        adam_lr=recipe.adam_lr,
        kernel_decay=0.01,
    )
    state = {"model": model, "optimiser": optimiser}
    loop = Loop(out, state, device=where, log_every=recipe.log_every, of_processor=True, log=log)
    batches = sentence_batches(language, recipe, recipe.seed + loop.step)
    model.train()
    for progress in loop.through(recipe.language_minutes, recipe.language_steps):
        batch, logits = next(batches)
        batch = batch.to(where)
        with torch.autocast(where, torch.bfloat16, enabled=recipe.bf16):
            seen = memory.of_concepts(logits.to(where))
            loss = word_loss(writer(batch.tokens[:, :-1], seen), batch.tokens, batch.counts)
        norm = optimiser.step(loss, share_of_peak(progress))
        loop.add({"nats": loss, "norm": norm}, crops=len(batch.tokens))
    return loop
