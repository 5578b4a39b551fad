"""EfficientNet-Lite and YuNet from files: a tiny network of each against what it must say."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
import torch.nn.functional as F
from PIL import Image

from semcodec.errors import WeightsError
from semcodec.evaluation.measures.efficientnet import EfficientNet
from semcodec.evaluation.measures.faces import FaceDetector

from .conftest import draw, write_safetensors

SPEC = [[4, 4, 4, 3, 1], [4, 8, 6, 5, 2]]
SHAPES = {
    "stem": (4, 3, 3),
    "blocks.0.depth": (4, 1, 3),
    "blocks.0.project": (4, 4, 1),
    "blocks.1.expand": (8, 4, 1),
    "blocks.1.depth": (8, 1, 5),
    "blocks.1.project": (6, 8, 1),
    "head": (12, 6, 1),
}


def tensors() -> dict[str, np.ndarray]:
    rng = np.random.Generator(np.random.Philox(3))
    found = {}
    for name, (cout, cin, kernel) in SHAPES.items():
        spread = (2 / (cin * kernel * kernel)) ** 0.5
        found[f"{name}.weight"] = rng.normal(0, spread, (cout, cin, kernel, kernel)).astype(np.float32)
        found[f"{name}.bias"] = rng.normal(0.2, 0.1, cout).astype(np.float32)
    return found | {
        "fc.weight": rng.normal(0, 1, (50, 12)).astype(np.float32),
        "fc.bias": np.zeros(50, np.float32),
    }


def by_pytorch(crop_HWC: np.ndarray, weights: dict[str, np.ndarray]) -> np.ndarray:
    """As TensorFlow pads: of an even side at stride 2 the odd pixel is at the end."""

    def conv(x: torch.Tensor, name: str, stride: int = 1, group: int = 1) -> torch.Tensor:
        weight, bias = (torch.from_numpy(weights[f"{name}.{part}"]) for part in ("weight", "bias"))
        pad = weight.shape[-1] - stride if x.shape[-1] % stride == 0 else weight.shape[-1] - 1
        return F.conv2d(F.pad(x, [pad // 2, pad - pad // 2] * 2), weight, bias, stride, groups=group)

    x = torch.from_numpy(crop_HWC.transpose(2, 0, 1)[None].astype(np.float32))
    x = F.relu6(conv((x - 127) / 128, "stem", 2))
    x = x + conv(F.relu6(conv(x, "blocks.0.depth", group=4)), "blocks.0.project")
    x = F.relu6(conv(F.relu6(conv(x, "blocks.1.expand")), "blocks.1.depth", 2, 8))
    x = F.relu6(conv(conv(x, "blocks.1.project"), "head")).mean((2, 3))
    return (x @ torch.from_numpy(weights["fc.weight"]).T).numpy()[0]


def test_efficientnet_says_what_its_definition_says(tmp_path: Path) -> None:
    weights = tensors()
    network = EfficientNet(write_safetensors(tmp_path / "e.safetensors", weights, {"spec": json.dumps(SPEC)}))
    pictures = [draw(292, 292, shift=shift) for shift in (0, 40)] + [255 - draw(292, 292), draw(292, 292) // 4]
    for picture in pictures:
        expected = by_pytorch(picture[16:276, 16:276], weights)
        assert network.logits(picture) == pytest.approx(expected, abs=1e-4)
        assert network.top1(picture) == expected.argmax()
    assert np.abs(network.logits(pictures[0]) - network.logits(pictures[2])).max() > 0.01
    large = np.asarray(Image.fromarray(pictures[0]).resize((584, 584), Image.Resampling.BICUBIC))
    assert network.logits(large).shape == (50,)
    with pytest.raises(WeightsError, match="no list of blocks"):
        EfficientNet(write_safetensors(tmp_path / "f.safetensors", weights, {}))


def face_network(path: Path, height: int, width: int) -> Path:
    """Says the same of every picture of one size: two cells of stride 8 and one of stride 32 see faces."""
    outputs, nodes = [], []
    for stride in (8, 16, 32):
        cols = width // stride
        values = {kind: np.zeros((1, height // stride * cols, n), np.float32) for kind, n in SIZES.items()}
        for row, col, score in FACES.get(stride, ()):
            at = row * cols + col
            values["cls"][0, at], values["obj"][0, at] = score, 1
            values["bbox"][0, at] = (0.5, 0.5, np.log(16 / stride), np.log(16 / stride))
        for kind, array in values.items():
            name = f"{kind}_{stride}"
            nodes.append(onnx.helper.make_node("Constant", [], [name], value=onnx.numpy_helper.from_array(array)))
            outputs.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, array.shape))
    image = onnx.helper.make_tensor_value_info("input", onnx.TensorProto.FLOAT, ["n", 3, height, width])
    graph = onnx.helper.make_graph(nodes, "faces", [image], outputs)
    opset = [onnx.helper.make_opsetid("", 17)]
    path.write_bytes(onnx.helper.make_model(graph, opset_imports=opset, ir_version=9).SerializeToString())
    return path


SIZES = {"cls": 1, "obj": 1, "bbox": 4}
# stride: (row, column, class score) of each face; 0.16 is below the threshold (its root is 0.4), the second a double.
FACES = {8: ((2, 3, 0.81), (2, 4, 0.16)), 32: ((1, 2, 0.64),)}


def test_faces_are_found_where_the_network_says(tmp_path: Path) -> None:
    faces = FaceDetector(face_network(tmp_path / "y.onnx", 64, 96))
    told = faces.find(draw(60, 90))  # padded to 64x96
    assert told.score_N == pytest.approx([0.9, 0.8])
    assert told.boxes_N4 == pytest.approx(np.array([[20, 12, 36, 28], [72, 40, 88, 56]]), abs=1e-3)
    assert faces.finds_one(draw(60, 90)) and len(faces.find(draw(60, 90), enough=0.95)) == 0
