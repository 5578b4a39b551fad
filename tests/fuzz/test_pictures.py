"""Pictures that are given to `encode` come from strangers, too: whatever is wrong with them is one clear sentence."""

from __future__ import annotations

import io
import random
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from semcodec.errors import LimitError, PictureError
from semcodec.limits import Limits
from semcodec.pictures import LoadedPicture, load_picture

LIMITS = Limits(max_pixels=1_000_000)
EXIF = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description tiff:Orientation="6"/></rdf:RDF></x:xmpmeta>'


def _ramp(mode: str) -> Image.Image:
    ramp_HW = np.tile(np.arange(40, dtype=np.uint8) * 6, (24, 1))
    return Image.fromarray(np.stack([ramp_HW, ramp_HW[:, ::-1], ramp_HW // 2], axis=-1)).convert(mode)


def _good_pictures() -> dict[str, bytes]:
    """One picture of each ordinary kind, with metadata where the format has a place for it."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    palette = _ramp("RGB").quantize(16)
    palette.info["transparency"] = bytes(range(0, 256, 16))
    frames = [_ramp("RGB").rotate(90 * turn) for turn in range(3)]
    pictures: dict[str, tuple[Image.Image, str, dict[str, object]]] = {
        "jpeg": (_ramp("RGB"), "JPEG", {"exif": EXIF, "icc_profile": profile, "xmp": XMP}),
        "progressive jpeg": (_ramp("RGB"), "JPEG", {"progressive": True}),
        "cmyk jpeg": (_ramp("CMYK"), "JPEG", {}),
        "png": (_ramp("RGBA"), "PNG", {"exif": EXIF, "icc_profile": profile}),
        "16-bit png": (Image.fromarray(np.arange(960, dtype=np.uint16).reshape(24, 40) * 60), "PNG", {}),
        "palette png with transparency": (palette, "PNG", {"transparency": palette.info["transparency"]}),
        "animated gif": (frames[0], "GIF", {"save_all": True, "append_images": frames[1:]}),
        "animated webp": (frames[0], "WEBP", {"save_all": True, "append_images": frames[1:], "xmp": XMP}),
        "animated png": (frames[0], "PNG", {"save_all": True, "append_images": frames[1:]}),
        "cmyk tiff": (_ramp("CMYK"), "TIFF", {"compression": "tiff_lzw"}),
        "tiff of floats": (_ramp("F"), "TIFF", {}),
        "bmp": (_ramp("P"), "BMP", {}),
        "icon": (_ramp("RGBA"), "ICO", {"sizes": [(16, 16), (24, 24)]}),
        "targa": (_ramp("RGBA"), "TGA", {"compression": "tga_rle"}),
        "jpeg 2000": (_ramp("RGB"), "JPEG2000", {}),
        "ppm": (_ramp("RGB"), "PPM", {}),
        "avif": (_ramp("RGB"), "AVIF", {"exif": EXIF}),
    }
    made = {}
    for name, (picture, format, options) in pictures.items():
        out = io.BytesIO()
        picture.save(out, format, **options)
        made[name] = out.getvalue()
    return made


GOOD = _good_pictures()


def _damaged(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(min(len(data), 64) if rng.random() < 0.4 else len(data))
    return rng.choice(
        (
            lambda: data[:at],
            lambda: data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :],
            lambda: data[:at] + rng.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff")) + data[at + 4 :],
            lambda: data[:at] + rng.randbytes(5) + data[at:],
            lambda: data[:at] + data[at + 3 :],
        )
    )()


def _check_sentence(error: Exception) -> None:
    text = str(error)
    assert text.isprintable() and 20 < len(text) < 400 and "Traceback" not in text, text
    assert text.startswith("the picture: "), text
    assert "; " in text, f"{text!r} does not say what to do"


def _load(data: bytes) -> LoadedPicture | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return load_picture(data, limits=LIMITS)
    except (PictureError, LimitError) as error:
        _check_sentence(error)
        return None


@pytest.mark.parametrize("name", GOOD)
def test_an_ordinary_picture_of_every_kind_is_taken(name: str) -> None:
    loaded = _load(GOOD[name])
    assert loaded is not None and loaded.image_HWC.ndim == 3
    assert all(note.isprintable() for note in loaded.notes)


@pytest.mark.parametrize("name", GOOD)
def test_a_damaged_picture_is_taken_or_refused_in_one_sentence(name: str) -> None:
    rng = random.Random(name)
    for _ in range(40):
        data = GOOD[name]
        for _ in range(rng.choice((1, 1, 2, 5))):
            data = _damaged(data, rng) or b"\0"
        loaded = _load(data)
        if loaded is not None:
            assert loaded.size.width_px * loaded.size.height_px <= LIMITS.max_pixels
            assert all(note.isprintable() for note in loaded.notes), loaded.notes


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty"),
        (b"\0", "is no picture that can be read here"),
        (GOOD["jpeg"][:-60], "is cut short or damaged"),
        (GOOD["cmyk jpeg"][: len(GOOD["cmyk jpeg"]) // 2], "damaged"),
        (b"P6 30000 30000 255\n", "has 900000000 pixels, above max_pixels=1000000"),
        (b"P6 0 5 255\n", "is no picture that can be read here"),
    ],
    ids=["empty", "one byte", "cut jpeg", "half a jpeg", "bomb", "no pixels"],
)
def test_what_cannot_be_taken_says_why_and_what_to_do(data: bytes, says: str) -> None:
    with pytest.raises((PictureError, LimitError), match=says) as refused:
        load_picture(data, limits=LIMITS)
    _check_sentence(refused.value)


def test_a_profile_cannot_speak_to_the_terminal(tmp_path: Path) -> None:
    """Its description is quoted in a note, and was printed as it stands: escape sequences and all."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes())
    at = profile.find("XYZ".encode("utf-16-be"))
    assert at > 0
    profile[at : at + 6] = "\x1b[J".encode("utf-16-be")
    out = io.BytesIO()
    _ramp("RGB").save(out, "PNG", icc_profile=bytes(profile))
    notes = load_picture(out.getvalue()).notes
    assert any(r"\u{001B}[J" in note for note in notes), notes
    assert all(note.isprintable() for note in notes)
