"""How finely a decoded picture would be quantised as AV1 in as many bytes."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from semcodec.pictures import Codec, Coding, coding_of, likeness, load_picture
from semcodec.pictures.likeness import quantizer_as_av1


@pytest.fixture(scope="module")
def photo(photo_path: Path) -> Image.Image:
    return Image.open(photo_path).convert("RGB").resize((240, 160))


def heic(picture: Image.Image, quality: int) -> bytes:
    pillow_heif.from_pillow(picture).save(out := io.BytesIO(), quality=quality)
    return out.getvalue()


def test_more_bits_are_a_finer_quantizer(photo: Image.Image) -> None:
    image_HWC = np.asarray(photo)
    found = [quantizer_as_av1(image_HWC, bits) for bits in (1e-6, 0.2, 0.5, 1.5, 100)]
    assert None not in found and found == sorted(found, reverse=True) and len(set(found)) == 5  # type: ignore[type-var]
    assert found[0] > 230 and found[-1] < 50  # type: ignore[operator]
    assert quantizer_as_av1(image_HWC, 0.0) is None


def test_the_same_quality_of_a_busy_and_a_calm_picture_is_alike(photo: Image.Image) -> None:
    calm = photo.crop((0, 0, 60, 40)).resize((240, 160), Image.Resampling.BICUBIC)
    found, bits = [], []
    for picture in (photo, calm):
        data = heic(picture, 30)
        coding = coding_of(data)
        assert coding is not None
        as_av1 = coding.looked_at(load_picture(data).image_HWC).as_av1
        assert as_av1 is not None
        found.append(as_av1)
        bits.append(len(data))
    assert bits[0] > 1.7 * bits[1] and abs(found[0] - found[1]) < 60


def test_files_that_say_it_are_not_looked_at(photo: Image.Image) -> None:
    for coding in (Coding(Codec.JPEG, 9, mean_step=5.0), Coding(Codec.AVIF, 9, quantizer=5)):
        assert coding.looked_at(np.asarray(photo)) is coding


@pytest.mark.parametrize("size", [(700, 900), (3000, 200), (200, 3000)])
def test_of_a_large_picture_a_sample_is_coded(size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(likeness, "_MOST_PIXELS", 1 << 18)
    image_HWC = np.zeros((size[1], size[0], 3), np.uint8)
    sample_HWC = likeness._sample(image_HWC)
    assert sample_HWC.shape[0] * sample_HWC.shape[1] <= max(1 << 18, 8 * 256 * 256)
    assert min(sample_HWC.shape[:2]) >= 16
