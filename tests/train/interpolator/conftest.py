"""What tests of the interpolator's training share: archives of a moving photograph, and a tiny network to judge by."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from semcodec_train.interpolator.data import write_archives

NUM_FRAMES, SHIFT_PX = 24, 3


@pytest.fixture(scope="package", autouse=True)
def one_thread() -> Iterator[None]:
    """Two threads that share a busy core wait for each other: tiny steps then take ten times as long."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def webp(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "WEBP", quality=90)
    return file.getvalue()


@pytest.fixture(scope="package")
def archives(tmp_path_factory: pytest.TempPathFactory, photo_path: Path) -> Path:
    """A clip that pans over a photograph, painted key frames of it, and four photographs."""
    folder = tmp_path_factory.mktemp("archives")
    with Image.open(photo_path) as photo:
        wide = photo.convert("RGB").resize((384, 256))
    frames = [wide.crop((SHIFT_PX * n, 20, SHIFT_PX * n + 200, 180)) for n in range(NUM_FRAMES)]
    write_archives(((f"pan.0/{n:05d}.webp", webp(frame)) for n, frame in enumerate(frames)), folder, "clips")
    coarse = [frame.resize((50, 40)).resize(frame.size) for frame in frames]
    write_archives(((f"pan.0/{n:05d}.webp", webp(coarse[n])) for n in range(0, NUM_FRAMES, 4)), folder, "painted")
    (folder / "painted-0.tar").rename(folder / "painted-1.tar")
    turned = [wide.rotate(90 * n, expand=True) for n in range(4)]
    write_archives(((f"{n}.webp", webp(photo)) for n, photo in enumerate(turned)), folder, "photos")
    return folder


@pytest.fixture(scope="package")
def networks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny stand-in for AlexNet and LPIPS, with random weights."""
    folder, rng = tmp_path_factory.mktemp("networks"), torch.Generator().manual_seed(0)
    weights, channels = {}, 3
    sides = (11, 5, 3, 3, 3)
    for at, name in enumerate(("slice1.0", "slice2.3", "slice3.6", "slice4.8", "slice5.10")):
        weights[f"net.{name}.weight"] = torch.randn(4, channels, sides[at], sides[at], generator=rng) * 0.1
        weights[f"net.{name}.bias"] = torch.zeros(4)
        weights[f"lin{at}.model.1.weight"] = torch.full((1, 4, 1, 1), 0.25)
        channels = 4
    save_file(weights, folder / "lpips_alex.safetensors")
    return folder
