"""The distance between two pictures' features: LPIPS (Zhang et al., 2018) without learned weights.

Features are brought to unit length over channels, squared differences are summed over channels, and averaged over
positions and over depths. The same definition as the one that networks are trained with; a test holds the two
together.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def unit_features(features: Sequence[Floats]) -> list[Floats]:
    """Each (1, C, H, W) at unit length over channels."""
    return [x / np.sqrt(np.square(x).sum(axis=1, keepdims=True) + np.float32(1e-6)) for x in features]


def unit_distance(a: Sequence[Floats], b: Sequence[Floats]) -> float:
    """0 for equal pictures. Both sides come from `unit_features`."""
    depths = [float(np.square(x - y).sum(axis=1).mean(dtype=np.float64)) for x, y in zip(a, b, strict=True)]
    return sum(depths) / len(depths)
