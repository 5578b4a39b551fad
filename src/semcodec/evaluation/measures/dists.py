"""DISTS (Ding et al., 2020), run from a weight file that the user gives.

The file is the state of `DISTS_pytorch.DISTS()` saved as safetensors (tensors `stage1.0.weight`, `alpha`, `beta`).
DISTS of (original, decoded) at full resolution, inputs in 0..1: so do the papers whose figures stand beside ours.
Scripts that bring the short side to 256 px first give smaller numbers.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from semcodec.evaluation.graph import INPUT, Graph
from semcodec.evaluation.weights import WeightFile, read_weights
from semcodec.nets.session import open_session

if TYPE_CHECKING:
    from semcodec.types import Pixels

Floats = NDArray[np.float32]

# VGG16's convolutions by stage, with their places in torchvision's list.
_STAGES = ((0, 2), (5, 7), (10, 12, 14), (17, 19, 21), (24, 26, 28))
_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_C1 = _C2 = 1e-6


class Dists:
    def __init__(self, path: Path, *, threads: int = 1) -> None:
        self.weights = read_weights(path)
        self._session: Any = open_session(_vgg(self.weights), threads=threads)
        alpha, beta = (self.weights[name].reshape(-1) for name in ("alpha", "beta"))
        total = alpha.sum() + beta.sum()
        self._alpha, self._beta = alpha / total, beta / total

    def features(self, image_HWC: Pixels) -> list[Floats]:
        """The picture itself in 0..1 and the five stages, each (C, H, W)."""
        image_NCHW = image_HWC.transpose(2, 0, 1)[None].astype(np.float32) / np.float32(255)
        return [image_NCHW[0], *(x[0] for x in self._session.run(None, {INPUT: image_NCHW}))]

    def distance(self, a: list[Floats], b: list[Floats]) -> float:
        """Of two results of `features`: 0 for equal pictures."""
        alike, first = 0.0, 0
        for x, y in zip(a, b, strict=True):
            last = first + len(x)
            mean_x, mean_y = x.mean(axis=(1, 2)), y.mean(axis=(1, 2))
            var_x, var_y = x.var(axis=(1, 2)), y.var(axis=(1, 2))
            cov = (x * y).mean(axis=(1, 2)) - mean_x * mean_y
            texture = (2 * mean_x * mean_y + _C1) / (mean_x**2 + mean_y**2 + _C1)
            structure = (2 * cov + _C2) / (var_x + var_y + _C2)
            alike += float((self._alpha[first:last] * texture + self._beta[first:last] * structure).sum())
            first = last
        return 1 - alike


def _vgg(weights: WeightFile) -> bytes:
    graph = Graph()
    mean, deviation = (graph.constant(np.array(v, np.float32).reshape(1, 3, 1, 1)) for v in (_MEAN, _DEVIATION))
    x, outputs = graph.node("Div", graph.node("Sub", INPUT, mean), deviation), []
    for stage, places in enumerate(_STAGES, start=1):
        if stage > 1:
            x = _l2_pool(graph, x, weights[f"stage{stage}.{places[0]}.weight"].shape[1])
        for place in places:
            weight, bias = weights[f"stage{stage}.{place}.weight"], weights[f"stage{stage}.{place}.bias"]
            x = graph.node("Relu", graph.conv(x, weight, bias, padding=(1, 1)))
        outputs.append(x)
    return graph.build(outputs)


def _l2_pool(graph: Graph, x: str, num_channels: int) -> str:
    """The root of a blurred square at stride 2: the blur is a Hann window of three."""
    taps = np.hanning(5)[1:-1]
    window = np.outer(taps, taps) / np.outer(taps, taps).sum()
    weight = np.repeat(window[None, None], num_channels, axis=0).astype(np.float32)
    squares = graph.conv(graph.node("Mul", x, x), weight, stride=2, padding=(1, 1), group=num_channels)
    return graph.node("Sqrt", graph.node("Add", squares, graph.constant(1e-12)))
