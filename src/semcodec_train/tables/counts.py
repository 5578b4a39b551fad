"""What followed each context, counted, and which contexts are kept.

Shapes: N = symbols.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from semcodec.layers.text.model import LARGEST_COUNT, count_of
from semcodec_train.tables.recipes import Prune


@dataclass(frozen=True)
class Component:
    below: int
    keys: np.ndarray
    starts: np.ndarray
    followers: np.ndarray
    count_codes: np.ndarray


def component_of(keys: np.ndarray, symbols: np.ndarray, below: int, prune: Prune) -> Component:
    """The counts of what followed each key. `keys` and `symbols` are (N,)."""
    packed, counts = np.unique(keys << 16 | symbols, return_counts=True)
    pair_keys, followers = packed >> 16, packed & 0xFFFF
    _, key_of = np.unique(pair_keys, return_inverse=True)
    totals = np.bincount(key_of, weights=counts)[key_of]
    kept = (totals >= prune.min_context) & (counts >= prune.min_follower)
    pair_keys, followers, counts = pair_keys[kept], followers[kept], counts[kept]
    contexts, inverse = np.unique(pair_keys, return_inverse=True)
    largest = np.zeros(len(contexts), np.int64)
    np.maximum.at(largest, inverse, counts)
    scale = np.maximum(1, -(-largest // LARGEST_COUNT))[inverse]
    known = np.array([count_of(code) for code in range(256)])
    wanted = np.maximum(1, counts // scale)
    above = np.minimum(np.searchsorted(known, wanted), 255)
    codes = np.where((above > 1) & (wanted - known[above - 1] < known[above] - wanted), above - 1, above)
    starts = np.concatenate([[0], np.cumsum(np.bincount(inverse, minlength=len(contexts)))])
    wide = np.uint32 if not len(contexts) or contexts[-1] < 1 << 32 else np.uint64
    return Component(
        below, contexts.astype(wide), starts.astype(np.uint32), followers.astype(np.uint16), codes.astype(np.uint8)
    )
