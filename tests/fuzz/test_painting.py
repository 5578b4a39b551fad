"""A short run of what `scripts/fuzz.py paint` does twenty thousand times."""

from __future__ import annotations

import pytest
from PIL import Image

from semcodec.limits import Limits

from . import doors
from .numbered import numbered_file
from .shape import faults_of


def test_mutated_files_are_painted_or_refused_with_our_own_errors() -> None:
    limits, num_painted = Limits(max_pixels=1_000_000), 0
    for number in range(60):
        data, _ = numbered_file(number)
        with doors.strict():
            heard = doors.paint(data, limits)
        num_painted += not heard
        for _, error in heard:
            assert not faults_of(error, len(data)), f"file {number}: {error}"
    assert num_painted >= 5


def test_pillow_paints_them_or_refuses_them_with_its_own_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 500_000)
    for number in range(60):
        data, _ = numbered_file(number)
        with doors.strict():
            doors.pillow(data, Limits(max_pixels=1_000_000))
