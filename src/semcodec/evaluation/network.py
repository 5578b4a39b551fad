"""Feature networks from weight files: the layer list becomes an ONNX graph in memory, run by the library's own runtime.

The list (in the file's metadata) knows four operations: `conv` and `depthwise` (SAME padding as TensorFlow counts it,
an optional ReLU6), `add` of two earlier outputs, and `average_pool` over the whole picture. Fully convolutional: any
size.

Shapes: N = pictures; C = channels; H, W = pixels.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.errors import WeightsError
from semcodec.evaluation.graph import INPUT, Graph
from semcodec.evaluation.weights import WeightFile, read_weights
from semcodec.nets.session import open_session

Floats = NDArray[np.float32]

# Where the training judge looks: the last block output at stride 2, 4, 8, 16 (64 channels), 16 (96) and 32.
MOBILENET_DEPTHS = (2, 9, 20, 35, 46, 60)


class LayerNetwork:
    """One weight file, opened as often as different outputs are wanted. `threads` is that of every session."""

    def __init__(self, path: Path, *, threads: int = 1) -> None:
        self.weights = read_weights(path)
        if "layers" not in self.weights.metadata:
            raise WeightsError(f"{path}: this weight file has no layer list in its metadata")
        self._layers: list[dict[str, Any]] = json.loads(self.weights.metadata["layers"])
        self.depths: tuple[int, ...] = tuple(
            json.loads(self.weights.metadata.get("depths", "null")) or MOBILENET_DEPTHS
        )
        self._threads = threads
        self._sessions: dict[tuple[int, ...], Any] = {}

    @property
    def sha256(self) -> str:
        return self.weights.sha256

    def features(self, image_NCHW: Floats, depths: Sequence[int] | None = None) -> list[Floats]:
        """Outputs of the named layers (default: `self.depths`). `image_NCHW` is RGB in -1..1."""
        wanted = tuple(self.depths if depths is None else depths)
        if wanted not in self._sessions:
            self._sessions[wanted] = open_session(
                layer_graph(self._layers, self.weights, wanted), threads=self._threads
            )
        return list(self._sessions[wanted].run(None, {"image": image_NCHW}))

    def logits(self, image_NCHW: Floats) -> Floats:
        """(N, classes)."""
        return self.features(image_NCHW, (len(self._layers) - 1,))[0][:, :, 0, 0]

    def pooled(self, image_NCHW: Floats) -> Floats:
        """(N, C): the deepest features, averaged over the picture."""
        return np.asarray(self.features(image_NCHW, self.depths[-1:])[0].mean(axis=(2, 3)))


def to_network_range(image_HWC: NDArray[np.uint8]) -> Floats:
    """uint8 -> (1, 3, H, W) in -1..1."""
    scaled = image_HWC.astype(np.float32) / np.float32(127.5) - np.float32(1)
    return np.ascontiguousarray(scaled.transpose(2, 0, 1)[None])


def layer_graph(layers: list[dict[str, Any]], weights: WeightFile, outputs: Sequence[int]) -> bytes:
    """An ONNX model of the layers up to the last wanted one."""
    graph, names = Graph(), {-1: INPUT}
    zero, six = graph.constant(0), graph.constant(6)
    for at, layer in enumerate(layers[: max(outputs) + 1]):
        if layer["op"] == "add":
            names[at] = graph.node("Add", names[layer["a"]], names[layer["b"]])
        elif layer["op"] == "average_pool":
            names[at] = graph.node("GlobalAveragePool", names[at - 1])
        else:
            weight, bias = weights[f"{layer['index']}.weight"], weights[f"{layer['index']}.bias"]
            group = weight.shape[0] if layer["op"] == "depthwise" else 1
            x = graph.conv(names[at - 1], weight, bias, stride=layer["stride"], group=group, same=True)
            names[at] = graph.node("Clip", x, zero, six) if layer["relu6"] else x
    return graph.build([names[at] for at in outputs])
