"""A tiny picture, which is painted without a network, as a .semc file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import semcodec


@pytest.fixture
def tiny_HWC() -> np.ndarray:
    return np.random.default_rng(3).integers(0, 255, (12, 20, 3), dtype=np.uint8)


@pytest.fixture
def tiny(tmp_path: Path, tiny_HWC: np.ndarray) -> Path:
    path = tmp_path / "tiny.semc"
    path.write_bytes(semcodec.encode(tiny_HWC, bytes=300, caption="a carpet", language="en").data)
    return path
