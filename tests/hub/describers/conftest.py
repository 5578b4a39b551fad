"""Tiny models, built once, and a small photograph."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from . import tiny


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """`model_folder("blip")`: a folder with that tiny describer or judge."""
    made: dict[str, Path] = {}

    def get(name: str) -> Path:
        if name not in made:
            made[name] = (tiny.DESCRIBERS | tiny.JUDGES)[name](tmp_path_factory.mktemp(name))
        return made[name]

    return get


@pytest.fixture(scope="session")
def image_HWC(photo_path: Path) -> np.ndarray:
    with Image.open(photo_path) as photo:
        return np.asarray(photo.convert("RGB").crop((100, 60, 420, 300)))
