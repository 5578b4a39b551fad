"""The painter of base pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from semcodec.contracts import PartPainter
from semcodec.errors import NoPictureError
from semcodec.painters.base import BasePainter
from semcodec.pictures import decoded_base, encoded_base
from semcodec.types import Scene, Size


@pytest.fixture(scope="module")
def scene(photo_path: Path) -> Scene:
    with Image.open(photo_path) as whole:
        small = whole.convert("RGB").resize((96, 64))
    return Scene(Size(384, 256), base=encoded_base(np.asarray(small), quality=70, speed=8))


def test_it_enlarges_the_decoded_base(scene: Scene) -> None:
    assert isinstance(BasePainter(), PartPainter)
    painted_HWC = BasePainter().render(scene)
    assert painted_HWC.shape == (256, 384, 3)
    assert scene.base is not None
    enlarged = Image.fromarray(decoded_base(scene.base)).resize((384, 256), Image.Resampling.BICUBIC)
    assert np.abs(painted_HWC.astype(int) - np.asarray(enlarged)).max() <= 1


def test_at_its_own_size_it_is_the_decoded_base(scene: Scene) -> None:
    assert scene.base is not None
    assert np.array_equal(BasePainter().render(scene, size=Size(96, 64)), decoded_base(scene.base))


@pytest.mark.parametrize("roi", [(0, 0, 9, 9), (100, 50, 77, 31), (380, 250, 4, 6)])
def test_a_part_has_the_pixels_of_the_whole(scene: Scene, roi: tuple[int, int, int, int]) -> None:
    left, top, width, height = roi
    part_HWC, whole_HWC = BasePainter().render_part(scene, roi), BasePainter().render(scene)
    wanted_HWC = whole_HWC[top : top + height, left : left + width].astype(int)
    assert np.abs(part_HWC - wanted_HWC).max() <= 1


def test_a_scene_without_a_base_has_no_picture() -> None:
    with pytest.raises(NoPictureError):
        BasePainter().render(Scene(Size(4, 4)))
