"""What EfficientNet-Lite (Tan & Le, 2019; TensorFlow's "lite" form: ReLU6, no squeezing) takes a picture for.

The weight file is safetensors, batch norm folded in: `stem`, `blocks.N.expand|depth|project`, `head`, `fc`, and in its
metadata `spec`, a list of (channels in, expanded, out, kernel, stride) for each block.

Shapes: H, W = pixels; K = classes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from semcodec.errors import WeightsError
from semcodec.evaluation.graph import INPUT, Graph
from semcodec.evaluation.weights import WeightFile, read_weights
from semcodec.nets.session import open_session

if TYPE_CHECKING:
    from semcodec.types import Pixels

SIDE_PX, AROUND_PX = 260, 32  # of lite2: the central part, and how much more the short side has


class EfficientNet:
    def __init__(self, path: Path, *, threads: int = 1) -> None:
        self.weights = read_weights(path)
        self._session = open_session(_graph(self.weights), threads=threads)

    def top1(self, image_HWC: Pixels) -> int:
        """The first class of (H, W, 3) uint8 RGB."""
        return int(np.argmax(self.logits(image_HWC)))

    def logits(self, image_HWC: Pixels) -> NDArray[np.float32]:
        """(classes,) of the central part: short side to 292 px (bicubic), central 260 px."""
        picture = Image.fromarray(image_HWC)
        factor = (SIDE_PX + AROUND_PX) / min(picture.size)
        size = (max(SIDE_PX, round(picture.width * factor)), max(SIDE_PX, round(picture.height * factor)))
        left, top = (size[0] - SIDE_PX) // 2, (size[1] - SIDE_PX) // 2
        box = (left, top, left + SIDE_PX, top + SIDE_PX)
        crop_HWC = np.asarray(picture.resize(size, Image.Resampling.BICUBIC).crop(box)).astype(np.float32)
        (logits_1K11,) = self._session.run(None, {INPUT: (crop_HWC.transpose(2, 0, 1)[None] - 127) / 128})
        return np.asarray(logits_1K11[0, :, 0, 0])


def _graph(weights: WeightFile) -> bytes:
    if "spec" not in weights.metadata:
        raise WeightsError(f"{weights.path}: this weight file has no list of blocks ('spec') in its metadata")
    graph = Graph()
    zero, six = graph.constant(0), graph.constant(6)

    def conv(x: str, name: str, *, stride: int = 1, group: int = 1, relu6: bool = True) -> str:
        weight, bias = weights[f"{name}.weight"], weights[f"{name}.bias"]
        x = graph.conv(x, weight, bias, stride=stride, group=group, same=True)
        return graph.node("Clip", x, zero, six) if relu6 else x

    x = conv(INPUT, "stem", stride=2)
    for at, (wide, expanded, out, _kernel, stride) in enumerate(json.loads(weights.metadata["spec"])):
        name, before = f"blocks.{at}", x
        if expanded != wide:
            x = conv(x, f"{name}.expand")
        x = conv(x, f"{name}.depth", stride=stride, group=expanded)
        x = conv(x, f"{name}.project", relu6=False)
        if stride == 1 and wide == out:
            x = graph.node("Add", x, before)
    x = graph.node("GlobalAveragePool", conv(x, "head"))
    return graph.build([graph.conv(x, weights["fc.weight"][:, :, None, None], weights["fc.bias"])])
