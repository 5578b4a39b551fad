"""What many tests share: the two photographs of the repository."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The top of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def photo_path() -> Path:
    """Two macaws, 768x512."""
    return ROOT / "examples" / "kodim23.png"


@pytest.fixture(scope="session")
def other_photo_path() -> Path:
    """Red and yellow caps, 768x512."""
    return ROOT / "examples" / "kodim03.png"
