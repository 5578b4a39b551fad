"""The boxed form through the Python doors: what is kept, what it costs, and what a cut leaves of it."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageDraw

import semcodec
from semcodec.container.decode import read_file
from semcodec.container.encode import write_file
from semcodec.errors import BudgetError, DamagedInputWarning, FormatError, LimitError, NoPictureError
from semcodec.painters.stub import StubPainter
from semcodec.types import FileHeader, Link, Metadata, Section, Size

SIZE = (240, 160)
STUB = StubPainter()
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description rdf:about="" xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/>'
    b"</rdf:RDF></x:xmpmeta>"
)


@cache  # (a profile says when it was made)
def wide_profile() -> bytes:
    """Like sRGB, with a green of Adobe RGB: another profile, whose colours are near."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    entry = data.index(b"gXYZ")
    at = int.from_bytes(data[entry + 4 : entry + 8], "big") + 8
    data[at : at + 12] = b"".join(round(value * 65536).to_bytes(4, "big") for value in (0.20528, 0.62567, 0.06087))
    return bytes(data)


@pytest.fixture(scope="module")
def photo(photo_path: Path) -> Image.Image:
    """A small photograph with all that one can carry, stored turned: opened from a file, its pixels on their side."""
    with Image.open(photo_path) as whole:
        picture = whole.convert("RGB").resize((SIZE[1], SIZE[0]))
    opaque = Image.new("L", picture.size, 0)
    ImageDraw.Draw(opaque).ellipse((10, 10, 150, 230), fill=255)
    picture.putalpha(opaque)
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Cam"
    out = io.BytesIO()
    picture.save(out, "WEBP", lossless=True, exact=True, exif=exif, xmp=XMP, icc_profile=wide_profile())
    return Image.open(out)


@pytest.fixture(scope="module")
def boxed(photo: Image.Image) -> bytes:
    return semcodec.encode(photo, bytes=2200, boxed=True, caption="macaws", link=Link.to(b"original", "a.webp")).data


def test_all_that_a_picture_carries_is_kept_for_the_upright_picture(boxed: bytes) -> None:
    metadata = semcodec.read_metadata(boxed)
    assert metadata.problems == () and metadata.icc_profile == wide_profile()
    assert metadata.link is not None and metadata.link.matches(b"original")
    tags = Image.Exif()
    tags.load(b"Exif\0\0" + (metadata.exif or b""))
    assert (tags[0x0112], tags[0x010F]) == (1, "Cam")
    assert metadata.xmp == XMP.replace(b'Orientation="6"', b'Orientation="1"')
    picture = semcodec.decode(boxed, alpha=True, painter=STUB)
    assert picture.shape == (SIZE[1], SIZE[0], 4)
    assert picture[80, 120, 3] == 255 and picture[0, 0, 3] == 0


def test_the_budget_is_for_the_whole_file_and_is_used(photo: Image.Image) -> None:
    larger = photo.resize((480, 720))
    for budget in (1300, 1501, 2000):
        encoded = semcodec.encode(larger, bytes=budget, boxed=True)
        assert 0.95 * budget <= len(encoded.data) <= budget
        framing = len(encoded.data) - sum(encoded.bytes_by_layer.values())
        assert 9 <= framing <= 7 + 4 * 5
        assert list(encoded.bytes_by_layer) == ["tokens", "alpha", "icc", "exif", "xmp"]
        assert encoded.bytes_by_layer["alpha"] <= budget // 3


def test_a_wish_for_quality_is_about_the_picture_and_boxes_come_on_top(photo: Image.Image) -> None:
    bare, full = (semcodec.encode(photo, quality=70, boxed=boxed, strip=not boxed) for boxed in (False, True))
    beside = sum(size for name, size in full.bytes_by_layer.items() if name != "tokens")
    assert abs(full.bytes_by_layer["tokens"] - bare.bytes_by_layer["tokens"]) <= 24
    assert len(full.data) <= len(bare.data) + beside + 24


