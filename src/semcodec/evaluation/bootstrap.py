"""Bootstrap intervals over pictures: how far would a mean move with other pictures of the same kind?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

NUM_RESAMPLES = 10_000


def mean_interval(values: Sequence[float], *, level: float = 0.95, seed: int = 0) -> tuple[float, float]:
    """The percentile interval of the mean. For a paired comparison pass the differences."""
    array = np.asarray(values, dtype=np.float64)
    return _ends(array[_resamples(len(array), seed)].mean(axis=1), level)


def ratio_interval(
    values: Sequence[float], base: Sequence[float], *, level: float = 0.95, seed: int = 0
) -> tuple[float, float]:
    """The percentile interval of mean(values) / mean(base), which are of the same pictures in the same order."""
    above, below = (np.asarray(side, dtype=np.float64) for side in (values, base))
    if len(above) != len(below):
        raise ValueError("a ratio needs the same pictures on both sides")
    picks = _resamples(len(above), seed)
    return _ends(above[picks].mean(axis=1) / below[picks].mean(axis=1), level)


def _resamples(num_pictures: int, seed: int) -> NDArray[np.intp]:
    if num_pictures < 2:
        raise ValueError("an interval needs at least two pictures")
    rng = np.random.Generator(np.random.Philox(seed))
    return rng.integers(0, num_pictures, size=(NUM_RESAMPLES, num_pictures))


def _ends(found: NDArray[np.float64], level: float) -> tuple[float, float]:
    low, high = np.quantile(found, ((1 - level) / 2, (1 + level) / 2))
    return float(low), float(high)
