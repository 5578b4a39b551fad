"""Tiny pipelines with random weights, built once; a photograph's file; the command line in this process."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import semcodec
from semcodec.types import Scene

# Before anything imports huggingface_hub: nothing here may be fetched.
os.environ["HF_HUB_OFFLINE"] = "1"
for library in ("TRANSFORMERS", "DIFFUSERS"):
    os.environ.setdefault(f"{library}_VERBOSITY", "error")

CAPTION = "two macaws"


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """`tiny("stable-diffusion")`: the folder of a tiny pipeline of that family."""
    from semcodec_train.lora.tiny_painters import PIPELINES

    folder = tmp_path_factory.mktemp("painters")

    def build(name: str) -> Path:
        path = folder / f"tiny-{name}"
        return path if path.exists() else PIPELINES[name](path)

    return build


@pytest.fixture(scope="session")
def tiny_control(tiny: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ControlNet for the tiny Stable Diffusion."""
    from semcodec_train.lora.tiny_painters import control_net

    return control_net(tmp_path_factory.mktemp("controls") / "tiny-control", of=tiny("stable-diffusion"))


@pytest.fixture(scope="session")
def photo_HWC(photo_path: Path) -> np.ndarray:
    """(120, 160, 3): a macaw's head."""
    with Image.open(photo_path) as whole:
        return np.asarray(whole.convert("RGB").crop((100, 60, 420, 300)).resize((160, 120)))


@pytest.fixture(scope="session")
def file_bytes(photo_HWC: np.ndarray) -> bytes:
    return semcodec.encode(photo_HWC, bytes=200, caption=CAPTION, language="en").data


@pytest.fixture(scope="session")
def scene(file_bytes: bytes) -> Scene:
    return semcodec.read(file_bytes).scene


@dataclass(frozen=True)
class Ended:
    code: int
    out: bytes
    err: str


@pytest.fixture
def semcodec_command(
    monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> Callable[..., Ended]:
    """`semcodec_command("decode", path)` -> exit code, stdout, stderr; in this process, which has torch loaded."""
    from semcodec.cli import main

    def call(*arguments: object) -> Ended:
        monkeypatch.setattr(sys, "argv", ["semcodec", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
        capsysbinary.readouterr()
        code = main()
        captured = capsysbinary.readouterr()
        return Ended(code, captured.out, captured.err.decode())

    return call


def mean_change(a: np.ndarray, b: np.ndarray) -> float:
    """In 8-bit steps."""
    assert a.shape == b.shape
    return float(np.abs(a.astype(np.int16) - b).mean())


@pytest.fixture(scope="session")
def tiny_lora(tiny: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A LoRA adapter of random weights for the tiny Stable Diffusion, as diffusers saves it."""
    import torch
    from diffusers import StableDiffusionPipeline, UNet2DConditionModel
    from peft import LoraConfig, get_peft_model_state_dict

    torch.manual_seed(0)
    unet = UNet2DConditionModel.from_pretrained(tiny("stable-diffusion") / "unet")
    unet.add_adapter(LoraConfig(r=2, lora_alpha=2, init_lora_weights=False, target_modules=["to_q", "to_v"]))
    folder = tmp_path_factory.mktemp("loras") / "tiny-lora"
    StableDiffusionPipeline.save_lora_weights(folder, unet_lora_layers=get_peft_model_state_dict(unet))
    return folder
