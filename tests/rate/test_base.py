"""The search for the coded size and quality of a base picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from semcodec.painters.base import BasePainter
from semcodec.rate import base
from semcodec.rate.base import best_base
from semcodec.types import Scene, Size


@pytest.fixture(scope="module")
def photo_HWC(photo_path: Path) -> np.ndarray:
    with Image.open(photo_path) as whole:
        return np.asarray(whole.convert("RGB").resize((192, 128)))


@pytest.mark.parametrize("max_bytes", [60, 100, 150, 300, 700, 1500])
def test_a_budget_is_used_and_never_passed(photo_HWC: np.ndarray, max_bytes: int) -> None:
    chosen = best_base(photo_HWC, max_bytes, effort=5)
    assert 0.9 * max_bytes <= chosen.num_bytes <= max_bytes


def test_where_nothing_fits_the_smallest_that_was_found_comes_back(photo_HWC: np.ndarray) -> None:
    chosen = best_base(photo_HWC, 12, effort=1)
    assert 12 < chosen.num_bytes < 60


def test_a_budget_that_is_more_than_the_picture_needs_gives_the_finest(photo_HWC: np.ndarray) -> None:
    chosen = best_base(photo_HWC, 1_000_000, effort=3)
    assert chosen.step == 0
    painted_HWC = BasePainter().render(Scene(Size(192, 128), base=chosen.base))
    assert np.abs(painted_HWC.astype(int) - photo_HWC).mean() < 3


def test_with_effort_candidates_are_painted_and_the_judge_decides(photo_HWC: np.ndarray) -> None:
    seen: list[tuple[int, int, int]] = []

    class Counting(BasePainter):
        def render(self, scene: Scene, *, size: Size | None = None, seed: int = 0) -> np.ndarray:
            assert scene.base is not None
            seen.append((scene.base.coded.width_px, scene.base.coded.height_px, len(scene.base.frame)))
            return super().render(scene, size=size, seed=seed)

    def worst_is_best(original_HWC: np.ndarray, painted_HWC: np.ndarray) -> float:
        return -base.squared_error(original_HWC, painted_HWC)

    best = best_base(photo_HWC, 300, effort=8, painter=Counting())
    assert len(set(seen)) >= 3 and len({width for width, _, _ in seen}) >= 3
    worst = best_base(photo_HWC, 300, effort=8, judge=worst_is_best)
    assert best.base.coded != worst.base.coded
    assert max(best.num_bytes, worst.num_bytes) <= 300


def test_up_to_effort_6_nothing_is_painted(photo_HWC: np.ndarray) -> None:
    class Refusing(BasePainter):
        def render(self, scene: Scene, *, size: Size | None = None, seed: int = 0) -> np.ndarray:
            raise AssertionError("it was painted")

    best_base(photo_HWC, 300, effort=6, painter=Refusing())
    with pytest.raises(AssertionError, match="it was painted"):
        best_base(photo_HWC, 300, effort=7, painter=Refusing())


def test_large_pictures_in_few_bytes_are_compared_smaller(photo_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def noting(image_HWC: np.ndarray, painted_HWC: np.ndarray) -> float:
        assert image_HWC.shape == painted_HWC.shape
        seen.append(image_HWC.shape[0] * image_HWC.shape[1])
        return float(len(seen))

    monkeypatch.setattr(base, "squared_error", noting)
    with Image.open(photo_path) as whole:
        large_HWC = np.asarray(whole.convert("RGB").resize((1920, 1280)))
    chosen = best_base(large_HWC, 500, effort=5)
    assert 0.95 * 500 <= chosen.num_bytes <= 500
    coded = chosen.base.coded
    assert 16 * coded.width_px * coded.height_px <= max(seen) <= 0.5 * 1920 * 1280
    best_base(large_HWC, 500, effort=8)
    assert max(seen) == 1920 * 1280
