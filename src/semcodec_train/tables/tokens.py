"""Counts the integer tables of a token family: a tree of integer comparisons for every digit, frequencies at its
leaves.

    python -m semcodec_train.tables.tokens --weights model.pt --photos DIR --name nano-1 --out 1.bin

Shapes: T = tokens; X = context features; S = symbols of a digit.

Trees grow best first: the split that saves most bits over the whole training set comes next, until no split saves
more than `MIN_GAIN_BITS` or the tree has `max_leaves`. A leaf's counts are smoothed with its parent's.
"""

from __future__ import annotations

import argparse
import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from semcodec.entropy.tables import quantise_counts
from semcodec.layers.tokens.context import MAX_FEATURE, NEIGHBOURS, num_digits, num_features
from semcodec.layers.tokens.encode import block_order, context_features, symbols_of
from semcodec.layers.tokens.family import Node
from semcodec.layers.tokens.grid import Grid, Sent, Step, grids
from semcodec.types import Size
from semcodec_train.common.photos import load_photos
from semcodec_train.tables.family_file import family_bytes
from semcodec_train.tokenizer.model import Tokenizer
from semcodec_train.tokenizer.weights import load_tokenizer

# Small blocks at the coarse scales, where a token is 1.5 bytes of a 100-byte file: budgets are met within 5 %.
BLOCKS = (1, 1, 2, 2, 4)
MIN_GAIN_BITS = 48.0  # about what a leaf's table would cost to describe
MIN_LEAF_TOKENS = 60
SMOOTHING = 12.0  # pseudo-counts of the parent's distribution in each leaf


@dataclass(slots=True)
class _Leaf:
    at: np.ndarray  # which tokens
    counts: np.ndarray  # (S,)
    smoothed: np.ndarray  # (S,) distribution, sums to 1
    node: int = -1  # its parent's place in the tree, and which child it is
    child: int = 2


def code_bits(counts: np.ndarray) -> np.ndarray:
    """Ideal bits to code the symbols counted along the last axis with their own frequencies."""
    total = counts.sum(-1)
    inner = np.where(counts > 0, counts * np.log2(np.maximum(counts, 1)), 0).sum(-1)
    return np.where(total > 0, total * np.log2(np.maximum(total, 1)), 0) - inner


def best_split(features_TX: np.ndarray, symbols_T: np.ndarray, num_symbols: int, usable: np.ndarray):
    """(bits saved, feature, threshold) of the best `feature <= threshold`."""
    num_values = MAX_FEATURE + 2  # -1 .. MAX_FEATURE
    joint = (features_TX[:, usable].astype(np.int32) + 1) * num_symbols + symbols_T[:, None]
    joint += (np.arange(len(usable)) * num_values * num_symbols)[None]
    counts = np.bincount(joint.ravel(), minlength=len(usable) * num_values * num_symbols)
    counts = counts.reshape(len(usable), num_values, num_symbols).astype(np.float64)
    low = counts.cumsum(axis=1)[:, :-1]
    high = counts.sum(axis=1, keepdims=True) - low
    saved = code_bits(counts.sum(axis=1))[:, None] - code_bits(low) - code_bits(high)
    saved[(low.sum(-1) < MIN_LEAF_TOKENS) | (high.sum(-1) < MIN_LEAF_TOKENS)] = -1
    feature, value = np.unravel_index(np.argmax(saved), saved.shape)
    return float(saved[feature, value]), int(usable[feature]), int(value) - 1


def grow_tree(
    features_TX: np.ndarray, symbols_T: np.ndarray, num_symbols: int, usable: np.ndarray, max_leaves: int
) -> tuple[list[Node], list[list[int]]]:
    """(nodes, frequencies of the leaves)."""
    nodes: list[list[int]] = []
    leaves: list[_Leaf] = []
    waiting: list[tuple[float, int, int, int]] = []

    def add(leaf: _Leaf) -> None:
        leaves.append(leaf)
        saved, feature, threshold = best_split(features_TX[leaf.at], symbols_T[leaf.at], num_symbols, usable)
        heapq.heappush(waiting, (-saved, len(leaves) - 1, feature, threshold))

    counts = np.bincount(symbols_T, minlength=num_symbols).astype(np.float64)
    add(_Leaf(np.arange(len(symbols_T)), counts, (counts + 1) / (counts + 1).sum()))
    num_leaves, dead = 1, set()
    while waiting and num_leaves < max_leaves:
        saved, at, feature, threshold = heapq.heappop(waiting)
        if -saved < MIN_GAIN_BITS:
            break
        leaf = leaves[at]
        dead.add(at)
        nodes.append([feature, threshold, 0, 0])
        if leaf.node >= 0:
            nodes[leaf.node][leaf.child] = len(nodes) - 1
        goes_low = features_TX[leaf.at, feature] <= threshold
        for child, chosen in ((2, leaf.at[goes_low]), (3, leaf.at[~goes_low])):
            counts = np.bincount(symbols_T[chosen], minlength=num_symbols).astype(np.float64)
            smoothed = (counts + SMOOTHING * leaf.smoothed) / (counts.sum() + SMOOTHING)
            add(_Leaf(chosen, counts, smoothed, len(nodes) - 1, child))
        num_leaves += 1
    tables = []
    for at, leaf in enumerate(leaves):
        if at in dead:
            continue
        if leaf.node >= 0:
            nodes[leaf.node][leaf.child] = -1 - len(tables)
        tables.append(quantise_counts([int(share * (1 << 40)) for share in leaf.smoothed]))
    return [(n[0], n[1], n[2], n[3]) for n in nodes], tables


