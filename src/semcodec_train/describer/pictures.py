"""The writer learns from pictures: captions, regions (from boxes) and keywords (from captions, labels and tags)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from semcodec.evaluation.measures.cider import words_of
from semcodec_train.common.loop import Best, Log, Loop
from semcodec_train.common.run import device
from semcodec_train.describer.concepts import Seen
from semcodec_train.describer.data import CAPTION, KEYWORDS, REGIONS, UNKNOWN, Photo, region_ids, shares_of
from semcodec_train.describer.language import Language, batch_of, optimiser_of, sentence_batches, share_of_peak
from semcodec_train.describer.model import Describer, word_loss
from semcodec_train.describer.recipes import DescriberRecipe


def write_caption_batch(
    seen: Seen, rows: Sequence[int], language: Language, recipe: DescriberRecipe, rng: np.random.Generator
) -> tuple[list[int], list[int], list[list[int]]]:
    """Tasks, views and bodies of sequences about the pictures `rows`: one each, of the tasks its picture allows."""
    vocabulary = language.vocabulary
    tasks, views, bodies = [], [], []
    for row in rows:
        photo, view = seen.photos[row], int(rng.integers(seen.num_views))
        choices = [CAPTION] * (5 * bool(photo.captions)) + [REGIONS] * bool(photo.boxes)
        choices += [KEYWORDS] * bool(photo.captions or keyword_ids(photo, language))
        task = int(rng.choice(choices))
        if task == CAPTION:
            body = vocabulary.ids(words_of(photo.captions[rng.integers(len(photo.captions))]))
        elif task == REGIONS:
            view %= 2  # the others have other boxes
            body = region_ids(photo.boxes, vocabulary, flipped=view == 1, max_tokens=recipe.writer.max_tokens - 3)
        else:
            body = keyword_ids(photo, language)
        tasks.append(task)
        views.append(view)
        bodies.append(body)
    return tasks, views, bodies


def keyword_ids(photo: Photo, language: Language, most: int = 6) -> list[int]:
    """Concepts that at least two in five captions name, the most agreed first; else what labels and tags name."""
    vocabulary, concepts = language.vocabulary, language.concept_ids
    if photo.captions:
        shares = shares_of([words_of(text) for text in photo.captions], concepts)
        words = [language.concepts[c] for c, share in sorted(shares.items(), key=lambda i: -i[1]) if share >= 0.4]
    else:
        words = [word for word in photo.things if UNKNOWN not in vocabulary.ids([word])]
    ids: list[int] = []
    for word in words[:most]:
        ids += [*([vocabulary.comma] if ids else []), *vocabulary.ids([word])]
    return ids


def train_pictures(
    model: Describer,
    seen: Seen,
    learnt: Sequence[int],
    logits: Tensor,
    language: Language,
    recipe: DescriberRecipe,
    judge: Callable[[Describer], float],
    out: Path,
    log: Log,
) -> Loop:
    """Stage 3, from the pictures `learnt`; leaves the weights that `judge` liked best in the model."""
    memory, writer, where = model.memory, model.writer, device()
    modules = [writer, memory.place, memory.whole, memory.concept_words, memory.concept_chance, memory.norm]
    optimiser = optimiser_of(
        modules, muon_lr=recipe.pictures_muon_lr, adam_lr=recipe.pictures_adam_lr, kernel_decay=0.05
    )
    memory.where.requires_grad_(True)
    best = Best(model)
    state = {"model": model, "optimiser": optimiser, "best": best}
    loop = Loop(out, state, device=where, log_every=recipe.judge_every, of_processor=True, log=log)
    rng = np.random.default_rng(recipe.seed + loop.step)
    able = [row for row in learnt if seen.photos[row].captions or keyword_ids(seen.photos[row], language)]
    weight = np.array([1.0 if seen.photos[row].captions else recipe.uncaptioned for row in able])
    sentences = sentence_batches(language, recipe, recipe.seed + loop.step)
    for progress in loop.through(recipe.pictures_minutes, recipe.pictures_steps):
        model.train()
        model.memory.concepts.eval()
        rows = rng.choice(able, size=recipe.pictures_batch, p=weight / weight.sum())
        tasks, views, bodies = write_caption_batch(seen, rows, language, recipe, rng)
        rates = language.vocabulary.first_rate + rng.integers(0, language.vocabulary.num_rates, len(rows))
        rates = [
            language.rate_of(body) if task == CAPTION else rate
            for task, body, rate in zip(tasks, bodies, rates.tolist(), strict=True)
        ]
        batch = batch_of(tasks, rates, bodies, recipe.writer.max_tokens).to(where)
        with torch.autocast(where, torch.bfloat16, enabled=recipe.bf16):
            concepts = memory.of_concepts(logits[torch.from_numpy(rows), torch.tensor(views)].to(where))
            if rng.random() < recipe.blind:
                what = concepts
            else:
                what = torch.cat([memory.of_places(seen.of(rows, views, where)), concepts], 1)
            loss = word_loss(writer(batch.tokens[:, :-1], what), batch.tokens, batch.counts, recipe.smoothing)
            if rng.random() < recipe.rehearsal:
                more, made_up = next(sentences)
                more = more.to(where)
                loss = loss + 0.5 * word_loss(
                    writer(more.tokens[:, :-1], memory.of_concepts(made_up.to(where))), more.tokens, more.counts
                )
        told = {"nats": loss, "norm": optimiser.step(loss, share_of_peak(progress))}
        if (loop.step + 1) % recipe.judge_every == 0:
            told["choose"] = judge(model)
            best.take(told["choose"], model)
        loop.add(told, crops=len(rows))
    model.load_state_dict(best.weights)
    return loop
