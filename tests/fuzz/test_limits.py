"""Every limit is asked at every door, before anything is allocated."""

from __future__ import annotations

import inspect
import io
import re
import tracemalloc
import zlib
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import semcodec
from semcodec import Limits
from semcodec.container.encode import write_file
from semcodec.errors import CaptionError, LimitError
from semcodec.ids import LayerId
from semcodec.layers.text.encode import pack_words
from semcodec.models import DEFAULT_FAMILY
from semcodec.pictures import load_picture
from semcodec.types import FileHeader, Metadata, Section, Size, Words

TOKENS = Section(LayerId.TOKENS, DEFAULT_FAMILY, b"\0\0\0\0")
READERS: dict[str, Callable[..., object]] = {
    "info": semcodec.info,
    "read": semcodec.read,
    "read_words": semcodec.read_words,
    "tokens": semcodec.tokens,
    "decode": semcodec.decode,
    "cut": lambda data, **options: semcodec.cut(data, bytes=len(data) - 1, **options),
}


def text(words: str) -> Section:
    return pack_words(Words(words))


def file_of(width_px: int, height_px: int, *sections: Section, step: int = 0) -> bytes:
    return write_file(FileHeader(Size(width_px, height_px), step), sections or (TOKENS,))


@pytest.mark.parametrize("door", READERS)
def test_a_picture_of_more_pixels_than_allowed_is_refused_at_every_door(door: str) -> None:
    with pytest.raises(LimitError, match=r"1000x1001 has 1001000 pixels \(offset 2\), above max_pixels=1000000;"):
        READERS[door](file_of(1000, 1001), limits=Limits(max_pixels=1_000_000))


@pytest.mark.parametrize("door", READERS)
def test_a_longer_side_than_allowed_is_refused_at_every_door(door: str) -> None:
    with pytest.raises(LimitError, match=r"above max_side_px=1000;"):
        READERS[door](file_of(1001, 2), limits=Limits(max_side_px=1000))


@pytest.mark.parametrize("door", READERS)
def test_more_sections_than_allowed_are_refused_at_every_door(door: str) -> None:
    many = [Section(50, 0, b"")] * 4
    with pytest.raises(LimitError, match=r"5 sections or more \(offset \d+\), above max_sections=4;"):
        READERS[door](file_of(9, 9, *many, TOKENS), limits=Limits(max_sections=4))


@pytest.mark.parametrize("door", ["info", "read", "read_words", "tokens", "decode"])
def test_more_words_than_allowed_are_refused_where_words_are_read(door: str) -> None:
    data = file_of(9, 9, text("a boat on the lake"), TOKENS)
    with pytest.raises(LimitError, match=r"characters or more \(offset \d+\), above max_caption_chars=5;"):
        READERS[door](data, limits=Limits(max_caption_chars=5))


@pytest.mark.parametrize("door", ["read", "tokens", "decode", "cut"])
def test_more_blocks_than_allowed_are_refused_where_tokens_are_read(door: str) -> None:
    with pytest.raises(LimitError, match=r"may lie in \d+ blocks \(offset \d+\), above max_blocks=20;"):
        READERS[door](file_of(700, 700), limits=Limits(max_blocks=20))


@pytest.mark.parametrize("door", ["read", "tokens", "decode", "cut"])
def test_a_strip_that_is_painted_a_hundred_times_as_wide_is_refused(door: str) -> None:
    """A million pixels as the header counts them, 128 million for the networks."""
    data = file_of(1_000_000, 1)
    with pytest.raises(LimitError, match=r"the tokens paint \d+ pixels, \d+x\d+ \(offset \d+\), above max_working_pix"):
        READERS[door](data, limits=Limits(max_pixels=1_000_000))
    assert semcodec.info(data, limits=Limits(max_pixels=1_000_000)).size == Size(1_000_000, 1)


