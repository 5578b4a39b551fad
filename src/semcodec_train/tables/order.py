"""An order of symbols in which alike ones are neighbours: halving along the main direction of their contexts."""

from __future__ import annotations

import numpy as np

Sequences = list[list[int]]


def alike_order(sequences: Sequences, num_symbols: int) -> list[int]:
    """Symbols so that those with alike neighbours stand together."""
    flat = np.array([0, *(symbol for sequence in sequences for symbol in sequence)])
    counts = np.bincount(flat[1:], minlength=num_symbols)
    num_features = min(600, num_symbols)
    rank = np.full(num_symbols, num_features)
    rank[np.argsort(-counts, kind="stable")[:num_features]] = np.arange(num_features)
    features = np.zeros((num_symbols, 2 * (num_features + 1)))
    np.add.at(features, (flat[1:], rank[flat[:-1]]), 1)
    np.add.at(features, (flat[:-1], num_features + 1 + rank[flat[1:]]), 1)
    overall = features.sum(0) / features.sum() * 2
    features = np.sqrt((features + 2 * overall) / (features.sum(1, keepdims=True) + 4)) - np.sqrt(overall)

    def halved(symbols: np.ndarray) -> list[int]:
        if len(symbols) <= 2:
            return [int(symbol) for symbol in symbols]
        weights = np.sqrt(counts[symbols] + 1)
        centred = features[symbols]
        centred = centred - (centred * weights[:, None]).sum(0) / weights.sum()
        direction = centred[np.argmax((centred * centred).sum(1))]
        for _ in range(20):
            direction = centred.T @ ((centred @ direction) * weights)
            length = np.linalg.norm(direction)
            if not length:
                break
            direction = direction / length
        symbols = symbols[np.argsort(np.round(centred @ direction, 9), kind="stable")]
        cum = np.cumsum(counts[symbols] + 1)
        at = min(max(int(np.searchsorted(cum, cum[-1] / 2)), 1), len(symbols) - 1)
        return halved(symbols[:at]) + halved(symbols[at:])

    return halved(np.arange(num_symbols))
