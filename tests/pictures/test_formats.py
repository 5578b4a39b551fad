from __future__ import annotations

import io
import sys
from dataclasses import replace
from pathlib import Path

import pillow_heif
import pillow_jxl
import pytest
from PIL import Image, TiffImagePlugin

from semcodec.errors import LimitError, PictureError
from semcodec.limits import DEFAULT_LIMITS
from semcodec.pictures import load_picture
from semcodec.pictures.formats import HEIC, JPEG_XL, _jpeg_xl_size, kind_of, unread_kind, upright_size

assert pillow_jxl  # (it is Pillow's writer of JPEG XL, once it is imported)


def picture(width: int = 24, height: int = 16) -> Image.Image:
    return Image.linear_gradient("L").resize((width, height)).convert("RGB")


def heic(**options: object) -> bytes:
    out = io.BytesIO()
    pillow_heif.from_pillow(picture()).save(out, **options)
    return out.getvalue()


def jpeg_xl(width: int = 24, height: int = 16, **options: object) -> bytes:
    out = io.BytesIO()
    picture(width, height).save(out, "JXL", **options)
    return out.getvalue()


def test_a_kind_is_known_by_its_first_bytes():
    assert kind_of(heic()) is HEIC
    assert kind_of(jpeg_xl()) is kind_of(jpeg_xl(use_container=True)) is JPEG_XL
    out = io.BytesIO()
    picture().save(out, "AVIF")
    assert kind_of(out.getvalue()) is None  # (Pillow's own)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"FUJIFILMCCD-RAW 0201", "is a raw photograph, which cannot be read here; develop"),
        (b"\0\0\0\x18ftypcrx \0\0\0\1", "is a raw photograph"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "is SVG"),
        (b"\x76\x2f\x31\x01\2\0\0\0", "is OpenEXR"),
        (b"gimp xcf v011", "is GIMP's XCF"),
        (b"%PDF-1.7", "is PDF"),
        (b"\0\0\0\x18ftypisom\0\0\0\0", "is a video"),
        (b"<!DOCTYPE html><title>404", "is a web page, not the picture that was asked for"),
        (b"\xc5\xec\1\2\3", "is a .semc file already"),
    ],
)
def test_what_is_not_read_is_named_with_what_to_do(data: bytes, said: str, tmp_path: Path):
    (tmp_path / "a.jpg").write_bytes(data)
    with pytest.raises(PictureError, match=r"a\.jpg: is ") as raised:
        load_picture(tmp_path / "a.jpg")
    assert said in str(raised.value)


def test_without_its_package_a_picture_is_named_with_the_command(monkeypatch: pytest.MonkeyPatch):
    data = heic()
    assert unread_kind(".heic") is None and unread_kind(".txt") is None
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    assert unread_kind(".HEIC") == "HEIC"
    with pytest.raises(PictureError, match=r"is HEIC, .* pip install 'semcodec\[formats\]'"):
        load_picture(data)


def test_reading_heic_leaves_pillow_as_it_was():
    before = set(Image.OPEN)
    assert load_picture(heic()).size.width_px == 24
    assert set(Image.OPEN) == before


@pytest.mark.parametrize("size", [(24, 16), (1, 1), (300, 7), (256, 256), (70, 2100)])
def test_the_size_of_jpeg_xl_is_known_before_it_is_decoded(size: tuple[int, int]):
    data = jpeg_xl(*size)
    assert _jpeg_xl_size(data) == size
    with pytest.raises(LimitError):
        load_picture(data, limits=replace(DEFAULT_LIMITS, max_side_px=max(size) - 1))


def test_a_turned_picture_is_turned_once():
    exif = Image.Exif()
    exif[0x0112] = 6
    assert str(load_picture(jpeg_xl(exif=exif.tobytes())).size) == "24x16"
    out = io.BytesIO()
    picture().save(out, "JPEG", exif=exif)
    assert str(upright_size(out.getvalue())) == str(load_picture(out.getvalue()).size) == "16x24"
    assert str(upright_size(heic())) == "24x16"
    assert upright_size(b"no picture") is None


def test_deep_heic_says_that_it_was_reduced():
    deep = pillow_heif.from_bytes(mode="RGB;16", size=(8, 8), data=b"\x00\x80" * 192)
    out = io.BytesIO()
    deep.save(out)
    assert any("reduced to 8" in note for note in load_picture(out.getvalue()).notes)


def test_the_preview_in_a_raw_photograph_is_not_taken_for_it():
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[50706] = b"\1\4\0\0"
    out = io.BytesIO()
    picture().save(out, "TIFF", tiffinfo=tags)
    with pytest.raises(PictureError, match="is a raw photograph"):
        load_picture(out.getvalue())
