"""Clips between whose pictures a network shows what lies there."""

from __future__ import annotations

import io
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from semcodec import clips
from semcodec.contracts import Interpolator
from semcodec.models import Models, ModelSettings


def film_of(photo_path: Path) -> bytes:
    """Ten frames of a pan."""
    with Image.open(photo_path) as photo:
        frames = [photo.convert("RGB").crop((200 + 4 * n, 100, 328 + 4 * n, 196)) for n in range(10)]
    file = io.BytesIO()
    frames[0].save(file, "WEBP", save_all=True, append_images=frames[1:], duration=40, lossless=True)
    return file.getvalue()


@pytest.fixture(scope="module")
def clip(photo_path: Path) -> bytes:
    models = Models(ModelSettings(restorer=None, interpolator=None))
    return clips.encode(film_of(photo_path), bytes=420, picture="keys", describe=False, effort=1, models=models).data


def shown(clip: bytes, models: Models, *, restore: bool = True) -> list[np.ndarray]:
    return [shown.image_HWC for shown in clips.decode(clip, restore=restore, models=models).frames()]


def test_pictures_stay_what_they_are_and_what_lies_far_from_them_is_the_networks(
    clip: bytes, debug_interpolator: Path
) -> None:
    compensated = shown(clip, Models(ModelSettings(restorer=None, interpolator=None)))
    moved = shown(clip, Models(ModelSettings(restorer=None, interpolator=str(debug_interpolator))))
    keys = [key.frame for key in clips.read(clip).key_frames]
    far = {n for a, b in pairwise(keys) for n in range(a + 1, b) if b - a > 4}
    assert keys == [0, 4, 9] and len(compensated) == len(moved) == 10
    assert {n for n, pair in enumerate(zip(compensated, moved, strict=True)) if not np.array_equal(*pair)} == far


def test_the_network_is_told_how_much_key_frames_have(clip: bytes) -> None:
    told = []

    class Told(Models):
        def interpolator(self, bits_per_pixel: float | None = None) -> Interpolator:
            told.append(bits_per_pixel)
            return super().interpolator(bits_per_pixel)

    models = Told(ModelSettings(restorer=None, interpolator=None))
    shown(clip, models)
    shown(clip, models, restore=False)
    keys = clips.read(clip).key_frames
    assert told == [pytest.approx(8 * np.mean([len(key.still) for key in keys]) / (128 * 96)), None]


def test_which_key_frames_are_sent_does_not_depend_on_the_network(photo_path: Path, debug_interpolator: Path) -> None:
    data = film_of(photo_path)
    one, other = (
        clips.encode(data, bytes=420, picture="keys", describe=False, effort=1, models=models).data
        for models in (
            Models(ModelSettings(restorer=None, interpolator=None)),
            Models(ModelSettings(restorer=None, interpolator=str(debug_interpolator))),
        )
    )
    assert one == other


def test_stills_ask_for_no_network(clip: bytes) -> None:
    class Closed(Models):
        def interpolator(self, bits_per_pixel: float | None = None) -> Interpolator:
            raise AssertionError("none is needed")

    models = Closed(ModelSettings(restorer=None))
    assert len(list(clips.decode(clip, mode="stills", models=models).frames())) == 10
    with pytest.raises(AssertionError, match="none is needed"):
        clips.decode(clip, models=models).frames()
