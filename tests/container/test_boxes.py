"""Boxes: what stands behind a picture comes back, and damage costs the box alone. (B5 and so on: docs/format.md.)"""

from __future__ import annotations

import zlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semcodec.container.boxes import base_name, is_box, without_boxes
from semcodec.container.boxes.decode import unpack_boxes
from semcodec.container.boxes.encode import pack_boxes
from semcodec.container.decode import read_file
from semcodec.container.encode import write_file
from semcodec.errors import DamagedError, FormatError, LimitError, TruncatedError
from semcodec.ids import BoxCoding, LayerId
from semcodec.limits import Limits
from semcodec.types import FileHeader, Link, Metadata, Section, Size

HEADER = FileHeader(Size(40, 30))
LIMITS = Limits()
TOKENS = Section(LayerId.TOKENS, 250, b"t" * 50)
# The first 25 bytes of a lossless WebP file, which say its length and size (4x3), and the rest that nobody reads here.
WEBP = (
    b"RIFF"
    + (24).to_bytes(4, "little")
    + b"WEBPVP8L"
    + (11).to_bytes(4, "little")
    + b"\x2f\x03\x80\x00\x00"
    + b"\0" * 7
)
EXIF = b"II*\x00\x08\x00\x00\x00\x00\x00"
FULL = Metadata(WEBP, Link(bytes(range(32)), "käfer.png"), b"profile" * 50, EXIF, b"<x:xmpmeta/>")


def file_of(metadata: Metadata) -> bytes:
    return write_file(HEADER, [TOKENS, *pack_boxes(metadata)])


def unpacked(data: bytes, limits: Limits = LIMITS) -> Metadata:
    header, sections, _ = read_file(data, limits)
    return unpack_boxes(sections, header.size, limits)


def of_box(layer: LayerId, payload: bytes, model: int | None = None) -> Metadata:
    coding = {LayerId.ALPHA: BoxCoding.WEBP, LayerId.LINK: BoxCoding.PLAIN}.get(layer, BoxCoding.ZLIB)
    section = Section(layer, coding if model is None else model, payload)
    return unpacked(write_file(HEADER, [TOKENS, section]))


def test_what_is_packed_comes_back_in_the_order_of_a_file() -> None:
    assert unpacked(file_of(FULL)) == FULL
    assert [section.layer for section in pack_boxes(FULL)] == [16, 17, 18, 19, 20]


def test_nothing_is_no_box_and_a_bare_file_keeps_its_bytes() -> None:
    assert pack_boxes(Metadata(exif=b"", xmp=None)) == []
    _, sections, _ = read_file(file_of(FULL), LIMITS)
    assert write_file(HEADER, without_boxes(sections)) == write_file(HEADER, [TOKENS])


def test_a_box_is_these_literal_bytes() -> None:
    data = write_file(
        HEADER, [Section(LayerId.TOKENS, 250, b"xyz"), *pack_boxes(Metadata(link=Link(b"h" * 32, "a.png")))]
    )
    #                      id model length     id|last coding  hash   name's length
    assert data[7:] == b"\x02\xfa\x03xyz" + b"\x91\x00" + b"h" * 32 + b"\x05a.png"


@given(st.binary(max_size=300), st.binary(max_size=300), st.text(max_size=40))
def test_any_bytes_and_names_come_back(profile: bytes, xmp: bytes, name: str) -> None:
    metadata = Metadata(link=Link.to(xmp, base_name(name)), icc_profile=profile or None, xmp=xmp or None)
    assert unpacked(file_of(metadata)) == metadata


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("photo.jpg", "photo.jpg"),
        ("/home/me/photo.jpg", "photo.jpg"),
        ("C:\\me\\photo.jpg", "photo.jpg"),
        ("a\nb\x1b[31m.png", "ab[31m.png"),
        ("\udcff.png", "?.png"),
        ("ü" * 200, "ü" * 127),
        ("-", "-"),
        ("folder/", ""),
    ],
)
def test_a_name_for_a_link_has_no_folder_and_no_control_character(path: str, name: str) -> None:
    assert base_name(path) == name


def test_a_link_knows_its_file_by_its_bytes_alone() -> None:
    link = Link.to(b"the picture", "a.png")
    assert link.matches(b"the picture")
    assert not link.matches(b"the picture.")


# ---- what is wrong with a box costs the box


