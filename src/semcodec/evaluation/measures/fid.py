"""FID (Heusel et al., 2017) on patches, with the Inception-v3 of the original TensorFlow code, from a weight file.

The file is the state of `pt_inception-2015-12-05` (pytorch-fid) saved as safetensors (`Conv2d_1a_3x3.conv.weight` and
so on). Patches are those of HiFiC: 256 px side by side, and, where both sides have 384 px, once more shifted by 128
px; brought to 299 px bilinearly. FID is biased by the number of patches: compare it only at equal numbers.

Shapes: P = patches; D = 2048.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.evaluation.graph import INPUT, Graph
from semcodec.evaluation.weights import WeightFile, read_weights
from semcodec.nets.session import open_session

Floats = NDArray[np.float32]

PATCH_PX, SHIFT_PX, SHIFTED_FROM_PX = 256, 128, 384
_INPUT_PX = 299
_NORM_EPSILON = 1e-3


class Inception:
    def __init__(self, path: Path, *, threads: int = 1) -> None:
        self.weights = read_weights(path)
        self._session: Any = open_session(inception_graph(self.weights), threads=threads)

    def pooled(self, image_NCHW: Floats) -> Floats:
        """(P, D) of pictures in -1..1."""
        outputs = [self._session.run(None, {INPUT: one[None]})[0][:, :, 0, 0] for one in image_NCHW]
        return np.concatenate(outputs)


def cut_patches(image_NCHW: Floats) -> Floats:
    """(P, 3, 256, 256); a picture smaller than a patch is one patch."""
    _, _, height, width = image_NCHW.shape
    if min(height, width) < PATCH_PX:
        return image_NCHW
    starts = [0, SHIFT_PX] if min(height, width) >= SHIFTED_FROM_PX else [0]
    corners = [
        (top, left)
        for start in starts
        for top in range(start, height - PATCH_PX + 1, PATCH_PX)
        for left in range(start, width - PATCH_PX + 1, PATCH_PX)
    ]
    return np.stack([image_NCHW[0, :, top : top + PATCH_PX, left : left + PATCH_PX] for top, left in corners])


def fid(real: Sequence[NDArray[np.floating]], decoded: Sequence[NDArray[np.floating]]) -> float:
    """Of two lists of (P, D) features, one entry per picture."""
    x, y = (np.concatenate(side).astype(np.float64) for side in (real, decoded))
    if min(len(x), len(y)) < 2:
        raise ValueError("FID needs at least two patches on each side")
    cov_x, cov_y = np.atleast_2d(np.cov(x, rowvar=False)), np.atleast_2d(np.cov(y, rowvar=False))
    # The trace of the root of cov_x cov_y is that of the symmetric root(cov_x) cov_y root(cov_x).
    values, vectors = np.linalg.eigh(cov_x)
    root_x = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    mixed = np.sqrt(np.maximum(np.linalg.eigvalsh(root_x @ cov_y @ root_x), 0)).sum()
    means = np.square(x.mean(axis=0) - y.mean(axis=0)).sum()
    return float(means + np.trace(cov_x) + np.trace(cov_y) - 2 * mixed)


def inception_graph(weights: WeightFile) -> bytes:
    """Up to the pooled features. Widths come from the file."""
    net = _Net(weights)
    x = net.resized(INPUT)
    x = net.conv(x, "Conv2d_1a_3x3", stride=2)
    x = net.conv(x, "Conv2d_2a_3x3")
    x = net.conv(x, "Conv2d_2b_3x3", padding=(1, 1))
    x = net.conv(net.shrunk(x), "Conv2d_3b_1x1")
    x = net.shrunk(net.conv(x, "Conv2d_4a_3x3"))
    for name in ("Mixed_5b", "Mixed_5c", "Mixed_5d"):
        x = net.block_a(x, name)
    x = net.block_b(x, "Mixed_6a")
    for name in ("Mixed_6b", "Mixed_6c", "Mixed_6d", "Mixed_6e"):
        x = net.block_c(x, name)
    x = net.block_d(x, "Mixed_7a")
    x = net.block_e(x, "Mixed_7b", maximum=False)
    x = net.block_e(x, "Mixed_7c", maximum=True)  # the original has a maximum here, and FID keeps it
    return net.graph.build([net.graph.node("GlobalAveragePool", x)])


class _Net:
    """The blocks of Inception-v3, by the names of their branches in the file."""

    def __init__(self, weights: WeightFile) -> None:
        self.graph, self._weights = Graph(), weights

    def resized(self, x: str) -> str:
        """To 299x299, as PyTorch's bilinear without aligned corners."""
        sizes = self.graph.integers([_INPUT_PX, _INPUT_PX])
        head = self.graph.node("Slice", self.graph.node("Shape", x), self.graph.integers([0]), self.graph.integers([2]))
        shape = self.graph.node("Concat", head, sizes, axis=0)
        mode = {"mode": "linear", "coordinate_transformation_mode": "half_pixel"}
        return self.graph.node("Resize", x, "", "", shape, **mode)

    def conv(self, x: str, name: str, *, stride: int = 1, padding: tuple[int, int] = (0, 0)) -> str:
        """Convolution, batch norm (folded in), ReLU."""
        w = self._weights
        gain = w[f"{name}.bn.weight"] / np.sqrt(w[f"{name}.bn.running_var"] + np.float32(_NORM_EPSILON))
        bias = w[f"{name}.bn.bias"] - w[f"{name}.bn.running_mean"] * gain
        weight = w[f"{name}.conv.weight"] * gain[:, None, None, None]
        return self.graph.node("Relu", self.graph.conv(x, weight, bias, stride=stride, padding=padding))

    def chain(self, x: str, *steps: tuple[str, tuple[int, int]], last_stride: int = 1) -> str:
        for at, (name, padding) in enumerate(steps, start=1):
            x = self.conv(x, name, padding=padding, stride=last_stride if at == len(steps) else 1)
        return x

    def shrunk(self, x: str) -> str:
        return self.graph.node("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2])

    def pooled(self, x: str, name: str, *, maximum: bool = False) -> str:
        kind = {"kernel_shape": [3, 3], "strides": [1, 1], "pads": [1, 1, 1, 1]}
        x = self.graph.node("MaxPool", x, **kind) if maximum else self.graph.node("AveragePool", x, **kind)
        return self.conv(x, f"{name}.branch_pool")

    def joined(self, *parts: str) -> str:
        return self.graph.node("Concat", *parts, axis=1)

    def block_a(self, x: str, name: str) -> str:
        b = f"{name}.branch"
        return self.joined(
            self.conv(x, f"{b}1x1"),
            self.chain(x, (f"{b}5x5_1", (0, 0)), (f"{b}5x5_2", (2, 2))),
            self.chain(x, (f"{b}3x3dbl_1", (0, 0)), (f"{b}3x3dbl_2", (1, 1)), (f"{b}3x3dbl_3", (1, 1))),
            self.pooled(x, name),
        )

    def block_b(self, x: str, name: str) -> str:
        b = f"{name}.branch3x3"
        double = ((f"{b}dbl_1", (0, 0)), (f"{b}dbl_2", (1, 1)), (f"{b}dbl_3", (0, 0)))
        return self.joined(self.conv(x, b, stride=2), self.chain(x, *double, last_stride=2), self.shrunk(x))

    def block_c(self, x: str, name: str) -> str:
        b, wide, tall = f"{name}.branch", (0, 3), (3, 0)
        double = tuple((f"{b}7x7dbl_{at}", p) for at, p in enumerate(((0, 0), tall, wide, tall, wide), start=1))
        return self.joined(
            self.conv(x, f"{b}1x1"),
            self.chain(x, (f"{b}7x7_1", (0, 0)), (f"{b}7x7_2", wide), (f"{b}7x7_3", tall)),
            self.chain(x, *double),
            self.pooled(x, name),
        )

    def block_d(self, x: str, name: str) -> str:
        b = f"{name}.branch"
        seven = tuple((f"{b}7x7x3_{at}", p) for at, p in enumerate(((0, 0), (0, 3), (3, 0), (0, 0)), start=1))
        three = self.chain(x, (f"{b}3x3_1", (0, 0)), (f"{b}3x3_2", (0, 0)), last_stride=2)
        return self.joined(three, self.chain(x, *seven, last_stride=2), self.shrunk(x))

    def block_e(self, x: str, name: str, *, maximum: bool) -> str:
        b, wide, tall = f"{name}.branch", (0, 1), (1, 0)
        three = self.conv(x, f"{b}3x3_1")
        double = self.chain(x, (f"{b}3x3dbl_1", (0, 0)), (f"{b}3x3dbl_2", (1, 1)))
        return self.joined(
            self.conv(x, f"{b}1x1"),
            self.conv(three, f"{b}3x3_2a", padding=wide),
            self.conv(three, f"{b}3x3_2b", padding=tall),
            self.conv(double, f"{b}3x3dbl_3a", padding=wide),
            self.conv(double, f"{b}3x3dbl_3b", padding=tall),
            self.pooled(x, name, maximum=maximum),
        )
