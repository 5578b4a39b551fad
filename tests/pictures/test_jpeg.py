"""JPEG files whose last bytes are missing."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from PIL import Image, ImageFile

from semcodec.errors import PictureError
from semcodec.pictures import as_pixels, load_picture

# 200x150: the last row of blocks reaches beyond the picture; 64x48: it does not.
SIZES = [(200, 150), (64, 48)]
KINDS: list[dict[str, object]] = [{}, {"progressive": True}, {"restart_marker_blocks": 3}, {"quality": 20}]


def jpeg(size: tuple[int, int], **options: object) -> bytes:
    height_px, width_px = size[1], size[0]
    noise = np.random.default_rng(7).integers(0, 256, (height_px // 2, width_px // 2, 3), np.uint8)
    out = io.BytesIO()
    Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC).save(out, "JPEG", **options)
    return out.getvalue()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("options", KINDS)
def test_without_its_end_marker_the_picture_is_whole_and_the_file_is_not(
    size: tuple[int, int], options: dict[str, object]
) -> None:
    data = jpeg(size, **options)
    whole = load_picture(data)
    assert whole.damage == ()
    for cut in (data[:-1], data[:-2]):
        for loaded in (load_picture(cut), as_pixels(Image.open(io.BytesIO(cut)))):
            assert np.array_equal(loaded.image_HWC, whole.image_HWC)
            assert len(loaded.damage) == 1 and "no pixel is" in loaded.damage[0]
    assert not ImageFile.LOAD_TRUNCATED_IMAGES


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("options", KINDS)
def test_what_comes_of_a_cut_file_is_every_pixel_or_a_refusal(
    size: tuple[int, int], options: dict[str, object]
) -> None:
    data = jpeg(size, **options)
    whole, refused = load_picture(data).image_HWC, 0
    for missing in range(3, 40):
        try:
            assert np.array_equal(load_picture(data[:-missing]).image_HWC, whole), missing
        except PictureError:
            refused += 1
    assert refused > 20


def test_a_progressive_file_without_its_last_scans_is_refused() -> None:
    data = jpeg((64, 48), progressive=True)
    scans = [found.start() for found in re.finditer(b"\xff\xda", data)]
    assert len(scans) > 5
    for at in scans:
        with pytest.raises(PictureError, match="cut short"):
            load_picture(data[:at])


def test_a_png_without_its_end_chunk_is_whole_and_says_so() -> None:
    out = io.BytesIO()
    Image.new("RGB", (16, 16), (9, 80, 200)).save(out, "PNG")
    data = out.getvalue()
    assert load_picture(data).damage == ()
    loaded = load_picture(data[:-12])
    assert loaded.image_HWC[3, 3].tolist() == [9, 80, 200] and len(loaded.damage) == 1


def test_what_stands_behind_the_end_of_a_picture_is_not_taken_for_a_part_of_it() -> None:
    data = jpeg((64, 48))
    assert load_picture(data + b"ftypmp42" + b"\xff\xda\x00" * 50).damage == ()
    exif = Image.Exif()
    exif[0x927C] = data  # with an end marker of its own
    out = io.BytesIO()
    Image.new("RGB", (64, 48)).save(out, "JPEG", exif=exif)
    assert load_picture(out.getvalue()).damage == ()
    assert len(load_picture(out.getvalue()[:-2]).damage) == 1