def test_too_small_a_budget_names_the_least_one_what_boxes_take_of_it_and_that_one_works(photo: Image.Image) -> None:
    with pytest.raises(BudgetError, match=r"\d+ of them for the transparency, \d+ of them for the icc box") as caught:
        semcodec.encode(photo, bytes=300, boxed=True)
    least = caught.value.least_bytes
    assert len(semcodec.encode(photo, bytes=least, boxed=True).data) <= least
    with pytest.raises(BudgetError):
        semcodec.encode(photo, bytes=least - 1, boxed=True)


def test_without_anything_to_keep_the_boxed_form_is_the_bare_one(photo_path: Path) -> None:
    with Image.open(photo_path) as whole:
        plain = whole.convert("RGB").resize(SIZE)
    encoded = semcodec.encode(plain, bytes=300)
    assert semcodec.encode(plain, bytes=300, boxed=True).data == encoded.data
    assert encoded.notes == ()


def test_one_note_names_what_a_bare_file_loses_and_strip_says_nothing(photo: Image.Image) -> None:
    notes = semcodec.encode(photo, bytes=400).notes
    lost = [note for note in notes if "does not keep" in note]
    assert len(lost) == 1
    assert lost[0].startswith(
        "the file does not keep EXIF, XMP, the colour profile 'sRGB built-in' and transparency (it was laid onto white)"
    )
    stripped = semcodec.encode(photo, bytes=400, strip=True)
    assert stripped.notes == tuple(note for note in notes if note not in lost)
    assert stripped.data == semcodec.encode(photo, bytes=400).data
    with pytest.raises(ValueError, match="boxed keeps what strip leaves out"):
        semcodec.encode(photo, boxed=True, strip=True)


def test_the_bare_file_is_the_same_with_and_without_boxes_behind_it(photo: Image.Image, boxed: bytes) -> None:
    header, sections, _ = read_file(boxed, semcodec.Limits())
    bare = semcodec.cut(boxed, strip=True)
    assert bare == write_file(header, [section for section in sections if section.layer < 16])
    assert np.array_equal(semcodec.decode(bare, painter=STUB), semcodec.decode(boxed, painter=STUB))
    assert semcodec.cut(bare, strip=True) == bare


def test_what_is_given_speaks_of_the_pixels_in_place_of_the_pictures_own(photo_path: Path) -> None:
    with Image.open(photo_path) as whole:
        pixels = np.asarray(whole.convert("RGB").resize(SIZE))
    exif = Image.Exif()
    exif[0x0112] = 8
    given = semcodec.encode(pixels, bytes=1200, boxed=True, exif=exif.tobytes(), icc_profile=wide_profile(), xmp=XMP)
    metadata = semcodec.read_metadata(given.data)
    assert None not in (metadata.exif, metadata.icc_profile, metadata.xmp)
    assert semcodec.info(given.data).size == Size(SIZE[1], SIZE[0])  # turned
    assert any("converted to sRGB from the profile" in note for note in given.notes)
    again = Image.fromarray(pixels)
    again.info.update(exif=exif.tobytes(), icc_profile=wide_profile(), xmp=XMP)
    assert semcodec.encode(again, bytes=1200, boxed=True).data == given.data
    none = semcodec.encode(again, bytes=1200, boxed=True, exif=b"", icc_profile=b"", xmp=b"")
    assert semcodec.read_metadata(none.data) == Metadata()


def test_a_picture_with_transparency_is_the_same_as_array_and_as_picture(photo: Image.Image) -> None:
    rgba = photo.convert("RGBA")
    rgba.info.clear()
    encoded = semcodec.encode(np.asarray(rgba), bytes=900, boxed=True)
    assert semcodec.encode(rgba, bytes=900, boxed=True).data == encoded.data
    assert "alpha" in encoded.bytes_by_layer


# ---- cutting


