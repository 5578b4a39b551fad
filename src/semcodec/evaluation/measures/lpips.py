"""LPIPS with AlexNet (Zhang et al., CVPR 2018, linear weights v0.1), run from a weight file that the user gives.

The file is the state of `lpips.LPIPS(net="alex")` saved as safetensors (tensors `net.slice1.0.weight`,
`lin0.model.1.weight` and so on). LPIPS of (original, decoded) at full resolution, inputs in -1..1.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.evaluation.graph import INPUT, Graph
from semcodec.evaluation.weights import WeightFile, read_weights
from semcodec.nets.session import open_session

Floats = NDArray[np.float32]

# AlexNet's convolutions: (name in the file, stride, padding, whether a 3x3 maximum of stride 2 comes first).
_LAYERS = (
    ("net.slice1.0", 4, 2, False),
    ("net.slice2.3", 1, 2, True),
    ("net.slice3.6", 1, 1, True),
    ("net.slice4.8", 1, 1, False),
    ("net.slice5.10", 1, 1, False),
)
_SHIFT, _SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)


class Lpips:
    def __init__(self, path: Path, *, threads: int = 1) -> None:
        self.weights = read_weights(path)
        self._session: Any = open_session(_alexnet(self.weights), threads=threads)
        self._lines = [self.weights[f"lin{at}.model.1.weight"].reshape(1, -1, 1, 1) for at in range(len(_LAYERS))]

    def features(self, image_NCHW: Floats) -> list[Floats]:
        """Unit-length features of a picture in -1..1."""
        scaled = (image_NCHW - np.array(_SHIFT, np.float32).reshape(3, 1, 1)) / np.array(_SCALE, np.float32).reshape(
            3, 1, 1
        )
        outputs: list[Floats] = self._session.run(None, {INPUT: scaled})
        return [x / (np.sqrt(np.square(x).sum(axis=1, keepdims=True)) + np.float32(1e-10)) for x in outputs]

    def distance(self, a: list[Floats], b: list[Floats]) -> float:
        """Of two results of `features`."""
        parts = [(line * np.square(x - y)).sum(axis=1).mean() for line, x, y in zip(self._lines, a, b, strict=True)]
        return float(sum(parts))


def _alexnet(weights: WeightFile) -> bytes:
    graph, x, outputs = Graph(), INPUT, []
    for name, stride, padding, shrink_first in _LAYERS:
        if shrink_first:
            x = graph.node("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2])
        weight, bias = weights[f"{name}.weight"], weights[f"{name}.bias"]
        x = graph.node("Relu", graph.conv(x, weight, bias, stride=stride, padding=(padding, padding)))
        outputs.append(x)
    return graph.build(outputs)
