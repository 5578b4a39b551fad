"""Base pictures by Pillow's AVIF: the pixels are those of the AVIF file that they were taken from."""

from __future__ import annotations

import io
import os
import random
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from semcodec.errors import DamagedError, MissingAvifError, PictureError
from semcodec.pictures import av1, decoded_base, encoded_base
from semcodec.types import BasePicture, Size

SIZES = [
    (1, 1),
    (1, 2),
    (2, 1),
    (3, 3),
    (1, 99),
    (99, 2),
    (15, 16),
    (16, 16),
    (17, 33),
    (65, 63),
    (127, 129),
    (160, 107),
]


@pytest.fixture(scope="module")
def photo(photo_path: Path) -> Image.Image:
    with Image.open(photo_path) as whole:
        return whole.convert("RGB")


def avif(image: Image.Image, **options: object) -> bytes:
    written = io.BytesIO()
    image.save(written, "AVIF", subsampling="4:2:0", range="full", **options)
    return written.getvalue()


@pytest.mark.parametrize("size", SIZES)
def test_a_base_decodes_to_the_pixels_of_the_avif_file(photo: Image.Image, size: tuple[int, int]) -> None:
    small = photo.resize(size)
    for quality, speed in ((0, 10), (20, 8), (60, 6), (30, 4)):
        data = avif(small, quality=quality, speed=speed)
        with Image.open(io.BytesIO(data)) as whole:
            wanted = np.asarray(whole.convert("RGB"))
        base = av1.base_of_avif(data)
        assert base.coded == Size(*size)
        assert np.array_equal(decoded_base(base), wanted)


@pytest.mark.parametrize("speed", range(11))
def test_at_every_speed_of_the_encoder_the_tools_are_told(photo: Image.Image, speed: int) -> None:
    small = photo.resize((41, 27))
    data = avif(small, quality=40, speed=speed)
    with Image.open(io.BytesIO(data)) as whole:
        assert np.array_equal(decoded_base(av1.base_of_avif(data)), np.asarray(whole.convert("RGB")))


def test_finer_quality_is_nearer_and_costs_more(photo: Image.Image) -> None:
    small_HWC = np.asarray(photo.resize((96, 64)))
    bases = [encoded_base(small_HWC, quality=quality, speed=8) for quality in (10, 50, 90)]
    errors = [np.square(decoded_base(base) - small_HWC.astype(float)).mean() for base in bases]
    assert errors == sorted(errors, reverse=True)
    assert [len(base.frame) for base in bases] == sorted(len(base.frame) for base in bases)


def test_a_frame_that_is_none_is_damage_whatever_its_bytes() -> None:
    rng = random.Random(5)
    for _ in range(20):
        base = BasePicture(Size(57, 38), 14, rng.randbytes(rng.randrange(1, 90)), offset=9)
        try:
            assert decoded_base(base).shape == (38, 57, 3)  # (a few are frames)
        except DamagedError as damage:
            assert damage.offset == 9


def test_other_avif_files_are_no_bases(photo: Image.Image) -> None:
    small = photo.resize((32, 32))
    written = io.BytesIO()
    small.save(written, "AVIF", subsampling="4:4:4")
    with pytest.raises(PictureError, match="no base picture"):
        av1.base_of_avif(written.getvalue())
    with pytest.raises(PictureError, match="no base picture"):
        av1.base_of_avif(b"")


def test_without_avif_both_ways_are_refused_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(av1, "has_avif", lambda: False)
    with pytest.raises(MissingAvifError, match=r"Pillow 11\.3 or newer"):
        decoded_base(BasePicture(Size(1, 1), 0, b"\0"))
    with pytest.raises(MissingAvifError, match=r"Pillow 11\.3 or newer"):
        encoded_base(np.zeros((4, 4, 3), np.uint8), quality=50, speed=8)


def test_a_picture_is_coded_alike_however_many_cores_there_are(
    photo_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Image.open(photo_path) as whole:
        photo_HWC = np.asarray(whole.convert("RGB").resize((288, 192)))
    monkeypatch.setattr(av1, "_SMALL_PX", 0)
    frames = []
    for num_cores in (1, 2, 5):
        monkeypatch.setattr(os, "cpu_count", lambda num_cores=num_cores: num_cores)
        frames.append(encoded_base(photo_HWC, quality=50, speed=6, advanced={"cq-level": "45"}).frame)
    assert frames[0] == frames[1] == frames[2]
