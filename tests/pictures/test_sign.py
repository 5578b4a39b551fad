from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from semcodec.metadata.provenance import Provenance
from semcodec.pictures import Beside, picture_bytes
from semcodec.pictures.sign import was_written_here

FORMATS = ["png", "jpg", "webp", "avif", "tif", "bmp", "ppm"]
IMAGE_HWC = np.arange(5 * 7 * 3, dtype=np.uint8).reshape(5, 7, 3)


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_bears_the_sign_and_is_read_by_others(format: str):
    data = picture_bytes(IMAGE_HWC, format=format, beside=Beside(provenance=Provenance(4, 1, "nano-1")))
    assert was_written_here(data)
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.size == (7, 5)
        if format in {"png", "bmp", "ppm", "tif", "webp"}:
            assert np.array_equal(np.asarray(picture), IMAGE_HWC)


@pytest.mark.parametrize("format", FORMATS)
def test_others_pictures_do_not_bear_it_even_if_they_speak_of_it(format: str):
    exif = Image.Exif()
    exif[0x010E] = "made to try semcodec"
    out = io.BytesIO()
    Image.fromarray(IMAGE_HWC).save(out, {"jpg": "JPEG", "tif": "TIFF"}.get(format, format.upper()), exif=exif)
    assert not was_written_here(out.getvalue())


@pytest.mark.parametrize("text", [b"", b"semcodec", b"P6\n# semcodex\n1 1\n255\n\0\0\0", b"# urn:semcodec:xmp:1"])
def test_a_text_does_not_bear_it(text: bytes):
    assert not was_written_here(text)


def test_the_length_in_a_bmp_file_counts_the_sign():
    data = picture_bytes(IMAGE_HWC, format="bmp")
    assert int.from_bytes(data[2:6], "little") == len(data)
