"""A trained describer to its package: `image.onnx`, `words.onnx` and `words.json`, each graph checked against PyTorch.

Kernels of convolutions and of linear maps are stored as 8-bit integers with a scale per output, the rest as float16;
all are widened when the session opens.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from semcodec_train.describer import Describer
from semcodec_train.export import traced

MIN_INT8_WEIGHTS = 4096
MAX_PACKAGE_BYTES = 16_000_000


class ImageGraph(nn.Module):
    """image_NCHW (1, 3, S, S), RGB in -1..1 -> features_NPC."""

    def __init__(self, model: Describer) -> None:
        super().__init__()
        self.encoder, self.memory = model.encoder, model.memory

    def forward(self, image_NCHW: Tensor) -> Tensor:
        return self.memory(self.encoder(image_NCHW))


def export_describer(model: Describer, about: dict[str, Any], out: Path) -> dict[str, Path]:
    """Writes the three files. `about` is the content of words.json. Raises `ValueError` if ONNX Runtime disagrees with
    PyTorch by more than rounding, or if the files are larger than a package may be.
    """
    model = model.eval()
    size_px = about["image_px"]
    rng = torch.Generator().manual_seed(0)
    coarse = torch.rand((1, 3, 12, 12), generator=rng)
    image = torch.nn.functional.interpolate(coarse, size=(size_px, size_px), mode="bicubic").clamp(0, 1) * 2 - 1
    graph = ImageGraph(model).eval()
    with torch.no_grad():
        features = graph(image)
    tokens = torch.randint(0, len(about["vocabulary"]), (2, 5), generator=rng)
    out.mkdir(parents=True, exist_ok=True)
    paths = {name: out / name for name in ("image.onnx", "words.onnx", "words.json")}
    jobs = (
        ("image.onnx", graph, (image,), ["image_NCHW"], ["features_NPC"], {}),
        (
            "words.onnx",
            model.writer,
            (tokens, features.expand(2, -1, -1).contiguous()),
            ["tokens_NT", "features_NPC"],
            ["logits_NTV"],
            {"tokens_NT": {0: "sequences", 1: "tokens"}, "features_NPC": {0: "sequences"}},
        ),
    )
    for name, module, inputs, input_names, output_names, axes in jobs:
        paths[name].write_bytes(_graph(module, inputs, input_names, output_names, axes))
        _check_parity(name, paths[name], module, inputs, input_names)
    paths["words.json"].write_text(json.dumps(about, ensure_ascii=False, indent=0) + "\n", "utf-8")
    num_bytes = sum(path.stat().st_size for path in paths.values())
    if num_bytes > MAX_PACKAGE_BYTES:
        raise ValueError(f"{out}: {num_bytes} bytes, a describer's package may have {MAX_PACKAGE_BYTES}")
    return paths


def _graph(
    module: nn.Module,
    inputs: tuple[Tensor, ...],
    input_names: list[str],
    output_names: list[str],
    axes: dict[str, dict[int, str]],
) -> bytes:
    model = traced(module, inputs, input_names, output_names, axes)
    store_compactly(model)
    onnx.checker.check_model(model)
    return model.SerializeToString()


def store_compactly(model: onnx.ModelProto) -> None:
    """As `export.store_compactly`, with matrices too. An embedding's rows are outputs; so are a MatMul's columns."""
    graph, widening = model.graph, []
    columns = {node.input[1] for node in graph.node if node.op_type == "MatMul"}
    for weight in list(graph.initializer):
        if weight.data_type != TensorProto.FLOAT or np.prod(weight.dims) < 64:
            continue
        values = numpy_helper.to_array(weight)
        graph.initializer.remove(weight)
        if values.ndim in (2, 4) and values.size >= MIN_INT8_WEIGHTS:
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


def _check_parity(name: str, path: Path, module: nn.Module, inputs: tuple[Tensor, ...], input_names: list[str]) -> None:
    """Within 3 % of the outputs' spread on average: 8-bit weights, not another network."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (got,) = session.run(None, dict(zip(input_names, (tensor.numpy() for tensor in inputs), strict=True)))
    with torch.no_grad():
        wanted = module(*inputs).numpy()
    off = np.abs(got - wanted).mean() / wanted.std()
    if got.shape != wanted.shape or off > 0.03:
        raise ValueError(f"{name}: ONNX Runtime and PyTorch differ by {off:.3f} of the outputs' spread")
