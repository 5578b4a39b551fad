"""Small real things that the benchmark's tests share: drawn pictures, and a tiny network in a weight file."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


def draw(height: int, width: int, *, shift: int = 0) -> np.ndarray:
    """(H, W, 3) uint8: ramps and waves, the same on every machine."""
    y, x = np.mgrid[:height, :width]
    waves = 60 * np.sin((x + shift) / 9.0) + 60 * np.cos(y / 7.0)
    return np.clip(np.stack([128 + waves, x * 255 // width + 0 * y, (y * 3 + shift) % 256], axis=2), 0, 255).astype(
        np.uint8
    )


def write_safetensors(path: Path, tensors: dict[str, np.ndarray], metadata: dict[str, str]) -> Path:
    header: dict[str, object] = {"__metadata__": metadata}
    body = b""
    for name, value in tensors.items():
        kind = {"float32": "F32", "float16": "F16"}[str(value.dtype)]
        raw = np.ascontiguousarray(value).tobytes()
        header[name] = {"dtype": kind, "shape": list(value.shape), "data_offsets": [len(body), len(body) + len(raw)]}
        body += raw
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + body)
    return path


TINY_LAYERS = [
    {"op": "conv", "index": 0, "stride": 2, "kernel": 3, "relu6": True, "cin": 3, "cout": 4},
    {"op": "depthwise", "index": 1, "stride": 1, "kernel": 3, "relu6": True, "cin": 1, "cout": 4},
    {"op": "conv", "index": 2, "stride": 1, "kernel": 1, "relu6": False, "cin": 4, "cout": 4},
    {"op": "add", "a": 2, "b": 0},
    {"op": "conv", "index": 3, "stride": 2, "kernel": 3, "relu6": True, "cin": 4, "cout": 6},
    {"op": "average_pool"},
    {"op": "conv", "index": 4, "stride": 1, "kernel": 1, "relu6": False, "cin": 6, "cout": 5},
]


@pytest.fixture
def tiny_network(tmp_path: Path) -> Path:
    """A feature network of every operation, with depths 3 and 4; its weights are drawn from a fixed seed."""
    rng = np.random.Generator(np.random.Philox(5))
    tensors = {}
    for layer in TINY_LAYERS:
        if "index" in layer:
            shape = (layer["cout"], layer["cin"], layer["kernel"], layer["kernel"])
            tensors[f"{layer['index']}.weight"] = rng.normal(0, 0.6, shape).astype(np.float32)
            tensors[f"{layer['index']}.bias"] = rng.normal(0, 0.3, layer["cout"]).astype(np.float32)
    return write_safetensors(
        tmp_path / "tiny.safetensors", tensors, {"layers": json.dumps(TINY_LAYERS), "depths": "[3, 4]"}
    )


@pytest.fixture
def picture_folder(tmp_path: Path) -> Path:
    """Three pictures of 192x176 px."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for at, name in enumerate(("one", "two", "three")):
        Image.fromarray(draw(176, 192, shift=40 * at)).save(folder / f"{name}.png")
    return folder
