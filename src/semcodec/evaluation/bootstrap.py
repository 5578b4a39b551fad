"""Bootstrap intervals over pictures: how far would a mean move with other pictures of the same kind?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

NUM_RESAMPLES = 10_000


def mean_interval(values: Sequence[float], *, level: float = 0.95, seed: int = 0) -> tuple[float, float]:
    """The percentile interval of the mean. For a paired comparison pass the differences."""
    array = np.asarray(values, dtype=np.float64)
    if len(array) < 2:
        raise ValueError("an interval needs at least two pictures")
    rng = np.random.Generator(np.random.Philox(seed))
    means = array[rng.integers(0, len(array), size=(NUM_RESAMPLES, len(array)))].mean(axis=1)
    low, high = np.quantile(means, ((1 - level) / 2, (1 + level) / 2))
    return float(low), float(high)