def test_max_pixels_alone_bounds_what_the_networks_work_on() -> None:
    limits = Limits(max_pixels=4_000_000)
    limits.ask("max_working_pixels", 6_000_000, "it has")
    with pytest.raises(LimitError, match=r"above max_working_pixels=6000000; .* Limits\(max_pixels=\.\.\.\), or --max"):
        limits.ask("max_working_pixels", 6_000_001, "it has")
    Limits(max_pixels=1).ask("max_working_pixels", 1 << 20, "it has")
    with pytest.raises(LimitError, match=r"above max_working_pixels=9; .* Limits\(max_working_pixels=\.\.\.\)"):
        Limits(max_working_pixels=9).ask("max_working_pixels", 10, "it has")


def test_metadata_that_unpacks_to_more_than_allowed_is_refused_and_not_unpacked() -> None:
    bomb = Section(LayerId.XMP, 1, zlib.compress(bytes(50_000_000), 9))
    data = file_of(9, 9, TOKENS, bomb)
    assert len(data) < 60_000
    tracemalloc.start()
    try:
        with pytest.raises(LimitError, match=r"\(offset \d+\), above max_metadata_bytes=1000000;"):
            semcodec.read(data, limits=Limits(max_metadata_bytes=1_000_000))
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(("width_px", "height_px"), [(120_000, 1000), (5000, 5000), (1 << 20, 100)])
def test_what_is_refused_is_refused_before_it_is_allocated(width_px: int, height_px: int) -> None:
    data = file_of(width_px, height_px)
    semcodec.info(data)  # (imports and tables are not the file's)
    semcodec.read(file_of(9, 9))
    tracemalloc.start()
    try:
        with pytest.raises(LimitError):
            semcodec.read(data, limits=Limits(max_pixels=1_000_000))
        with pytest.raises(LimitError):
            semcodec.read(data, limits=Limits(max_blocks=100))
        assert tracemalloc.get_traced_memory()[1] < 100_000
    finally:
        tracemalloc.stop()


def test_a_picture_to_encode_is_asked_for_its_size_whatever_it_comes_in() -> None:
    limits = Limits(max_pixels=1000)
    out = io.BytesIO()
    Image.new("RGB", (40, 30)).save(out, "PNG")
    for refused in (
        lambda: semcodec.encode(Image.new("L", (40, 30)), limits=limits),
        lambda: semcodec.encode(np.zeros((30, 40, 3), np.uint8), limits=limits),
        lambda: load_picture(out.getvalue(), limits=limits),
    ):
        with pytest.raises(LimitError, match=r"has 1200 pixels, above max_pixels=1000; .* --max-pixels"):
            refused()


def test_a_longer_caption_can_be_stored_and_read_by_who_allows_it() -> None:
    caption, generous = "boat " * 500, Limits(max_caption_chars=2500)
    image = Image.new("RGB", (32, 32))
    with pytest.raises(CaptionError, match="2500 characters, at most 2000"):
        semcodec.encode(image, caption=caption)
    data = semcodec.encode(image, caption=caption, bytes=2000, limits=generous).data
    with pytest.raises(LimitError, match="above max_caption_chars=2000"):
        semcodec.read_words(data)
    words = semcodec.read_words(data, limits=generous)
    assert words is not None and words.text == caption


def test_the_page_about_limits_has_all_of_them_with_their_defaults(root: Path) -> None:
    rows = re.findall(r"^\| `(max_\w+)` \| ([\d,]+) \|", (root / "docs" / "limits.md").read_text(), re.M)
    said = {name: int(number.replace(",", "")) for name, number in rows}
    assert said == {field.name: field.default for field in fields(Limits)}
    assert all(f"`{name}`" in (inspect.getdoc(Limits) or "") for name in said)


def test_metadata_within_the_limit_is_read() -> None:
    data = file_of(9, 9, TOKENS, Section(LayerId.XMP, 1, zlib.compress(b"<x:xmpmeta/>")))
    assert semcodec.read(data).metadata == Metadata(xmp=b"<x:xmpmeta/>")
