"""The outliner learns from people and a teacher, and draws photographs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from semcodec_train.common.run import Sources
from semcodec_train.outliner.data import PEOPLE, Pairs, at_stride_2, spread
from semcodec_train.outliner.draw import drawn, load_outliner
from semcodec_train.outliner.recipes import outliner_debug
from semcodec_train.outliner.train import train


@pytest.fixture(scope="module")
def photo(photo_path: Path) -> Image.Image:
    return Image.open(photo_path).convert("RGB").resize((384, 256))


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory, photo: Image.Image) -> Path:
    folder = tmp_path_factory.mktemp("pairs")
    for at, name in enumerate((f"{PEOPLE}one", "two")):
        photo.crop((at * 100, 0, at * 100 + 161, 121)).save(folder / f"{name}.webp")
        lines = np.zeros((121, 161), np.uint8)
        lines[40 + at] = 255
        Image.fromarray(spread(lines)).save(folder / f"{name}.png")
    return folder


def test_a_thin_line_becomes_one_as_wide_as_people_are_apart() -> None:
    lines = np.zeros((60, 80), np.uint8)
    lines[30] = 255
    likely = spread(lines)
    assert likely.shape == (30, 40) and likely[:, 20].max() > 220 and (likely[:, 20] > 60).sum() in (3, 4)
    assert at_stride_2(torch.ones(1, 1, 5, 7)).shape == (3, 4)
    lines[30], lines[31] = 128, 128  # (two halves of the people, a pixel apart)
    assert abs(int(spread(lines)[:, 20].max()) - int(likely[:, 20].max())) < 15


def test_crops_of_picture_and_outlines_fit_each_other(pairs: Path) -> None:
    pictures, outlines = Pairs(pairs, crop_px=64, batch=3, people=0.5, device="cpu", seed=0).get()
    assert pictures.shape == (3, 3, 64, 64) and outlines.shape == (3, 1, 32, 32)
    assert -1 <= float(pictures.min()) and float(outlines.max()) <= 1
    with pytest.raises(FileNotFoundError, match=r"no \.webp beside a \.png"):
        Pairs(pairs / "nowhere", crop_px=64, batch=3, people=0.5, device="cpu", seed=0)


def test_it_is_trained_and_draws(pairs: Path, picture_network: Path, tmp_path: Path, photo: Image.Image) -> None:
    said: list[str] = []
    train(outliner_debug(), pairs, picture_network, tmp_path, sources=Sources(), log=said.append)
    model = load_outliner(tmp_path / "outliner.safetensors", picture_network)
    assert drawn(model, photo.crop((0, 0, 101, 75))).shape == (38, 51) and (tmp_path / "run.json").exists()
    train(outliner_debug(), pairs, picture_network, tmp_path, sources=Sources(), log=said.append)
    assert any("resumed" in line for line in said)
