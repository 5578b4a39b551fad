"""Means over windows are those of the pixels in them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from semcodec.pictures.windows import means_of_windows

NOISE = np.random.Generator(np.random.Philox(5)).integers(0, 256, (23, 31)).astype(np.float32)


@pytest.mark.parametrize("side_px", [1, 2, 3, 7, 9, 23])
def test_each_window_inside_has_its_mean(side_px: int):
    wanted = sliding_window_view(NOISE, (side_px, side_px)).mean(axis=(2, 3))
    found = means_of_windows(NOISE, side_px)
    assert found.shape == (24 - side_px, 32 - side_px)
    assert np.abs(found - wanted).max() < 1e-3
