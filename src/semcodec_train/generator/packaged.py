"""A package (`generator.export`) back to the network that it was made of, to go on from: anchored-nano-2 began so.

Weights come back as they are stored, in 8 and 16 bits. A network that was told the mean of each cell of outlines begins
with as much weight for each part of the cell: it does at first what it did.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor

from semcodec_train.generator.model import AnchoredDiffusion, GeneratorSize, Trained

Arrays = dict[str, NDArray[np.float32]]


def load_package(folder: Path, size: GeneratorSize) -> Trained:
    """Raises `ValueError` where the package is of a network of another size."""
    about = json.loads((folder / "about.json").read_text("utf-8"))
    levels = tuple(map(tuple, about["levels"]))
    model = AnchoredDiffusion(len(about["vocabulary"]), levels, size)
    found = {f"words.{name}": values for name, values in weights_of(folder / "words.onnx").items()}
    for at, stride in enumerate(about["strides"]):
        graph = weights_of(folder / f"scale-{stride}.onnx")
        found |= {f"scales.{at}.{name.removeprefix('scale.')}": values for name, values in graph.items()}
    state = {name: _fitted(name, found.get(name), begun) for name, begun in model.state_dict().items()}
    model.load_state_dict(state)
    return Trained(model.eval(), list(about["vocabulary"]), about["family"], tuple(about["strides"]))


def weights_of(path: Path) -> Arrays:
    """The weights in a graph by the names that they had in PyTorch."""
    graph = onnx.load(path).graph
    values: Arrays = {}
    for stored in graph.initializer:
        array = numpy_helper.to_array(stored)
        values[stored.name] = array.astype(np.float32) if array.dtype in (np.int8, np.float16) else array
    for node in graph.node:  # (in the order of work)
        if all(name in values for name in node.input):
            if node.op_type == "Cast":
                values[node.output[0]] = values[node.input[0]]
            elif node.op_type == "Mul":
                values[node.output[0]] = values[node.input[0]] * values[node.input[1]]
    # A matrix has lost its name: it is that of the bias which is added to what it gives.
    product = {node.output[0]: node.input[1] for node in graph.node if node.op_type == "MatMul"}
    for node in graph.node:
        if node.op_type == "Add":
            for given, other in (node.input, node.input[::-1]):
                if product.get(given) in values and other.endswith(".bias"):
                    values[other.removesuffix(".bias") + ".weight"] = values[product[given]].T
    return values


def _fitted(name: str, values: NDArray[np.float32] | None, begun: Tensor) -> Tensor:
    if values is not None and name.endswith("embed_edges.weight") and values.shape[1] == 2 < begun.shape[1]:
        num = begun.shape[1] - 1
        values = np.concatenate([np.repeat(values[:, :1] / num, num, axis=1), values[:, 1:]], axis=1)
    if values is None or values.shape != tuple(begun.shape):
        has = "nothing" if values is None else f"the shape {values.shape}"
        raise ValueError(f"{name}: the package has {has}, the network {tuple(begun.shape)}")
    return torch.tensor(values)