def test_a_cut_takes_the_boxes_that_are_wanted_least_before_any_block(boxed: bytes) -> None:
    tokens = semcodec.tokens(boxed)
    whole = [box.name for box in semcodec.info(boxed).boxes]
    assert whole == ["alpha", "link", "icc", "exif", "xmp"]
    seen = []
    for budget in range(len(boxed), len(semcodec.cut(boxed, strip=True)) - 1, -70):
        data = semcodec.cut(boxed, bytes=budget)
        assert len(data) <= budget
        kept = [box.name for box in semcodec.info(data).boxes]
        assert kept == whole[: len(kept)]
        seen.append(len(kept))
        for mine, theirs in zip(semcodec.tokens(data).digits, tokens.digits, strict=True):
            assert np.array_equal(mine, theirs)
    assert seen[0] == 5 and seen[-1] <= 1 and seen == sorted(seen, reverse=True)
    small = semcodec.cut(boxed, bytes=200)
    assert semcodec.info(small).boxes == () and semcodec.read_words(small) == semcodec.read_words(boxed)
    assert semcodec.cut(boxed, bytes=200, strip=True) == small


def test_a_cut_needs_a_size_or_strip_and_something_beside_boxes(boxed: bytes) -> None:
    with pytest.raises(ValueError, match="give bytes, strip or layers"):
        semcodec.cut(boxed)
    header, sections, _ = read_file(boxed, semcodec.Limits())
    only_boxes = write_file(header, [section for section in sections if section.layer >= 16])
    with pytest.raises(NoPictureError, match="nothing but boxes"):
        semcodec.cut(only_boxes, strip=True)


# ---- damage


def test_every_prefix_of_a_boxed_file_shows_what_its_tokens_show_and_is_noticed(boxed: bytes) -> None:
    whole = semcodec.decode(boxed, painter=STUB)
    tokens_end = len(boxed) - sum(box.num_bytes + 4 for box in semcodec.info(boxed).boxes)
    for length in range(tokens_end + 4, len(boxed), 53):
        with pytest.warns(DamagedInputWarning):
            assert np.array_equal(semcodec.decode(boxed[:length], painter=STUB), whole)


def test_a_damaged_box_is_a_warning_and_the_rest_is_there(boxed: bytes) -> None:
    broken = boxed[:-3] + bytes(3)  # the check of the last box
    with pytest.warns(DamagedInputWarning, match="the xmp box at offset .* the picture is whole without it"):
        picture = semcodec.decode(broken, alpha=True, painter=STUB)
    assert picture.shape[2] == 4
    reading = semcodec.read(broken)
    assert reading.problems == () and len(reading.metadata.problems) == 1
    assert semcodec.read_metadata(broken).xmp is None and semcodec.read_metadata(broken).exif is not None
    assert semcodec.tokens(broken).family == semcodec.tokens(boxed).family


def test_damaged_transparency_is_a_warning_and_the_picture_on_white(boxed: bytes) -> None:
    alpha = semcodec.read_metadata(boxed).alpha
    assert alpha is not None
    at = boxed.index(alpha) + 25
    broken = boxed[:at] + bytes(len(alpha) - 25) + boxed[at + len(alpha) - 25 :]
    with pytest.warns(DamagedInputWarning, match="alpha box is damaged"):
        assert semcodec.decode(broken, alpha=True, painter=STUB).shape == (SIZE[1], SIZE[0], 3)


def test_limits_are_asked_when_reading_and_when_writing(photo: Image.Image, boxed: bytes) -> None:
    few = semcodec.Limits(max_metadata_bytes=500)
    for door in (semcodec.read, semcodec.read_metadata, semcodec.decode):
        with pytest.raises(LimitError, match="max_metadata_bytes=500"):
            door(boxed, limits=few)
    with pytest.raises(LimitError, match="max_metadata_bytes=500"):
        semcodec.encode(photo, bytes=2200, boxed=True, limits=few)
    assert len(semcodec.cut(boxed, strip=True, limits=few)) < len(boxed)  # the way out


def test_a_file_of_an_unknown_family_keeps_its_boxes_readable() -> None:
    from semcodec.container.boxes.encode import pack_boxes

    boxes = pack_boxes(Metadata(xmp=XMP))
    data = write_file(FileHeader(Size(9, 9)), [Section(2, 250, b"??"), *boxes])
    assert semcodec.read_metadata(data).xmp == XMP
    with pytest.raises(FormatError, match="250"):
        semcodec.decode(data)
