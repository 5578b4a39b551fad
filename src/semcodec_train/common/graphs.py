"""PyTorch modules to ONNX graphs: traced, stored compactly, checked against what they were made from.

Large kernels are stored as 8-bit integers with a scale per output channel, the rest as float16; both are widened when
the session opens, and arithmetic is in float32.
"""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

MIN_INT8_WEIGHTS = 4096  # smaller ones stay float16: they decide digits and cost nothing
KERNELS, KERNELS_AND_MATRICES = (4,), (2, 4)  # dimensions of what is stored in 8 bits


def traced(
    module: nn.Module,
    inputs: tuple[Tensor, ...],
    input_names: list[str],
    output_names: list[str],
    axes: dict[str, dict[int, str]],
) -> onnx.ModelProto:
    """An ONNX model with float32 weights; `axes` are those that may have any length, by input or output."""
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        # The tracing exporter is announced to go; it is the one that leaves all heights and widths free here.
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", torch.jit.TracerWarning)  # level counts are constants on purpose
        warnings.filterwarnings("ignore", "Constant folding")  # widths of padding: the runtime folds them
        torch.onnx.export(
            module,
            inputs,
            buffer,
            input_names=input_names,
            output_names=output_names,
            dynamic_axes=axes,
            opset_version=17,
            dynamo=False,
        )
    return onnx.load_model_from_string(buffer.getvalue())


def store_compactly(
    model: onnx.ModelProto, *, in_int8: Collection[int] = KERNELS, in_halves: tuple[str, ...] = ()
) -> None:
    """Large weights become small integers or float16, with nodes that widen them; the runtime folds these away when it
    opens the file.

    An output channel is a kernel's, or an embedding's, first axis; of a matrix that something is multiplied with, its
    columns. What begins with one of `in_halves` is float16, however large.
    """
    graph, widening = model.graph, []
    _lift_constants(graph)
    columns = {node.input[1] for node in graph.node if node.op_type == "MatMul"}
    for weight in list(graph.initializer):
        if weight.data_type != TensorProto.FLOAT or np.prod(weight.dims) < 64 or weight.name.endswith("_scale"):
            continue
        values = numpy_helper.to_array(weight)
        graph.initializer.remove(weight)
        large = values.ndim in in_int8 and values.size >= MIN_INT8_WEIGHTS
        if large and not weight.name.startswith(in_halves):
            inputs = (0,) if weight.name in columns else tuple(range(1, values.ndim))
            scale = np.maximum(np.abs(values).max(axis=inputs, keepdims=True), 1e-12) / 127
            small = np.rint(values / scale).astype(np.int8)
            names = [f"{weight.name}_{part}" for part in ("int8", "scale", "wide")]
            graph.initializer.append(numpy_helper.from_array(small, names[0]))
            graph.initializer.append(numpy_helper.from_array(scale.astype(np.float32), names[1]))
            widening.append(helper.make_node("Cast", [names[0]], [names[2]], to=TensorProto.FLOAT))
            widening.append(helper.make_node("Mul", [names[2], names[1]], [weight.name]))
        else:
            graph.initializer.append(numpy_helper.from_array(values.astype(np.float16), weight.name + "_half"))
            widening.append(helper.make_node("Cast", [weight.name + "_half"], [weight.name], to=TensorProto.FLOAT))
    for node in reversed(widening):
        graph.node.insert(0, node)


def _lift_constants(graph: onnx.GraphProto) -> None:
    """Large tables that stand in nodes are stored as weights are."""
    for node in list(graph.node):
        if node.op_type == "Constant" and node.attribute[0].name == "value":
            table = node.attribute[0].t
            if table.data_type == TensorProto.FLOAT and np.prod(table.dims) >= MIN_INT8_WEIGHTS:
                table.name = node.output[0]
                graph.initializer.append(table)
                graph.node.remove(node)


def check_parity(
    name: str,
    path: Path,
    module: nn.Module,
    inputs: Mapping[str, Tensor],
    *,
    mean: float = 0.03,
    most: float = math.inf,
    near: int = 1,
) -> list[Tensor]:
    """What PyTorch gives in float32. Raises `ValueError` where ONNX Runtime's numbers are off by more than `mean` of
    the spread on average, or by `most` anywhere; of digits and pixels, nearly all have to be within `near`.
    """
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    got = session.run(None, {key: value.numpy() for key, value in inputs.items()})
    with torch.no_grad():
        found = module(*inputs.values())
    wanted = list(found) if isinstance(found, tuple) else [found]
    for mine, theirs in zip(got, (tensor.numpy() for tensor in wanted), strict=True):
        if mine.shape != theirs.shape:
            raise ValueError(f"{name}: ONNX Runtime gives {mine.shape}, PyTorch {theirs.shape}")
        if theirs.dtype == np.uint8:
            off = np.mean(np.abs(mine.astype(int) - theirs.astype(int)) > near)
            if off > 0.01:
                raise ValueError(
                    f"{name}: ONNX Runtime and PyTorch differ by more than {near} in {off:.2%} of the values"
                )
        else:
            apart = np.abs(mine - theirs) / theirs.std()
            if apart.mean() > mean or apart.max() > most:
                raise ValueError(
                    f"{name}: ONNX Runtime and PyTorch differ by {apart.mean():.3f} of the outputs' spread, "
                    f"by up to {apart.max():.3f}"
                )
    return wanted
