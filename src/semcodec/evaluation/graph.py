"""A few words for writing ONNX graphs by hand: constants, nodes, and the finished model as bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.evaluation.require import require

INPUT = "image"


class Graph:
    """One float picture batch (N, 3, H, W) in, called `image`; every method returns the name of what it adds."""

    def __init__(self) -> None:
        self._onnx = require("onnx")
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def constant(self, value: NDArray[np.float32] | float) -> str:
        name = f"k{len(self._constants)}"
        self._constants.append(self._onnx.numpy_helper.from_array(np.asarray(value, np.float32), name))
        return name

    def integers(self, values: Sequence[int]) -> str:
        name = f"k{len(self._constants)}"
        self._constants.append(self._onnx.numpy_helper.from_array(np.asarray(values, np.int64), name))
        return name

    def node(self, operation: str, *inputs: str, **attributes: Any) -> str:
        name = f"x{len(self._nodes)}"
        self._nodes.append(self._onnx.helper.make_node(operation, list(inputs), [name], **attributes))
        return name

    def conv(
        self,
        x: str,
        weight: NDArray[np.float32],
        bias: NDArray[np.float32] | None = None,
        *,
        stride: int = 1,
        padding: tuple[int, int] = (0, 0),
        group: int = 1,
        same: bool = False,
    ) -> str:
        """`padding`: rows above and below, columns left and right. `same`: TensorFlow's, the odd pixel at the end."""
        parts = [self.constant(weight)] + ([] if bias is None else [self.constant(bias)])
        pads: dict[str, Any] = {"auto_pad": "SAME_UPPER"} if same else {"pads": [*padding, *padding]}
        shape = list(weight.shape[2:])
        return self.node("Conv", x, *parts, strides=[stride] * 2, kernel_shape=shape, group=group, **pads)

    def build(self, outputs: Sequence[str]) -> bytes:
        helper, kind = self._onnx.helper, self._onnx.TensorProto.FLOAT
        graph = helper.make_graph(
            self._nodes,
            "features",
            [helper.make_tensor_value_info(INPUT, kind, ["N", 3, "H", "W"])],
            [helper.make_tensor_value_info(name, kind, None) for name in outputs],
            self._constants,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
        return bytes(model.SerializeToString())
