"""What tokens cost under the generator, in bits, beside the integer tables: with the right words, none, and others',
and with the right words and outlines of 150 bytes.

    python -m semcodec_train.generator.bits --weights generator.pt --grids GRIDS --photos DIR --described WORDS.json
        --out bits.json [--tables FAMILY.bin]

Words help where the right ones make tokens cheaper than none, and others' make them dearer.

Shapes: N = pictures; R, K = token rows, columns of a scale; D = digits of a token.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from semcodec.layers.tokens.encode import block_order
from semcodec.layers.tokens.family import Family, find_family, parse_family
from semcodec.layers.tokens.grid import grids
from semcodec.models import DEFAULT_FAMILY
from semcodec.rate.cost import block_bits
from semcodec.types import Size
from semcodec_train.generator.data import Grid, load_grids, picture_texts, stacked, token_batch
from semcodec_train.generator.model import AnchoredDiffusion, digit_nats, edge_maps, load_generator
from semcodec_train.tokenizer.model import MISSING

Floats = NDArray[np.floating[Any]]

LN2 = float(np.log(2))
NUM_RATIOS = 8
MASKINGS = {"all_hidden": 1.0, "half_hidden": 0.5}  # share of the tokens


@torch.no_grad()
def token_nats(
    model: AnchoredDiffusion,
    grid: Grid,
    text: str,
    vocabulary: Mapping[str, int],
    hidden: Sequence[Tensor],
    *,
    outlined: bool = False,
) -> list[Tensor]:
    """Per scale (R, K, D): what each true digit costs where `hidden` (R, K, D) digits are not known and all coarser
    scales are; outlines are known where it is `outlined`.
    """
    where = next(model.parameters()).device
    batch = stacked([grid], [text]).to(where)
    complete = batch.digits[: len(hidden)]
    given = [digits.masked_fill(mask.to(where), MISSING) for digits, mask in zip(complete, hidden, strict=True)]
    shapes = [(digits.shape[1], digits.shape[2]) for digits in complete]
    there = torch.full((1,), float(outlined), device=where)
    edges = edge_maps(batch.outlines, there, shapes, model.strides, model.size.parts)
    tokens, there = (part.to(where) for part in token_batch(batch.texts, vocabulary, model.size.max_words))
    logits = model(given, complete, edges, tokens, there)
    return [
        digit_nats(found, digits, levels)[0].cpu()
        for found, digits, levels in zip(logits, complete, model.levels, strict=False)
    ]


def picture_bits(
    model: AnchoredDiffusion,
    grids_: Sequence[Grid],
    texts: Sequence[str],
    vocabulary: Mapping[str, int],
    *,
    hidden_share: float,
    outlined: bool = False,
) -> Floats:
    """(pictures, scales): bits per hidden token, its digits apart. The same tokens are hidden for any words."""
    result = []
    for at, (grid, text) in enumerate(zip(grids_, texts, strict=True)):
        rng = torch.Generator().manual_seed(at)
        hidden = []
        for digits in grid.digits:
            where = torch.rand(*digits.shape[:2], 1, generator=rng) < hidden_share
            where[0, 0] |= not where.any()  # one token at least
            hidden.append(where.expand(digits.shape))
        nats = token_nats(model, grid, text, vocabulary, hidden, outlined=outlined)
        result.append(
            [float(scale.sum(2)[where[..., 0]].mean()) / LN2 for scale, where in zip(nats, hidden, strict=True)]
        )
    return np.array(result)


def ordered_bits(
    model: AnchoredDiffusion, grids_: Sequence[Grid], texts: Sequence[str], vocabulary: Mapping[str, int]
) -> Floats:
    """(pictures, scales): bits per token if digits came one by one in random order, each knowing those before it. The
    mean over how many are hidden, at `NUM_RATIOS` evenly spaced shares: what a coder with this network would need.
    """
    result = []
    for at, (grid, text) in enumerate(zip(grids_, texts, strict=True)):
        rng = torch.Generator().manual_seed(at)
        turn = [torch.rand(digits.shape, generator=rng) for digits in grid.digits]
        found = np.full((NUM_RATIOS, len(turn)), np.nan)  # (a scale of few digits may have none hidden)
        for level in range(NUM_RATIOS):
            hidden = [scale < (level + 0.5) / NUM_RATIOS for scale in turn]
            for scale, (nats, where) in enumerate(
                zip(token_nats(model, grid, text, vocabulary, hidden), hidden, strict=True)
            ):
                if where.any():
                    found[level, scale] = float(nats[where].mean()) * nats.shape[2] / LN2
        result.append(np.nanmean(found, axis=0))
    return np.array(result)


def table_bits(grids_: Iterable[Grid], family: Family) -> Floats:
    """(pictures, scales): bits per token under the integer tables, every token sent."""
    result = []
    for grid in grids_:
        rows, cols = grid.digits[-1].shape[:2]
        working = Size(cols * family.strides[-1], rows * family.strides[-1])
        all_grids = grids(working, family.strides, family.blocks)
        everything = [(scale, list(range(each.num_blocks))) for scale, each in enumerate(all_grids)]
        orders = block_order(everything, all_grids)
        result.append(
            [
                block_bits(grid.digits, orders, scale, family, each).sum() / (each.num_rows * each.num_cols)
                for scale, each in enumerate(all_grids)
            ]
        )
    return np.array(result)


def word_choices(texts: Sequence[str]) -> dict[str, list[str]]:
    """The right words, none, and those of another picture."""
    half = len(texts) // 2
    return {"right": list(texts), "none": [""] * len(texts), "wrong": [*texts[half:], *texts[:half]]}


def with_error(values: Floats) -> list[list[float]]:
    """[mean, standard error] per scale."""
    error = values.std(axis=0, ddof=1) / len(values) ** 0.5
    return [[round(float(m), 3), round(float(e), 3)] for m, e in zip(values.mean(axis=0), error, strict=True)]


def measure(
    model: AnchoredDiffusion,
    grids_: Sequence[Grid],
    texts: Sequence[str],
    vocabulary: Mapping[str, int],
    family: Family,
) -> dict[str, Any]:
    """Bits per token, [mean, standard error] per scale; differences are of the same tokens of the same pictures."""
    model = model.eval()
    result: dict[str, Any] = {"pictures": len(grids_), "strides": list(family.strides)}
    result["integer_tables"] = with_error(table_bits(grids_, family))
    ways: dict[str, Callable[..., Floats]] = {
        name: partial(picture_bits, model, grids_, vocabulary=vocabulary, hidden_share=share)
        for name, share in MASKINGS.items()
    }
    ways["one_by_one"] = partial(ordered_bits, model, grids_, vocabulary=vocabulary)
    for name, bits_with in ways.items():
        bits = {words: bits_with(chosen) for words, chosen in word_choices(texts).items()}
        result[name] = {words: with_error(found) for words, found in bits.items()}
        for words in ("none", "wrong"):
            result[name][f"{words}_minus_right"] = with_error(bits[words] - bits["right"])
        if name in MASKINGS:
            outlined = bits_with(list(texts), outlined=True)
            result[name]["outlined"] = with_error(outlined)
            result[name]["right_minus_outlined"] = with_error(bits["right"] - outlined)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--grids", type=Path, required=True, help="of pictures that were not trained on")
    parser.add_argument("--photos", type=Path, required=True, help="with index.jsonl")
    parser.add_argument("--described", type=Path, required=True, help="JSON from generator.data describe")
    parser.add_argument("--tables", type=Path, default=None, help="a family file; without: the shipped one")
    parser.add_argument("--most", type=int, default=60, help="pictures")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    trained = load_generator(args.weights)
    tables: Path | None = args.tables
    family = find_family(DEFAULT_FAMILY) if tables is None else parse_family(tables.read_bytes(), int(tables.stem))
    pool = load_grids(sorted(args.grids.glob("grids-*.npz")))[: args.most]
    found = picture_texts(args.photos, args.described)
    words = {"people": 0, "describer": 1}
    result = {}
    for who, at in words.items():
        chosen = [grid for grid in pool if found.get(grid.stem, ((), ()))[at]]
        texts = [found[grid.stem][at][0] for grid in chosen]
        if len(chosen) > 1:
            result[f"words_of_{who}"] = measure(trained.model, chosen, texts, trained.vocabulary, family)
    args.out.write_text(json.dumps(result, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
