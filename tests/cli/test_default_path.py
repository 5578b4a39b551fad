"""What a shell gets without options, with the networks that are shipped: a base that fills its budget, restored."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import semcodec

LEAST_PSNR_DB = 25.0  # of 1,000 bytes


@pytest.fixture
def coded(semcodec_command: Callable, photo_path: Path, tmp_path: Path, measured_choice: None) -> Path:
    path = tmp_path / "photo.semc"
    assert semcodec_command("encode", photo_path, path, "--bytes", 1000, "--no-caption").code == 0
    return path


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB")).astype(int)


def test_a_kilobyte_is_a_base_picture_that_is_restored(
    semcodec_command: Callable, coded: Path, photo_path: Path, tmp_path: Path, shipped_restorer: str
) -> None:
    assert 950 <= coded.stat().st_size <= 1000
    scene = semcodec.read(coded.read_bytes()).scene
    assert scene.base is not None and scene.tokens is None
    told = semcodec_command("decode", coded, tmp_path / "restored.png", "-v")
    assert told.code == 0 and f"restored by {shipped_restorer}" in told.err
    assert semcodec_command("decode", coded, tmp_path / "plain.png", "--no-restore").code == 0

    original, restored, plain = (pixels(p) for p in (photo_path, tmp_path / "restored.png", tmp_path / "plain.png"))
    assert restored.shape == plain.shape == original.shape
    assert np.abs(restored - plain).mean() > 0.5
    assert 10 * np.log10(255**2 / np.square(restored - original).mean()) > LEAST_PSNR_DB
    # (finer detail is what restoring is for: the plain one is softer)
    assert np.abs(np.diff(restored, axis=1)).mean() > np.abs(np.diff(plain, axis=1)).mean()


def test_files_from_before_there_were_bases_are_restored_too(
    semcodec_command: Callable, root: Path, tmp_path: Path, shipped_restorer: str
) -> None:
    old = root / "conformance" / "good" / "words-and-tokens.semc"
    told = semcodec_command("decode", old, tmp_path / "restored.png", "-v")
    assert told.code == 0 and f"painted by nano-1, restored by {shipped_restorer}" in told.err
    assert semcodec_command("decode", old, tmp_path / "plain.png", "--no-restore").code == 0
    off = np.abs(pixels(tmp_path / "restored.png") - pixels(tmp_path / "plain.png")).mean()
    assert 0.2 < off < 16  # it is no other picture