def usable_features(digit: int, levels: tuple[tuple[int, ...], ...]) -> list[int]:
    """What the tree of a digit (-1: of the length) may ask for: the likeliest of all features (`context.py`)."""
    width = num_digits(levels)
    sums = range(9 * width, num_features(levels))
    parents = range(7 * width, 7 * width + 4)
    if digit < 0:
        return [*parents, *range(8 * width, 9 * width), *sums[:9], *sums[10:12]]
    own = range(max(0, digit - 3), digit)
    same = [(1 + n) * width + digit for n in range(len(NEIGHBOURS))]
    spread = range(8 * width + max(0, digit - 1), 8 * width + min(width, digit + 2))
    return [*own, *same, *parents, 7 * width + digit, *spread, *sums]


def random_steps(all_grids: Sequence[Grid], rng: np.random.Generator) -> list[Step]:
    """Every block, sent as encoders do: mostly a scale at once, sometimes part of a scale before the rest."""
    sent, steps = Sent(all_grids), []
    for scale in range(len(all_grids)):
        share = rng.uniform(0.2, 0.9) if rng.random() < 0.3 else 1.0
        for wanted in (share, 1.0):
            blocks = [block for block in sent.candidates(scale) if wanted == 1.0 or rng.random() < wanted]
            for block in blocks:
                sent.add(scale, block)
            if blocks:
                steps.append((scale, blocks))
    return steps


def photo_digits(model: Tokenizer, photos: list[Image.Image], *, bf16: bool) -> Iterator[list[np.ndarray]]:
    """Digits per scale of each photo, tokens of the padding cut off."""
    strides = model.spec.strides
    for photo in photos:
        pixels = np.asarray(photo)
        height, width = pixels.shape[:2]
        padded = np.pad(pixels, ((0, -height % strides[0]), (0, -width % strides[0]), (0, 0)), mode="edge")
        image = torch.from_numpy(padded.transpose(2, 0, 1)[None].copy()).float() / 127.5 - 1
        inside = torch.zeros_like(image[:, :1])
        inside[:, :, :height, :width] = 1
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            digits = model.digits(image, inside)
        yield [
            d[0, :, : -(-height // s), : -(-width // s)].permute(1, 2, 0).to(torch.uint8).numpy()
            for d, s in zip(digits, strides, strict=True)
        ]


def count_family(
    model: Tokenizer,
    photos: list[Image.Image],
    name: str,
    *,
    max_leaves: int = 160,
    max_tokens: int = 500_000,
    seed: int = 0,
    bf16: bool = True,
    log: Callable[[str], None] = print,
) -> bytes:
    """The family file. The same model, pictures and seed give the same bytes on the same build of PyTorch."""
    spec = model.spec
    rng = np.random.default_rng(seed)
    samples: list[list[np.ndarray]] = [[] for _ in spec.strides]
    for digits in photo_digits(model, photos, bf16=bf16):
        height, width = digits[-1].shape[0] * spec.strides[-1], digits[-1].shape[1] * spec.strides[-1]
        working = Size(width, height)
        all_grids = grids(working, spec.strides, BLOCKS)
        orders = block_order(random_steps(all_grids, rng), all_grids)
        for scale in range(len(spec.strides)):
            samples[scale].append(context_features(digits, orders, scale, spec.levels))
    return family_of(
        samples, spec.strides, spec.levels, BLOCKS, name, rng, max_leaves=max_leaves, max_tokens=max_tokens, log=log
    )


def family_of(
    samples: Sequence[Sequence[np.ndarray]],
    strides: tuple[int, ...],
    levels_of: tuple[tuple[int, ...], ...],
    blocks: tuple[int, ...],
    name: str,
    rng: np.random.Generator,
    *,
    max_leaves: int = 160,
    max_tokens: int = 500_000,
    log: Callable[[str], None] = print,
) -> bytes:
    """The family file of the contexts (T, X) that the tokens of each scale were seen in."""
    nodes: list[list[list[Node]]] = []
    leaves: list[list[list[list[int]]]] = []
    for scale, levels in enumerate(levels_of):
        features = np.concatenate(samples[scale])
        if len(features) > max_tokens:
            features = features[np.sort(rng.choice(len(features), max_tokens, replace=False))]
        scale_nodes, scale_leaves = [], []
        for at, symbols in enumerate(symbols_of(features, levels)):
            num_values = levels[at - 1] if at else len(levels) + 1
            there = symbols.there_T
            usable = np.array(usable_features(at - 1, levels_of))
            tree, tables = grow_tree(features[there], symbols.values_T[there], num_values, usable, max_leaves)
            scale_nodes.append(tree)
            scale_leaves.append(tables)
            log(f"scale {scale} symbol {at}: {there.sum()} of {len(features)} tokens, {len(tables)} leaves")
        nodes.append(scale_nodes)
        leaves.append(scale_leaves)
    return family_bytes(name, strides, levels_of, blocks, nodes, leaves)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--photos", type=Path, required=True, help="a folder, or a tar archive, of pictures")
    parser.add_argument("--name", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=None, help="use only that many pictures")
    args = parser.parse_args()
    model = load_tokenizer(args.weights)
    args.out.write_bytes(count_family(model.eval(), load_photos(args.photos, limit=args.limit), args.name))


if __name__ == "__main__":
    main()