@pytest.mark.parametrize(
    ("layer", "payload", "error", "sentence"),
    [
        (LayerId.XMP, b"no zlib stream", DamagedError, "is no zlib stream"),  # B5
        (LayerId.XMP, zlib.compress(b"x")[:-1] + b"?", DamagedError, "its check does not hold"),
        (LayerId.XMP, zlib.compress(b"x" * 99)[:-2], TruncatedError, "ends early"),
        (LayerId.XMP, zlib.compress(b"x") + b"more", DamagedError, "goes on behind its end, at offset 71"),  # B6
        (LayerId.ALPHA, b"GIF8" + WEBP[4:], DamagedError, "lossless WebP"),  # B7
        (LayerId.ALPHA, WEBP[:-1], TruncatedError, "ends early"),
        (LayerId.ALPHA, WEBP[:20], TruncatedError, "ends early"),
        (LayerId.ALPHA, WEBP + b"\0", DamagedError, "goes on behind its end"),  # B8
        (
            LayerId.ALPHA,
            WEBP[:21] + b"\x28" + WEBP[22:],
            DamagedError,
            "41x3 pixels, larger than the picture of 40x30",
        ),  # B9
        (LayerId.LINK, bytes(31), TruncatedError, "ends early"),
        (LayerId.LINK, bytes(32) + b"\x05a.pn", TruncatedError, "ends early"),  # B10
        (LayerId.LINK, bytes(32) + b"\x05a.png.", DamagedError, "goes on behind its end"),
        (LayerId.LINK, bytes(32) + b"\x02\xff\xfe", DamagedError, "is not UTF-8"),  # B11
        (LayerId.LINK, bytes(32) + b"\x04a/.p", DamagedError, "a folder or a control character"),  # B12
        (LayerId.LINK, bytes(32) + b"\x04a\n.p", DamagedError, "a folder or a control character"),
        (LayerId.EXIF, zlib.compress(b"Exif\0\0" + EXIF), DamagedError, "does not hold a TIFF stream"),  # B13
    ],
)
def test_a_damaged_box_is_a_sentence_and_no_box(
    layer: LayerId, payload: bytes, error: type[FormatError], sentence: str
) -> None:
    metadata = of_box(layer, payload)
    assert replace(metadata, problems=()) == Metadata()
    assert [type(problem) for problem in metadata.problems] == [error]
    assert sentence in str(metadata.problems[0])
    assert metadata.problems[0].offset is not None


@pytest.mark.parametrize("layer", [LayerId.ALPHA, LayerId.LINK, LayerId.XMP])
def test_a_coding_of_a_later_writer_is_left_alone_by_its_number(layer: LayerId) -> None:  # B4
    metadata = of_box(layer, b"??", model=9)
    assert "coded with number 9, which this build does not know" in str(metadata.problems[0])


def test_a_damaged_box_costs_no_other_box() -> None:  # B2
    boxes = [replace(box, payload=b"??") if box.layer == LayerId.ICC else box for box in pack_boxes(FULL)]
    metadata = unpacked(write_file(HEADER, [TOKENS, *boxes]))
    assert replace(metadata, problems=()) == replace(FULL, icc_profile=None)
    assert len(metadata.problems) == 1


def test_limits_are_asked_over_all_boxes_while_they_unpack() -> None:  # B3
    data = file_of(Metadata(icc_profile=bytes(900), xmp=bytes(101)))
    assert unpacked(data, Limits(max_metadata_bytes=1001)).problems == ()
    with pytest.raises(LimitError, match="max_metadata_bytes=1000"):
        unpacked(data, Limits(max_metadata_bytes=1000))
    bomb = write_file(HEADER, [TOKENS, Section(LayerId.XMP, BoxCoding.ZLIB, zlib.compress(bytes(1 << 26), 9))])
    with pytest.raises(LimitError, match=f"max_metadata_bytes={1 << 24}"):
        unpacked(bomb)


def test_a_prefix_of_a_boxed_file_has_the_boxes_that_are_whole_and_says_what_is_not() -> None:
    data = file_of(FULL)
    found = set()
    for length in range(7, len(data)):
        header, sections, problem = read_file(data[:length], LIMITS)
        metadata = unpack_boxes(sections, header.size, LIMITS)
        for name in ("alpha", "link", "icc_profile", "exif", "xmp"):
            value = getattr(metadata, name)
            assert value in (None, getattr(FULL, name))
            found |= {name} if value is not None else set()
        assert problem is not None or metadata.problems, f"nobody noticed that the file was cut at {length}"
    assert found == {"alpha", "link", "icc_profile", "exif"}


@given(st.data())
def test_a_flipped_byte_anywhere_raises_nothing_but_limits(data: st.DataObject) -> None:
    file = bytearray(file_of(FULL))
    at = data.draw(st.integers(7, len(file) - 1))
    file[at] ^= data.draw(st.integers(1, 255))
    header, sections, _ = read_file(bytes(file), LIMITS)
    metadata = unpack_boxes(sections, header.size, LIMITS)
    assert all(isinstance(problem, FormatError) for problem in metadata.problems)
    assert sum(map(is_box, sections)) <= 5
