"""Regions that are cut, damaged, or were made by somebody who means harm."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from semcodec.errors import DamagedError, FormatError, LimitError, TruncatedError, UnknownTextTableError
from semcodec.ids import LayerId, Origin
from semcodec.layers.regions.decode import unpack_regions
from semcodec.layers.regions.encode import pack_regions
from semcodec.limits import DEFAULT_LIMITS, Limits
from semcodec.types import Region, Regions, Section, Words

WORDS = Words("Two macaws, one red and one blue, sit in front of green leaves.", "en")
FEW = Regions(
    (Region(0, 0, 63, 63, "green leaves"), Region(2, 10, 30, 50, "red macaw"), Region(30, 9, 32, 44, "blue macaw")),
    "en",
    Origin.MACHINE,
)
MANY = Regions(tuple(Region(at, 63 - at, 0, 0, f"{at % 40} things") for at in range(64)), "en")


def unpacked(
    payload: bytes, *, words: Words | None = None, limits: Limits = DEFAULT_LIMITS, **how: Any
) -> tuple[Regions | None, FormatError | None]:
    section = Section(LayerId.REGIONS, 1, payload, **how)
    return unpack_regions(section, words, limits)


@pytest.mark.parametrize("words", [None, WORDS], ids=["alone", "with words"])
def test_every_prefix_gives_the_first_regions_whole(words: Words | None) -> None:
    payload = pack_regions(FEW, words).payload
    num_before = 0
    for num_bytes in range(len(payload)):
        found, problem = unpacked(payload[:num_bytes], words=words, cut_short=True, offset=9)
        assert isinstance(problem, TruncatedError)
        assert problem.offset == 9 + num_bytes
        items = () if found is None else found.items
        assert items == FEW.items[: len(items)]
        assert len(items) >= num_before
        num_before = len(items)
    assert num_before >= len(FEW.items) - 1


def test_what_was_cut_on_purpose_is_no_fault() -> None:
    payload = pack_regions(MANY).payload
    found, problem = unpacked(payload[: len(payload) // 2], open_end=True)
    assert problem is None
    assert found is not None and found.items == MANY.items[: len(found.items)]
    assert 20 < len(found.items) < 64


def test_without_the_words_that_they_were_coded_with_there_are_none() -> None:
    payload = pack_regions(FEW, WORDS).payload
    found, problem = unpacked(payload, words=None)
    assert found is None
    assert isinstance(problem, DamagedError) and "words of the file" in str(problem)


def test_words_that_help_nothing_are_not_needed() -> None:
    assert pack_regions(FEW, Words("狗")).payload == pack_regions(FEW).payload


def test_regions_that_go_on_behind_their_section_are_refused_rather_than_read_wrongly() -> None:
    payload = pack_regions(FEW).payload
    found, problem = unpacked(payload[:-2], sized=True)
    assert found is None
    assert isinstance(problem, DamagedError)


def test_bytes_behind_the_end_are_refused() -> None:
    payload = pack_regions(FEW).payload
    for more in (b"\x00", b"\xff", b"\x80\x00"):
        found, problem = unpacked(payload + more)
        assert found is None and isinstance(problem, DamagedError)


def test_a_flipped_bit_in_many_regions_never_gives_more_than_was_confirmed() -> None:
    payload = pack_regions(MANY).payload
    num_unnoticed = 0
    for bit in range(8 * 70, 8 * len(payload), 5):
        flipped = bytearray(payload)
        flipped[bit >> 3] ^= 128 >> (bit & 7)
        try:
            found, problem = unpacked(bytes(flipped), sized=True)
        except LimitError:
            continue
        num_unnoticed += problem is None
        if problem is not None and found is not None:
            assert found.items[:10] == MANY.items[:10]
    assert num_unnoticed <= 2


@pytest.mark.parametrize("words", [None, WORDS], ids=["alone", "with words"])
def test_whatever_the_bytes_are_boxes_lie_inside_and_areas_fall(words: Words | None) -> None:
    rng = random.Random(5)
    num_found = 0
    for _ in range(400):
        try:
            found, problem = unpacked(rng.randbytes(rng.randrange(60)), words=words)
        except LimitError:
            continue
        assert problem is None or isinstance(problem, FormatError)
        areas = []
        for region in () if found is None else found.items:
            assert 0 <= region.x <= region.x + region.w <= 63 and 0 <= region.y <= region.y + region.h <= 63
            assert region.phrase
            areas.append(region.area)
            num_found += 1
        assert areas == sorted(areas, reverse=True)
    assert num_found > 50


def test_a_megabyte_of_zeros_or_ones_ends_at_a_limit_or_an_error() -> None:
    for byte in (0x00, 0x55, 0xFF):
        try:
            _, problem = unpacked(bytes([byte]) * 1_000_000)
        except LimitError as refusal:
            assert "max_regions" in str(refusal) or "max_caption_chars" in str(refusal)
        else:
            assert problem is not None


def test_more_than_the_limits_allow_is_refused_with_its_name() -> None:
    payload = pack_regions(FEW).payload
    with pytest.raises(LimitError, match="max_regions=2"):
        unpacked(payload, limits=Limits(max_regions=2))
    with pytest.raises(LimitError, match="max_caption_chars=20"):
        unpacked(payload, limits=Limits(max_caption_chars=20))
    assert unpacked(payload, limits=Limits(max_regions=3, max_caption_chars=31)) == (FEW, None)


def test_a_table_that_is_absent_is_named() -> None:
    found, problem = unpack_regions(Section(LayerId.REGIONS, 77, b"\x12\x34", offset=9), None)
    assert found is None
    assert isinstance(problem, UnknownTextTableError)
    assert "region table 77" in str(problem) and problem.offset == 9


def test_who_says_so_and_in_which_language_is_not_taken_from_the_words() -> None:
    german = replace(FEW, language="de", origin=Origin.HUMAN)
    payload = pack_regions(german, replace(WORDS, origin=Origin.MACHINE)).payload
    assert unpacked(payload, words=WORDS) == (german, None)
