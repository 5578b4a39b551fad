"""PSNR by hand; MS-SSIM against values of pytorch-msssim 1.0.0 (double precision, data_range=255)."""

from __future__ import annotations

import numpy as np
import pytest

from semcodec.evaluation.measures.pixels import MsSsim, psnr_db


def pattern(height: int, width: int) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    return np.stack([(x * 3 + y) % 256, (x * y // 7) % 256, (x // 5 + y // 3) * 9 % 256], 2).astype(np.uint8)


def grain(picture: np.ndarray) -> np.ndarray:
    noise = (np.arange(picture.size).reshape(picture.shape) * 2654435761 >> 7) % 61 - 30
    return np.clip(picture.astype(int) + noise, 0, 255).astype(np.uint8)


def blocks(picture: np.ndarray) -> np.ndarray:
    height, width = picture.shape[:2]
    return np.repeat(np.repeat(picture[::4, ::4], 4, 0), 4, 1)[:height, :width]


def test_psnr_of_an_error_of_five_everywhere_is_34_15_db():
    black = np.zeros((4, 6, 3), np.uint8)
    assert psnr_db(black, black + 5) == pytest.approx(10 * np.log10(255**2 / 25))


def test_psnr_of_equal_pictures_is_finite():
    assert psnr_db(pattern(8, 8), pattern(8, 8)) == 99.0


@pytest.mark.parametrize(
    ("height", "width", "worse", "expected"),
    [
        (176, 192, grain, 0.9543502142149269),
        (176, 192, blocks, 0.7592870428164594),
        (201, 263, grain, 0.9518692315029428),
        (201, 263, blocks, 0.7252147439969177),
    ],
)
def test_ms_ssim_agrees_with_pytorch_msssim(height, width, worse, expected):
    picture = pattern(height, width)
    assert MsSsim(picture)(worse(picture)) == pytest.approx(expected, abs=5e-6)


def test_ms_ssim_of_equal_pictures_is_one():
    picture = pattern(176, 192)
    assert MsSsim(picture)(picture) == pytest.approx(1.0, abs=1e-5)


def test_ms_ssim_says_when_a_picture_is_too_small():
    with pytest.raises(ValueError, match="161 px"):
        MsSsim(pattern(160, 300))
