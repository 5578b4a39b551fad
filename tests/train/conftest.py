"""What tests of several trainings share."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file


@pytest.fixture(scope="session")
def picture_network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """EfficientNet-lite's layout and random weights: stride 32, a head of 8 features, 7 classes."""
    rng = torch.Generator().manual_seed(0)
    spec = [[32, 32, 8, 3, 2], *([8, 8, 8, 3, 2] for _ in range(3))]
    shapes = {"stem": (32, 3, 3, 3), "head": (8, 8, 1, 1), "fc": (7, 8)}
    for at, (_, middle, out, kernel, _) in enumerate(spec):
        shapes[f"blocks.{at}.depth"] = (middle, 1, kernel, kernel)
        shapes[f"blocks.{at}.project"] = (out, middle, 1, 1)
    weights = {}
    for name, shape in shapes.items():
        weights[f"{name}.weight"] = torch.randn(shape, generator=rng) * 1.5 / np.prod(shape[1:]) ** 0.5
        weights[f"{name}.bias"] = torch.zeros(shape[0])
    path = tmp_path_factory.mktemp("network") / "picture.safetensors"
    save_file(weights, str(path), metadata={"spec": json.dumps(spec)})
    return path
