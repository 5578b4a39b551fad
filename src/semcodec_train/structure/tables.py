"""Counts the tables of structure tokens, as those of token families are counted (`tables.tokens`): on outlines of
photographs, coded at all that may be spent, since a file may be of any budget.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import torch

from semcodec.layers.tokens.encode import block_order, context_features
from semcodec.layers.tokens.grid import grids
from semcodec.types import Size
from semcodec_train.structure.model import StructureCodec, StructureSpec
from semcodec_train.tables.tokens import family_of, random_steps

BLOCKS = (2, 4)  # 64 canvas pixels a side, at both scales


def digits_of(codec: StructureCodec, maps: Sequence[np.ndarray], *, seed: int = 0) -> Iterator[list[np.ndarray]]:
    """(R, K, D) per scale of each map (H / 2, W / 2), at three random spends."""
    rng, strides = np.random.default_rng(seed), codec.spec.strides
    for map_HW in maps:
        multiple = strides[0] // 2
        padded = np.pad(map_HW, [(0, -side % multiple) for side in map_HW.shape])
        likely = torch.from_numpy(padded)[None, None].float() / 255
        for spend in rng.uniform(0, 1, 3):
            digits = codec.digits(likely, torch.full((1, 1), float(spend)))
            yield [
                d[0, :, : -(-2 * map_HW.shape[0] // stride), : -(-2 * map_HW.shape[1] // stride)]
                .permute(1, 2, 0)
                .numpy()
                for d, stride in zip(digits, strides, strict=True)
            ]


def count_structure(
    pictures: Iterable[list[np.ndarray]], spec: StructureSpec, name: str, *, max_leaves: int = 160, seed: int = 0
) -> bytes:
    """The family file."""
    rng = np.random.default_rng(seed)
    samples: list[list[np.ndarray]] = [[] for _ in spec.strides]
    for digits in pictures:
        canvas = Size(digits[-1].shape[1] * spec.strides[-1], digits[-1].shape[0] * spec.strides[-1])
        all_grids = grids(canvas, spec.strides, BLOCKS)
        orders = block_order(random_steps(all_grids, rng), all_grids)
        for scale in range(len(spec.strides)):
            samples[scale].append(context_features(digits, orders, scale, spec.levels))
    return family_of(samples, spec.strides, spec.levels, BLOCKS, name, rng, max_leaves=max_leaves)
