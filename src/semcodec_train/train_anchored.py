"""The training loop of the generator: checkpoints, resuming, an average of the weights.

    python -m semcodec_train.train_anchored RECIPE --grids DIR --photos DIR --described WORDS.json --sentences FILE.gz
        --out DIR [--held-out-grids DIR] [--init generator.pt]

Grids and the describer's words come from `anchored_data`. Grids that are added while it runs are taken in. Progress is
the larger of the share of steps and the share of processor time, so that it ends in time on a slow machine, too.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from semcodec.layers.tokens.family import find_family
from semcodec.models import DEFAULT_FAMILY
from semcodec_train import recipes
from semcodec_train.anchored_bits import picture_bits
from semcodec_train.anchored_data import (
    Batch,
    Grid,
    GridPool,
    build_vocabulary,
    load_grids,
    picture_texts,
    token_batch,
    word_vectors,
)
from semcodec_train.anchored_diffusion import (
    AnchoredDiffusion,
    Trained,
    diffusion_loss,
    digit_nats,
    draw_masks,
    edge_maps,
    load_generator,
    save_generator,
)
from semcodec_train.describer_data import Photo, load_index, sentences_by_picture
from semcodec_train.optim import Muon
from semcodec_train.recipes import AnchoredRecipe
from semcodec_train.tokenizer import MISSING
from semcodec_train.train_tokenizer import save

Texts = Mapping[str, tuple[Sequence[str], Sequence[str]]]
SAVE_EVERY_S = 120
NUM_JUDGED = 40


def learning_rate(recipe: AnchoredRecipe, progress: float) -> float:
    """Share of the peak rates: up in the first 2 %, even, then straight down to `final_share`."""
    warm = min(1.0, progress / 0.02 + 0.02)
    down = max(0.0, (progress - recipe.decay_from) / (1 - recipe.decay_from))
    return warm * (1 - min(1.0, down) * (1 - recipe.final_share))


def split_parameters(model: AnchoredDiffusion) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
    """(kernels between hidden features, for Muon; everything that touches digits or words, and vectors, for AdamW)."""
    kernels: list[nn.Parameter] = []
    others: list[nn.Parameter] = []
    for name, parameter in model.named_parameters():
        outer = any(part in name for part in (".head.", ".embed_", "words."))
        (others if outer or parameter.ndim < 2 else kernels).append(parameter)
    return kernels, others


@torch.no_grad()
def begin_with_frequencies(model: AnchoredDiffusion, grids: Sequence[Grid]) -> None:
    """Heads say at first how frequent each level of each digit is."""
    for at, (scale, levels) in enumerate(zip(model.scales, model.levels, strict=True)):
        digits = np.concatenate([grid.digits[at].reshape(-1, len(levels)) for grid in grids])
        counts = [np.bincount(digits[:, d], minlength=count) + 1.0 for d, count in enumerate(levels)]
        logs = np.concatenate([np.log(count / count.sum()) for count in counts])
        scale.head.bias.copy_(torch.from_numpy(logs))


def train_step(
    model: AnchoredDiffusion, batch: Batch, vocabulary: Mapping[str, int], recipe: AnchoredRecipe, rng: torch.Generator
) -> tuple[Tensor, dict[str, float]]:
    """(loss, nats per token and scale by name)."""
    num = len(batch.texts)
    finest = float(torch.rand((), generator=rng)) < recipe.finest
    complete = batch.digits if finest else batch.digits[:-1]
    without_words = (torch.rand(num, generator=rng) < recipe.no_words).tolist()
    texts = ["" if without else text for text, without in zip(batch.texts, without_words, strict=True)]
    tokens, there = token_batch(texts, vocabulary, model.size.max_words)
    masks = [draw_masks(tuple(digits.shape), recipe.masking, rng) for digits in complete]
    given = [digits.masked_fill(hidden, MISSING) for digits, (hidden, _) in zip(complete, masks, strict=True)]
    with_edges = torch.rand(num, generator=rng) >= recipe.no_edges
    edges = edge_maps(batch.edges, with_edges, [(digits.shape[1], digits.shape[2]) for digits in complete])
    with torch.autocast("cpu", torch.bfloat16, enabled=recipe.bf16):
        logits = model(given, complete, edges, tokens, there)
    loss, parts = torch.zeros(()), {}
    for at, (found, digits, (hidden, ratio)) in enumerate(zip(logits, complete, masks, strict=True)):
        nats = digit_nats(found, digits, model.levels[at])
        cost = diffusion_loss(nats, hidden, ratio, recipe.auxiliary)
        loss = loss + recipe.scale_weights[at] * cost
        parts[f"nats{at}"] = cost.item()
    return loss, parts


def train(
    recipe: AnchoredRecipe,
    pool: GridPool,
    texts: Texts,
    sentences: Sequence[str],
    out: Path,
    *,
    family: int,
    strides: tuple[int, ...],
    levels: tuple[tuple[int, ...], ...],
    held_out: Sequence[Grid] = (),
    init: Path | None = None,
    log: Callable[[str], None] = print,
) -> Trained:
    """Runs (or resumes) a recipe; returns the averaged model, also left in `out`/generator.pt.

    `texts`: stem -> what is said with a picture. `sentences`: what the vocabulary and the words' first vectors are
    from. `init`: a generator of the same shape to begin from, with its vocabulary.
    """
    torch.manual_seed(recipe.seed)
    out.mkdir(parents=True, exist_ok=True)
    checkpoint = out / "checkpoint.pt"
    resumed = torch.load(checkpoint, weights_only=True) if checkpoint.exists() else None
    if resumed is not None:
        words = resumed["words"]
    elif init is not None:
        begun = load_generator(init)
        words = begun.words
    else:
        words = build_vocabulary(sentences, most=recipe.most_words, least=recipe.least_words)
    model = AnchoredDiffusion(len(words), levels, recipe.size)
    vocabulary = {word: token for token, word in enumerate(words)}
    if resumed is None and init is None:
        begin_with_frequencies(model, pool.some(500))
        vectors = word_vectors(sentences, words, recipe.size.word_width)
        model.words.embed.weight.data.copy_(torch.from_numpy(vectors))
    elif resumed is None:
        model.load_state_dict(begun.model.state_dict())
    average = deepcopy(model).requires_grad_(False)
    kernels, others = split_parameters(model)
    optimisers = (Muon(kernels, lr=0.0), torch.optim.AdamW(others, lr=0.0, betas=(0.9, 0.98), weight_decay=0.01))
    step, spent = 0, 0.0
    if resumed is not None:
        model.load_state_dict(resumed["model"])
        average.load_state_dict(resumed["average"])
        for optimiser, saved in zip(optimisers, resumed["optimisers"], strict=True):
            optimiser.load_state_dict(saved)
        step, spent = resumed["step"], resumed["spent"]
        log(f"resumed at step {step}")
    trained = Trained(average, words, family, strides)
    rng = torch.Generator().manual_seed(recipe.seed + 1 + step)
    stream = pool.batches(recipe.batch, texts, seed=recipe.seed + step, people=recipe.people)
    log(json.dumps({"grids": len(pool), "words": len(words), "parameters": sum(p.numel() for p in model.parameters())}))
    began, last_saved, sums, seen = time.process_time(), time.monotonic(), Sums(), 0
    while True:
        elapsed = spent + time.process_time() - began
        progress = max(step / recipe.num_steps, elapsed / (recipe.max_minutes * 60))
        if progress >= 1 or time.monotonic() - last_saved > SAVE_EVERY_S:
            last_saved = time.monotonic()
            state = {
                "words": words,
                "model": model.state_dict(),
                "average": average.state_dict(),
                "optimisers": [optimiser.state_dict() for optimiser in optimisers],
                "step": step,
                "spent": elapsed,
            }
            save(checkpoint, state)
            save_generator(out / "generator.pt", trained)
            if pool.refresh():
                log(f"{len(pool)} grids")
        if progress >= 1:
            return trained
        for optimiser, peak in zip(optimisers, (recipe.muon_lr, recipe.adam_lr), strict=True):
            optimiser.param_groups[0]["lr"] = peak * learning_rate(recipe, progress)
        batch = next(stream)
        loss, parts = train_step(model.train(), batch, vocabulary, recipe, rng)
        for optimiser in optimisers:
            optimiser.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        if torch.isfinite(norm):
            for optimiser in optimisers:
                optimiser.step()
        step += 1
        seen += len(batch.texts)
        with torch.no_grad():
            keep = min(recipe.keep, (step + 1) / (step + 10))
            for mine, theirs in zip(average.parameters(), model.parameters(), strict=True):
                mine.lerp_(theirs, 1 - keep)
        sums.add({**parts, "norm": float(norm)})
        if step % recipe.log_every == 0:
            seconds = round(spent + time.process_time() - began)
            log(json.dumps({"step": step, "pictures": seen, "s": seconds, **sums.means()}))
            sums = Sums()
        if held_out and step % recipe.judge_every == 0:
            log(json.dumps({"step": step, **judged(average.eval(), held_out[:NUM_JUDGED], texts, vocabulary)}))


class Sums:
    """Means of what was logged since the last line; not all parts come in all steps."""

    def __init__(self) -> None:
        self._found: dict[str, list[float]] = {}

    def add(self, parts: Mapping[str, float]) -> None:
        for name, value in parts.items():
            self._found.setdefault(name, []).append(value)

    def means(self) -> dict[str, float]:
        return {name: float(f"{np.mean(found):.4g}") for name, found in self._found.items()}


def judged(
    model: AnchoredDiffusion, grids: Sequence[Grid], texts: Texts, vocabulary: Mapping[str, int]
) -> dict[str, list[float]]:
    """Bits per token and scale of pictures that are not trained on, everything hidden: with words and without."""
    said = [next((text for side in texts.get(grid.stem, ((), ())) for text in side), "") for grid in grids]
    return {
        name: [
            round(float(bits), 3)
            for bits in picture_bits(model, grids, chosen, vocabulary, hidden_share=1.0).mean(axis=0)
        ]
        for name, chosen in (("bits_with_words", said), ("bits_without", [""] * len(grids)))
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("recipe", choices=sorted(recipes.ANCHORED_RECIPES))
    parser.add_argument("--grids", type=Path, required=True)
    parser.add_argument("--held-out-grids", type=Path, default=None, help="of pictures that are never trained on")
    parser.add_argument("--photos", type=Path, required=True, help="the folder with index.jsonl")
    parser.add_argument("--described", type=Path, required=True, help="JSON from anchored_data describe")
    parser.add_argument("--sentences", type=Path, required=True, help="captions without pictures, .jsonl.gz")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--init", type=Path, default=None, help="a generator.pt to begin from")
    parser.add_argument("--family", type=int, default=int(DEFAULT_FAMILY), help="that the grids were made with")
    parser.add_argument("--minutes", type=float, default=None, help="of processor time, instead of the recipe's")
    args = parser.parse_args()
    recipe = recipes.ANCHORED_RECIPES[args.recipe]()
    if args.minutes is not None:
        recipe = replace(recipe, max_minutes=args.minutes)
    held_out = load_grids(sorted(args.held_out_grids.glob("grids-*.npz"))) if args.held_out_grids else []
    texts = picture_texts(args.photos, args.described)
    seen: list[Photo] = []
    unseen: list[Photo] = []
    for photo in load_index(args.photos):
        (seen if photo.file.startswith("train/") else unseen).append(photo)
    sentences = [text for photo in seen for said in texts[photo.id] for text in said]
    for said in sentences_by_picture(args.sentences, without=unseen).values():
        sentences += said
    # The format of a new family is that of the shipped one: other weights and tables, the same strides and levels.
    shipped = find_family(DEFAULT_FAMILY)
    train(
        recipe,
        GridPool(args.grids),
        texts,
        sentences,
        args.out,
        family=args.family,
        strides=shipped.strides,
        levels=shipped.levels,
        held_out=held_out,
        init=args.init,
        log=lambda line: print(line, flush=True),
    )


if __name__ == "__main__":
    main()
