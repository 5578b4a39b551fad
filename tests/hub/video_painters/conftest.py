"""Tiny video pipelines with random weights, built once, and a clip for them: a macaw in key frames, with words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import semcodec
from semcodec.container.clips import ClipHeader
from semcodec.file.clips import KeyFrame
from semcodec.file.clips.writing import pack_clip
from semcodec.types import Size

from ..painters.conftest import semcodec_command

__all__ = ["semcodec_command"]

NUM_FRAMES, WIDTH, HEIGHT = 9, 96, 64


@pytest.fixture(scope="session")
def tiny_video(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """`tiny_video("ltx")`: the folder of a tiny pipeline of that family."""
    from semcodec_train.lora.tiny_video_painters import VIDEO_PIPELINES

    folder = tmp_path_factory.mktemp("video-painters")

    def build(name: str) -> Path:
        path = folder / f"tiny-{name}"
        return path if path.exists() else VIDEO_PIPELINES[name](path)

    return build


@pytest.fixture(scope="session")
def tiny_video_lora(tiny_video: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A LoRA adapter of random weights for the tiny LTX, as diffusers saves it."""
    import torch
    from diffusers import LTXPipeline, LTXVideoTransformer3DModel
    from peft import LoraConfig, get_peft_model_state_dict

    torch.manual_seed(0)
    transformer = LTXVideoTransformer3DModel.from_pretrained(tiny_video("ltx") / "transformer")
    transformer.add_adapter(LoraConfig(r=2, lora_alpha=2, init_lora_weights=False, target_modules=["to_q", "to_v"]))
    folder = tmp_path_factory.mktemp("loras") / "tiny-video-lora"
    LTXPipeline.save_lora_weights(folder, transformer_lora_layers=get_peft_model_state_dict(transformer))
    return folder


@pytest.fixture(scope="session")
def photo_HWC(photo_path: Path) -> np.ndarray:
    with Image.open(photo_path) as whole:
        return np.asarray(whole.convert("RGB").crop((100, 60, 420, 300)).resize((WIDTH, HEIGHT)))


@pytest.fixture(scope="session")
def clip_bytes(photo_HWC: np.ndarray) -> bytes:
    """Two key frames, the second a mirror of the first; the first one's words are "two macaws"."""
    first = semcodec.encode(photo_HWC, bytes=300, caption="two macaws", language="en").data
    last = semcodec.encode(np.ascontiguousarray(photo_HWC[:, ::-1]), bytes=300).data
    header = ClipHeader(Size(WIDTH, HEIGHT), (24, 1), NUM_FRAMES)
    return pack_clip(header, [KeyFrame(0, first), KeyFrame(NUM_FRAMES - 1, last)])
