"""The generator's training: a step, its rates, how the network begins.

    python -m semcodec_train.generator.train RECIPE --grids DIR --photos DIR --described WORDS.json --sentences FILE.gz
        --out DIR [--held-out-grids DIR] [--init generator.pt] [--minutes N]

Grids and the describer's words come from `generator.data`. Grids that are added while it runs are taken in. It leaves
`generator.pt` (the average), `best.pt` (that of the fewest bits on held-out grids, with words and outlines) and
`run.json`. The same command runs on a CPU and on a GPU.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from semcodec.layers.tokens.family import find_family
from semcodec.models import DEFAULT_FAMILY
from semcodec_train.common.loop import CHECKPOINT, Average, Log, Loop, say, warming
from semcodec_train.common.optim import MuonAdam
from semcodec_train.common.recipes import arguments, chosen
from semcodec_train.common.run import RUN, Sources, device, write_run
from semcodec_train.describer.data import Photo, load_index, sentences_by_picture
from semcodec_train.generator.bits import picture_bits
from semcodec_train.generator.data import (
    Batch,
    Grid,
    GridPool,
    build_vocabulary,
    load_grids,
    picture_texts,
    token_batch,
    word_vectors,
)
from semcodec_train.generator.model import (
    AnchoredDiffusion,
    Trained,
    diffusion_loss,
    digit_nats,
    draw_masks,
    edge_maps,
    load_generator,
    save_generator,
)
from semcodec_train.generator.packaged import load_package
from semcodec_train.generator.recipes import RECIPES, GeneratorRecipe
from semcodec_train.tokenizer.model import MISSING

Texts = Mapping[str, tuple[Sequence[str], Sequence[str]]]
BEST = "best.pt"
SAVE_EVERY_S = 120
LOOK_EVERY = 200  # steps: for grids that were added
NUM_JUDGED = 40


def learning_rate(recipe: GeneratorRecipe, progress: float) -> float:
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
    model: AnchoredDiffusion, batch: Batch, vocabulary: Mapping[str, int], recipe: GeneratorRecipe, rng: torch.Generator
) -> tuple[Tensor, dict[str, Tensor]]:
    """(loss, nats per token and scale by name)."""
    num, where = len(batch.texts), batch.outlines.device
    finest = float(torch.rand((), generator=rng)) < recipe.finest
    complete = batch.digits if finest else batch.digits[:-1]
    without_words = (torch.rand(num, generator=rng) < recipe.no_words).tolist()
    texts = ["" if without else text for text, without in zip(batch.texts, without_words, strict=True)]
    tokens, there = (part.to(where) for part in token_batch(texts, vocabulary, model.size.max_words))
    drawn = [draw_masks(tuple(digits.shape), recipe.masking, rng) for digits in complete]
    masks = [(hidden.to(where), ratio.to(where)) for hidden, ratio in drawn]
    given = [digits.masked_fill(hidden, MISSING) for digits, (hidden, _) in zip(complete, masks, strict=True)]
    with_edges = (torch.rand(num, generator=rng) >= recipe.no_edges).to(where)
    shapes = [(digits.shape[1], digits.shape[2]) for digits in complete]
    edges = edge_maps(batch.outlines, with_edges, shapes, model.strides, model.size.parts)
    with torch.autocast(where.type, torch.bfloat16, enabled=recipe.bf16):
        logits = model(given, complete, edges, tokens, there)
    loss, parts = torch.zeros((), device=where), {}
    for at, (found, digits, (hidden, ratio)) in enumerate(zip(logits, complete, masks, strict=True)):
        nats = digit_nats(found, digits, model.levels[at])
        cost = diffusion_loss(nats, hidden, ratio, recipe.auxiliary)
        loss = loss + recipe.scale_weights[at] * cost
        parts[f"nats{at}"] = cost
    return loss, parts


def train(
    recipe: GeneratorRecipe,
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
    sources: Sources | None = None,
    log: Log = say,
) -> Trained:
    """Runs (or resumes) a recipe; returns the averaged model, also left in `out`/generator.pt.

    `texts`: stem -> what is said with a picture. `sentences`: what the vocabulary and the words' first vectors are
    from. `init`: a generator of the same shape to begin from, with its vocabulary; or the folder of a package.
    """
    torch.manual_seed(recipe.seed)
    where, weights = device(), out / "generator.pt"
    goes_on = (out / CHECKPOINT).exists()
    begun = load_generator(weights) if goes_on else None if init is None else begun_from(init, recipe)
    words = begun.words if begun else build_vocabulary(sentences, most=recipe.most_words, least=recipe.least_words)
    model = AnchoredDiffusion(len(words), levels, recipe.size)
    vocabulary = {word: token for token, word in enumerate(words)}
    if begun is not None:
        model.load_state_dict(begun.model.state_dict())
    else:
        begin_with_frequencies(model, pool.some(500))
        vectors = word_vectors(sentences, words, recipe.size.word_width)
        model.words.embed.weight.data.copy_(torch.from_numpy(vectors))
    model = model.to(where)
    average = Average(model)
    kernels, others = split_parameters(model)
    rates = {"muon_lr": recipe.muon_lr, "adam_lr": recipe.adam_lr}
    optimiser = MuonAdam(kernels, others, **rates, clip_at=5.0, clipped=model.parameters())
    trained = Trained(average.model, words, family, strides)
    loop = Loop(
        out,
        {"model": model, "average": average, "optimiser": optimiser},
        device=where,
        log_every=recipe.log_every,
        save_every_s=SAVE_EVERY_S,
        of_processor=True,
        on_save=lambda: save_generator(weights, trained),
        log=log,
    )
    rng = torch.Generator().manual_seed(recipe.seed + 1 + loop.step)
    kept, best = out / BEST, float("inf")
    if held_out and kept.exists():  # (of before an interruption)
        best = dear(recipe, judged(load_generator(kept).model.to(where), held_out[:NUM_JUDGED], texts, vocabulary))
    stream = pool.batches(recipe.batch, texts, seed=recipe.seed + loop.step, people=recipe.people)
    loop.say({"grids": len(pool), "words": len(words), "parameters": sum(p.numel() for p in model.parameters())})
    for progress in loop.through(recipe.minutes, recipe.num_steps):
        batch = next(stream).to(where)
        loss, parts = train_step(model.train(), batch, vocabulary, recipe, rng)
        norm = optimiser.step(loss, learning_rate(recipe, progress))
        average.take(model, warming(recipe.keep, loop.step + 1))
        loop.add({**parts, "norm": norm}, crops=len(batch.texts))
        if held_out and (loop.step + 1) % recipe.judge_every == 0:
            bits = judged(average.model, held_out[:NUM_JUDGED], texts, vocabulary)
            loop.say({"step": loop.step + 1, **bits})
            if dear(recipe, bits) < best:  # (it learns its photographs by heart, coarse scales first)
                best = dear(recipe, bits)
                save_generator(kept, trained)
        if loop.step % LOOK_EVERY == LOOK_EVERY - 1 and pool.refresh():
            loop.say({"grids": len(pool)})
    write_run(out / RUN, recipe, loop, sources or Sources.of(parents={"init": init}), words=len(words), grids=len(pool))
    return trained


def dear(recipe: GeneratorRecipe, bits: Mapping[str, Sequence[float]]) -> float:
    """What `judged` found, in one number: with words and outlines, scales as they count in the loss."""
    return sum(map(operator.mul, recipe.scale_weights, bits["bits_outlined"]))


def begun_from(init: Path, recipe: GeneratorRecipe) -> Trained:
    return load_package(init, recipe.size) if init.is_dir() else load_generator(init)


def judged(
    model: AnchoredDiffusion, grids: Sequence[Grid], texts: Texts, vocabulary: Mapping[str, int]
) -> dict[str, list[float]]:
    """Bits per token and scale of pictures that are not trained on, everything hidden: with words, without, and with
    words and outlines.
    """
    said = [next((text for side in texts.get(grid.stem, ((), ())) for text in side), "") for grid in grids]
    return {
        name: [
            round(float(bits), 3)
            for bits in picture_bits(
                model, grids, chosen, vocabulary, hidden_share=1.0, outlined=name == "bits_outlined"
            ).mean(axis=0)
        ]
        for name, chosen in (("bits_with_words", said), ("bits_without", [""] * len(grids)), ("bits_outlined", said))
    }


def main() -> None:
    parser = arguments(__doc__, RECIPES)
    parser.add_argument("--grids", type=Path, required=True)
    parser.add_argument("--held-out-grids", type=Path, help="of pictures that are never trained on")
    parser.add_argument("--photos", type=Path, required=True, help="the folder with index.jsonl")
    parser.add_argument("--described", type=Path, required=True, help="JSON from generator.data describe")
    parser.add_argument("--sentences", type=Path, required=True, help="captions without pictures, .jsonl.gz")
    parser.add_argument("--init", type=Path, help="a generator.pt, or the folder of a package, to begin from")
    parser.add_argument("--family", type=int, default=int(DEFAULT_FAMILY), help="that the grids were made with")
    args = parser.parse_args()
    held_out = load_grids(sorted(args.held_out_grids.glob("grids-*.npz"))) if args.held_out_grids else []
    texts = picture_texts(args.photos, args.described)
    seen: list[Photo] = []
    unseen: list[Photo] = []
    for photo in load_index(args.photos):
        (seen if photo.file.startswith("train/") else unseen).append(photo)
    sentences = [text for photo in seen for said in texts[photo.id] for text in said]
    for said in sentences_by_picture(args.sentences, without=unseen).values():
        sentences += said
    sources = Sources.of(
        parents={"init": args.init},
        data={
            "grids": args.grids,
            "index": args.photos / "index.jsonl",
            "described": args.described,
            "sentences": args.sentences,
        },
    )
    # The format of a new family is that of the shipped one: other weights and tables, the same strides and levels.
    shipped = find_family(DEFAULT_FAMILY)
    train(
        chosen(args, RECIPES),
        GridPool(args.grids),
        texts,
        sentences,
        args.out,
        family=args.family,
        strides=shipped.strides,
        levels=shipped.levels,
        held_out=held_out,
        init=args.init,
        sources=sources,
    )


if __name__ == "__main__":
    main()
