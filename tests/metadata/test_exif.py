"""EXIF for a picture that was turned upright: orientation 1, no thumbnail, everything else where it was."""

from __future__ import annotations

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from semcodec.metadata.exif import EXIF_PREFIX, called_srgb, colour_space_of, orientation_of, upright_exif

MAKE, ORIENTATION, MAKER_NOTE, WIDTH, HEIGHT = 0x010F, 0x0112, 0x927C, 0xA002, 0xA003
THUMBNAIL = b"\xff\xd8 a small JPEG picture \xff\xd9"


def camera_exif(order: str = "<", orientation: int = 6, *, behind: bytes = b"") -> bytes:
    """As a camera writes it: two tables of the picture, one of the thumbnail, and the thumbnail (`behind` it: more)."""

    def table(entries: list[tuple[int, int, int, bytes]], next_at: int) -> bytes:
        body = b"".join(
            struct.pack(order + "HHI", tag, kind, count) + value.ljust(4, b"\0") for tag, kind, count, value in entries
        )
        return struct.pack(order + "H", len(entries)) + body + struct.pack(order + "I", next_at)

    def short(value: int) -> bytes:
        return struct.pack(order + "H", value)

    def long(value: int) -> bytes:
        return struct.pack(order + "I", value)

    second_at, note_at = 8 + 2 + 3 * 12 + 4, 8 + 42 + 42
    third_at = note_at + 8
    thumbnail_at = third_at + 2 + 3 * 12 + 4
    begin = {"<": b"II*\0", ">": b"MM\0*"}[order] + long(8)
    first = table(
        [(MAKE, 2, 4, b"Cam\0"), (ORIENTATION, 3, 1, short(orientation)), (0x8769, 4, 1, long(second_at))], third_at
    )
    second = table([(MAKER_NOTE, 7, 8, long(note_at)), (WIDTH, 4, 1, long(640)), (HEIGHT, 3, 1, short(480))], 0)
    third = table(
        [
            (ORIENTATION, 3, 1, short(orientation)),
            (0x0201, 4, 1, long(thumbnail_at)),
            (0x0202, 4, 1, long(len(THUMBNAIL))),
        ],
        0,
    )
    return begin + first + second + b"the note" + third + THUMBNAIL + behind


def tags_of(exif: bytes) -> tuple[dict[int, object], dict[int, object]]:
    tags = Image.Exif()
    tags.load(EXIF_PREFIX + exif)
    return dict(tags), dict(tags.get_ifd(0x8769))


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_becomes_1_and_a_quarter_turn_exchanges_width_and_height(order: str, orientation: int) -> None:
    before = camera_exif(order, orientation)
    assert orientation_of(before) == orientation
    after = upright_exif(before)
    assert after is not None and orientation_of(after) == 1
    first, second = tags_of(after)
    assert first[MAKE] == "Cam" and first[ORIENTATION] == 1
    assert (second[WIDTH], second[HEIGHT]) == ((480, 640) if orientation > 4 else (640, 480))
    assert second[MAKER_NOTE] == b"the note" and after.index(b"the note") == before.index(b"the note")


@pytest.mark.parametrize("behind", [b"", b"\0", b"something that a maker put behind it"])
def test_the_thumbnail_is_gone_wherever_it_stands(behind: bytes) -> None:
    after = upright_exif(camera_exif(behind=behind))
    assert after is not None
    assert b"JPEG" not in after
    assert after.endswith(behind) if len(behind) > 3 else len(after) < len(camera_exif())
    with Image.new("RGB", (2, 2)) as picture:
        out = io.BytesIO()
        picture.save(out, "JPEG", exif=EXIF_PREFIX + after)
    assert 1 not in {number for number in Image.open(out).getexif()._get_merged_dict() if number == 0x0201}


def test_the_prefix_of_jpeg_files_is_taken_off_however_often_it_stands_there() -> None:
    exif = camera_exif()
    assert upright_exif(EXIF_PREFIX + exif) == upright_exif(EXIF_PREFIX * 2 + exif) == upright_exif(exif)


@pytest.mark.parametrize(
    "exif", [b"", b"II", b"rubbish", EXIF_PREFIX, b"II*\0", b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff"]
)
def test_what_is_no_exif_is_not_kept(exif: bytes) -> None:
    assert upright_exif(exif) is None
    assert orientation_of(exif) == 1


@given(st.data())
def test_damaged_exif_raises_nothing(data: st.DataObject) -> None:
    exif = bytearray(camera_exif(data.draw(st.sampled_from("<>"))))
    for _ in range(data.draw(st.integers(1, 6))):
        exif[data.draw(st.integers(0, len(exif) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(exif[: data.draw(st.integers(0, len(exif)))])
    after = upright_exif(cut)
    assert after is None or len(after) <= len(cut)
    assert 1 <= orientation_of(cut) <= 8


def exif_with_colours(order: str, colour_space: int, index: bytes | None) -> bytes:
    def entry(tag: int, kind: int, count: int, value: bytes) -> bytes:
        return struct.pack(order + "HHI", tag, kind, count) + value.ljust(4, b"\0")

    entries = [entry(0xA001, 3, 1, struct.pack(order + "H", colour_space))]
    if index is not None:
        entries.append(entry(0xA005, 4, 1, struct.pack(order + "I", 56)))
    head = {"<": b"II*\0", ">": b"MM\0*"}[order] + struct.pack(order + "I", 8)
    first = struct.pack(order + "H", 1) + entry(0x8769, 4, 1, struct.pack(order + "I", 26)) + bytes(4)
    second = struct.pack(order + "H", len(entries)) + b"".join(entries) + bytes(4)
    third = struct.pack(order + "H", 1) + entry(1, 2, 4, index or b"") + bytes(4)
    return (head + first + second).ljust(56, b"\0") + third


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("colour_space", "index", "said"),
    [
        (0xFFFF, b"R03\0", "adobe"),
        (0xFFFF, b"R98\0", "uncalibrated"),
        (0xFFFF, None, "uncalibrated"),
        (2, None, "adobe"),
        (1, b"R98\0", "srgb"),
        (77, None, None),
    ],
)
def test_what_exif_says_of_colours_is_told_and_can_be_made_srgb(
    order: str, colour_space: int, index: bytes | None, said: str | None
) -> None:
    exif = exif_with_colours(order, colour_space, index)
    assert colour_space_of(exif) == colour_space_of(EXIF_PREFIX + exif) == said
    called = called_srgb(exif)
    assert colour_space_of(called) == ("srgb" if said else None)
    assert len(called) == len(exif) and b"R03" not in called


def test_of_no_exif_nothing_is_said_of_colours() -> None:
    assert colour_space_of(None) is None and colour_space_of(b"JFIF") is None
    assert called_srgb(b"JFIF") == b"JFIF"


@given(st.data())
def test_damaged_exif_says_something_or_nothing_of_colours(data: st.DataObject) -> None:
    exif = bytearray(exif_with_colours("<", 0xFFFF, b"R03\0"))
    for at in data.draw(st.lists(st.integers(0, len(exif) - 1), max_size=4)):
        exif[at] = data.draw(st.integers(0, 255))
    damaged = bytes(exif[: data.draw(st.integers(0, len(exif)))])
    colour_space_of(damaged)
    assert len(called_srgb(damaged)) <= len(damaged)
