"""Picture files that are written with what belongs to them, and that say what in them was painted."""

from __future__ import annotations

import io
import warnings
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image, ImageCms

from semcodec.metadata.exif import colour_space_of
from semcodec.metadata.provenance import Provenance
from semcodec.pictures import Beside, load_picture, picture_bytes

PAINTED = Provenance(696, 451, "nano")
WITH_EXIF = ("png", "jpg", "webp", "avif", "tif")
PIXELS = np.random.default_rng(0).integers(0, 256, (24, 32, 3), dtype=np.uint8)
SMOOTH = np.asarray(Image.fromarray(PIXELS).resize((8, 6)).resize((32, 24), Image.Resampling.BICUBIC))


def swapped_profile() -> bytes:
    """sRGB with its red and green primaries exchanged: what it does cannot be overlooked."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, green = data.index(b"rXYZ"), data.index(b"gXYZ")
    data[red + 4 : red + 8], data[green + 4 : green + 8] = data[green + 4 : green + 8], data[red + 4 : red + 8]
    return bytes(data)


def exif_of_a_camera() -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "Cam"
    exif.get_ifd(0x8769)[0x9003] = "2026:11:21 12:00:00"
    exif.get_ifd(0x8825)[0x0001] = "N"
    return exif.tobytes()[6:]


def written(format: str, beside: Beside, pixels: np.ndarray = SMOOTH) -> Image.Image:
    picture = Image.open(io.BytesIO(picture_bytes(pixels, format=format, beside=beside)))
    picture.load()
    return picture


def xmp_of(picture: Image.Image) -> bytes:
    xmp = picture.info["xmp"]
    return xmp if isinstance(xmp, bytes) else xmp.encode()


@pytest.mark.parametrize("format", WITH_EXIF)
def test_exif_and_xmp_stand_in_the_picture(format: str) -> None:
    picture = written(format, Beside(exif=exif_of_a_camera(), xmp=b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>"))
    tags = picture.getexif()
    assert tags[0x010F] == "Cam"
    assert tags.get_ifd(0x8769)[0x9003] == "2026:11:21 12:00:00"
    assert tags.get_ifd(0x8825)[0x0001] == "N"
    assert b"<x:xmpmeta" in xmp_of(picture)


@pytest.mark.parametrize("format", WITH_EXIF)
def test_a_picture_says_what_was_painted_where_every_tool_looks(format: str) -> None:
    for beside in (Beside(provenance=PAINTED), Beside(exif=exif_of_a_camera(), provenance=PAINTED)):
        picture = written(format, beside)
        ElementTree.fromstring(xmp_of(picture).rstrip(b"\0"))
        assert b"digitalsourcetype/compositeWithTrainedAlgorithmicMedia" in xmp_of(picture)
        assert b"64.8 % of its blocks (451 of 696) were not in the file" in xmp_of(picture)
    own = written(format, Beside(provenance=PAINTED))
    if format == "png":
        assert own.info["Comment"] == PAINTED.sentence
        assert own.info["Software"] == "semcodec"
    else:
        assert own.getexif()[0x010E] == PAINTED.sentence
        assert own.getexif()[0x0131] == "semcodec"
    if format == "jpg":
        assert own.info["comment"].decode() == PAINTED.sentence


def test_the_descriptions_of_the_owner_are_not_written_over() -> None:
    exif = Image.Exif()
    exif[0x010E], exif[0x0131] = "my garden", "a raw converter"
    tags = written("jpg", Beside(exif=exif.tobytes()[6:], provenance=PAINTED)).getexif()
    assert (tags[0x010E], tags[0x0131]) == ("my garden", "a raw converter")


@pytest.mark.parametrize("format", WITH_EXIF)
def test_colours_are_converted_to_the_profile_that_is_written(format: str) -> None:
    profile = swapped_profile()
    picture = written(format, Beside(icc_profile=profile))
    assert picture.info["icc_profile"] == profile
    shown = load_picture(picture_bytes(SMOOTH, format=format, beside=Beside(icc_profile=profile))).image_HWC
    stored = np.asarray(picture.convert("RGB")).astype(int)
    assert np.abs(shown.astype(int) - SMOOTH).mean() < (12 if format in {"jpg", "avif"} else 2)
    assert np.abs(stored - SMOOTH).mean() > 10  # the numbers in the file are others: the colours are the same


def test_a_profile_that_cannot_be_converted_to_is_left_out_with_a_sentence() -> None:
    notes: list[str] = []
    data = picture_bytes(SMOOTH, format="png", beside=Beside(icc_profile=b"rubbish"), notes=notes)
    picture = Image.open(io.BytesIO(data))
    assert "icc_profile" not in picture.info and np.array_equal(np.asarray(picture), SMOOTH)
    assert notes == ["its colour profile cannot be converted to: the colours are sRGB"]


@pytest.mark.parametrize("format", ["png", "webp", "tif", "avif"])
def test_transparency_comes_back_and_with_a_profile_too(format: str) -> None:
    alpha = np.zeros((24, 32), np.uint8)
    alpha[6:18, 8:24] = 255
    for profile in (None, swapped_profile()):
        picture = written(format, Beside(alpha_HW=alpha, icc_profile=profile))
        assert picture.mode == "RGBA"
        assert np.array_equal(np.asarray(picture.getchannel("A")), alpha)
    if format != "avif":
        opaque = np.asarray(written(format, Beside(alpha_HW=alpha)))[6:18, 8:24, :3]
        assert np.array_equal(opaque, SMOOTH[6:18, 8:24])


@pytest.mark.parametrize("format", ["jpg", "bmp", "ppm"])
def test_formats_without_transparency_show_the_picture_on_white(format: str) -> None:
    notes: list[str] = []
    alpha = np.zeros((24, 32), np.uint8)
    data = picture_bytes(SMOOTH, format=format, beside=Beside(alpha_HW=alpha), notes=notes)
    shown = np.asarray(Image.open(io.BytesIO(data)))
    assert np.abs(shown.astype(int) - SMOOTH).mean() < 3 and notes == []


@pytest.mark.parametrize("format", ["bmp", "ppm"])
def test_formats_without_metadata_say_what_they_leave_out(format: str) -> None:
    notes: list[str] = []
    beside = Beside(exif=exif_of_a_camera(), icc_profile=swapped_profile(), provenance=PAINTED)
    data = picture_bytes(SMOOTH, format=format, beside=beside, notes=notes)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(data))), SMOOTH)
    assert len(notes) == 1 and "has no place for EXIF, ICC and XMP" in notes[0]


def test_what_is_too_long_for_jpeg_is_left_out_with_a_sentence_and_the_rest_is_kept() -> None:
    notes: list[str] = []
    beside = Beside(
        exif=exif_of_a_camera() + bytes(70_000), xmp=b"<rdf:RDF>" + b" " * 70_000 + b"</rdf:RDF>", provenance=PAINTED
    )
    picture = Image.open(io.BytesIO(picture_bytes(SMOOTH, format="jpg", beside=beside, notes=notes)))
    assert [note.split("(")[0] for note in notes] == ["its EXIF data ", "its XMP "]
    assert picture.getexif()[0x010E] == PAINTED.sentence
    assert b"compositeWithTrained" in xmp_of(picture)


@pytest.mark.parametrize("format", WITH_EXIF)
def test_damaged_exif_of_a_stranger_costs_itself_and_never_the_picture(format: str) -> None:
    rng = np.random.default_rng(3)
    for _ in range(60):
        exif = bytearray(exif_of_a_camera())
        for at in rng.integers(8, len(exif), 4):
            exif[at] = rng.integers(256)
        data = picture_bytes(SMOOTH[:8, :8], format=format, beside=Beside(exif=bytes(exif), provenance=PAINTED))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Pillow, as a reader, thinks of such EXIF
            picture = Image.open(io.BytesIO(data))
            picture.load()
        assert picture.size == (8, 8) and b"compositeWithTrained" in xmp_of(picture)


def adobe_exif() -> bytes:
    exif = Image.Exif()
    exif[0x8769] = {0xA001: 0xFFFF, 0xA005: {1: "R03"}}
    return exif.tobytes()[6:]


@pytest.mark.parametrize("format", ["png", "jpg", "webp", "avif"])
def test_exif_calls_pixels_without_a_profile_srgb_and_a_reader_changes_nothing(format: str) -> None:
    data = picture_bytes(SMOOTH, format=format, beside=Beside(exif=adobe_exif()))
    assert colour_space_of(Image.open(io.BytesIO(data)).info["exif"]) == "srgb"
    assert not any("Adobe" in note for note in load_picture(data).notes)
    kept = picture_bytes(SMOOTH, format=format, beside=Beside(exif=adobe_exif(), icc_profile=swapped_profile()))
    assert colour_space_of(Image.open(io.BytesIO(kept)).info["exif"]) == "adobe"


@pytest.mark.parametrize("format", WITH_EXIF)
def test_xmp_of_an_older_file_promises_nothing_that_is_not_there(format: str) -> None:
    xmp = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description xmlns:g="http://ns.adobe.com/hdr-gain-map/1.0/" g:Version="1.0"/></rdf:RDF></x:xmpmeta>'
    )
    for beside in (Beside(xmp=xmp), Beside(xmp=xmp, provenance=PAINTED)):
        assert b"g:Version" not in xmp_of(written(format, beside))
