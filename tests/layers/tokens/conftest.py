"""A tiny real family with grown trees, and pictures' worth of digits that its contexts predict."""

from __future__ import annotations

import random

import numpy as np
import pytest

from semcodec.entropy.tables import quantise_counts
from semcodec.layers.tokens.context import num_features
from semcodec.layers.tokens.family import Family, Node, parse_family
from semcodec_train.tables.family_file import family_bytes

LEVELS = ((8, 8, 8, 8), (8, 8, 8, 8), (8, 8, 8, 8), (8, 5, 5, 5), (5, 5, 5))
STRIDES, BLOCKS = (128, 64, 32, 16, 8), (1, 1, 2, 4, 4)


def random_tree(rng: random.Random, digit: int, num_symbols: int, depth: int) -> tuple[list[Node], list[list[int]]]:
    nodes: list[Node] = []
    leaves: list[list[int]] = []

    def grow(left: int) -> int:
        if not left:
            leaves.append(quantise_counts([rng.randrange(1, 100) for _ in range(num_symbols)]))
            return -len(leaves)
        at = len(nodes)
        nodes.append((0, 0, 0, 0))
        feature = rng.choice([f for f in range(num_features(LEVELS)) if f < digit or f >= 4])
        nodes[at] = (feature, rng.randrange(-1, 7), grow(left - 1), grow(left - 1))
        return at

    grow(depth)
    return nodes, leaves


def random_family_bytes(seed: int) -> bytes:
    rng = random.Random(seed)
    trees = [
        [random_tree(rng, symbol - 1, n, 4) for symbol, n in enumerate((len(levels) + 1, *levels))] for levels in LEVELS
    ]
    return family_bytes(
        "test",
        STRIDES,
        LEVELS,
        BLOCKS,
        [[nodes for nodes, _ in scale] for scale in trees],
        [[leaves for _, leaves in scale] for scale in trees],
    )


@pytest.fixture(scope="session")
def family() -> Family:
    return parse_family(random_family_bytes(1), 129)


@pytest.fixture(scope="session")
def other_family() -> Family:
    """The same token format with other tables."""
    return parse_family(random_family_bytes(2), 129)


def random_digits(working_px: tuple[int, int], seed: int) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(seed)
    width, height = working_px
    return tuple(
        np.stack([rng.integers(0, n, (-(-height // stride), -(-width // stride))) for n in levels], -1).astype(np.uint8)
        for stride, levels in zip(STRIDES, LEVELS, strict=True)
    )
