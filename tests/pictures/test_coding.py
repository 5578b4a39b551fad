"""How a picture file is coded, from its first bytes."""

from __future__ import annotations

import io

import pillow_heif
import pillow_jxl
import pytest
from PIL import Image

from semcodec.pictures import Codec, coding_of

assert pillow_jxl  # (it is Pillow's writer of JPEG XL, once it is imported)
PICTURE = Image.new("RGB", (64, 48), (90, 120, 60))


def written(format: str, **options: object) -> bytes:
    out = io.BytesIO()
    PICTURE.save(out, format, **options)
    return out.getvalue()


def test_a_jpeg_says_its_mean_step_and_a_webp_and_an_avif_their_quantizers() -> None:
    jpeg, webp, avif = (coding_of(written(f, quality=50)) for f in ("JPEG", "WEBP", "AVIF"))
    assert jpeg is not None and (jpeg.codec, jpeg.mean_step, jpeg.quantizer) == (Codec.JPEG, 57.625, None)
    assert webp is not None and webp.codec is Codec.WEBP and webp.quantizer is not None
    assert avif is not None and avif.codec is Codec.AVIF and avif.quantizer is not None


def test_others_say_how_long_they_are() -> None:
    out = io.BytesIO()
    pillow_heif.from_pillow(PICTURE).save(out, quality=30)
    heic, jxl = coding_of(out.getvalue()), coding_of(written("JXL", quality=30))
    assert heic is not None and (heic.codec, heic.num_bytes) == (Codec.HEIC, len(out.getvalue()))
    assert jxl is not None and jxl.codec is Codec.JPEG_XL and jxl.quantizer is None


@pytest.mark.parametrize("format", ["PNG", "BMP", "TIFF", "GIF", "JPEG2000"])
def test_what_loses_nothing_or_is_another_is_not_recognised(format: str) -> None:
    assert coding_of(written(format)) is None


@pytest.mark.parametrize("data", [b"", b"\xff\xd8", b"RIFF", b"\0\0\0\x10ftypisom", b"SEMC"])
def test_what_is_no_picture_is_not_recognised(data: bytes) -> None:
    assert coding_of(data) is None
