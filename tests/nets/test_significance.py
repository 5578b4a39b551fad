"""The significance head at run time, with a tiny network made here."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from semcodec.nets.significance import MARGIN_PX, TILE_PX, SignificanceNet
from semcodec_train.recipes import significance_debug
from semcodec_train.significance import Significance, export_significance


@pytest.fixture(scope="module")
def net(tmp_path_factory: pytest.TempPathFactory) -> SignificanceNet:
    torch.manual_seed(0)
    image = torch.randint(0, 256, (1, 64, 96, 3), dtype=torch.uint8)
    return SignificanceNet(export_significance(Significance(significance_debug()), image, tmp_path_factory.mktemp("x")))


@pytest.mark.parametrize(("height", "width"), [(1, 1), (64, 96), (61, 203), (8, 500)])
def test_every_cell_of_8x8_pixels_has_a_number_above_0(net: SignificanceNet, height: int, width: int) -> None:
    image_HWC = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    cells_RK = net(image_HWC)
    assert cells_RK.shape == (-(-height // 8), -(-width // 8)) and cells_RK.dtype == np.float32
    assert (cells_RK > 0).all()


def test_large_pictures_in_tiles_are_as_they_are_whole(net: SignificanceNet) -> None:
    width = TILE_PX + 3 * MARGIN_PX
    image_HWC = np.random.default_rng(1).integers(0, 256, (40, width, 3), dtype=np.uint8)
    assert np.allclose(net(image_HWC), net._run(image_HWC), rtol=1e-4, atol=1e-5)
