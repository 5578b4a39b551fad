"""What tests of the restorer's training share: a photograph, pairs of it, tiny networks to judge by."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from semcodec_train.judges.mobilenet import DEPTHS
from semcodec_train.restorer.data import write_pairs


@pytest.fixture(scope="package", autouse=True)
def one_thread() -> Iterator[None]:
    """Two threads that share a busy core wait for each other: tiny steps then take ten times as long."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="package")
def original(photo_path: Path) -> Image.Image:
    with Image.open(photo_path) as photo:
        return photo.convert("RGB").resize((240, 192), box=(100, 50, 580, 434))


@pytest.fixture(scope="package")
def pairs(tmp_path_factory: pytest.TempPathFactory, original: Image.Image) -> Path:
    """A folder of folders of pairs."""
    folder = tmp_path_factory.mktemp("pairs")
    for source in ("base", "tokens"):
        assert write_pairs([original], source, folder / source, seed=3) > 2
    return folder


@pytest.fixture(scope="package")
def networks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tiny stand-ins for the fixed networks, with random weights."""
    folder, rng = tmp_path_factory.mktemp("networks"), torch.Generator().manual_seed(0)

    def kernel(out: int, channels: int, side: int) -> torch.Tensor:
        return torch.randn(out, channels, side, side, generator=rng) * (2 / channels / side**2) ** 0.5

    layers, weights = [], {}
    for at in range(DEPTHS[-1] + 1):
        layers.append({"op": "conv", "index": at, "kernel": 1, "stride": 2 if at in (0, 3, 10) else 1, "relu6": False})
        weights |= {f"{at}.weight": kernel(4, 4 if at else 3, 1), f"{at}.bias": torch.zeros(4)}
    save_file(weights, folder / "mobilenet_v2.safetensors", {"layers": json.dumps(layers)})

    spec = [[32, 32, 4, 3, 1], *([4, 8, 4, 3, 2],) * 4]
    weights = {"stem.weight": kernel(32, 3, 3), "stem.bias": torch.zeros(32)}
    for at, (channels, middle, out, side, _) in enumerate(spec):
        shapes = {"depth": (middle, 1, side), "project": (out, middle, 1)}
        if middle != channels:
            shapes["expand"] = (middle, channels, 1)
        for name, shape in shapes.items():
            weights |= {
                f"blocks.{at}.{name}.weight": kernel(*shape),
                f"blocks.{at}.{name}.bias": torch.zeros(shape[0]),
            }
    weights |= {"head.weight": kernel(6, 4, 1), "head.bias": torch.zeros(6)}
    weights |= {"fc.weight": torch.zeros(5, 6), "fc.bias": torch.zeros(5)}
    save_file(weights, folder / "efficientnet_lite2.safetensors", {"spec": json.dumps(spec)})

    weights, channels = {}, 3
    for at, (name, side) in enumerate(
        (("slice1.0", 11), ("slice2.3", 5), ("slice3.6", 3), ("slice4.8", 3), ("slice5.10", 3))
    ):
        weights |= {f"net.{name}.weight": kernel(4, channels, side), f"net.{name}.bias": torch.zeros(4)}
        weights[f"lin{at}.model.1.weight"] = torch.full((1, 4, 1, 1), 0.25)
        channels = 4
    save_file(weights, folder / "lpips_alex.safetensors")
    return folder
