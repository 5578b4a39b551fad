"""Regions come back as they went in, alone and beside the words of the file."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from semcodec.errors import CaptionError
from semcodec.ids import LayerId, Origin
from semcodec.layers.catalog import unpack_layers
from semcodec.layers.regions.decode import unpack_regions
from semcodec.layers.regions.encode import pack_regions
from semcodec.layers.regions.fit import within_bits
from semcodec.layers.regions.table import NEWEST_REGION_TABLE
from semcodec.layers.text.encode import pack_words
from semcodec.limits import DEFAULT_LIMITS, Limits
from semcodec.types import FileHeader, Region, Regions, Scene, Size, Words

# A busy machine is no failure.
unhurried = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])

WORDS = Words("A man in a red shirt rides a horse along the beach.", "en")
SCENE_OF_A_BEACH = (
    Region(0, 0, 63, 30, "sky"),
    Region(10, 25, 30, 38, "brown horse"),
    Region(18, 10, 12, 30, "man"),
    Region(19, 15, 10, 12, "red shirt"),
    Region(50, 40, 3, 5, "man"),
)


@st.composite
def boxes(draw: st.DrawFn) -> tuple[int, int, int, int]:
    x, y = draw(st.integers(0, 63)), draw(st.integers(0, 63))
    return x, y, draw(st.integers(0, 63 - x)), draw(st.integers(0, 63 - y))


phrases = st.one_of(
    st.sampled_from(
        ["man", "a dog", "Dog", "NO PARKING", "New York", "qzx-v", "狗", " x", "dogs, two", "man in a shirt"]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12),
)
regions = st.lists(st.tuples(boxes(), phrases), min_size=1, max_size=12).map(
    lambda found: tuple(Region(*box, phrase) for box, phrase in found)
)


def _again(packed: Regions, words: Words | None) -> Regions | None:
    section = pack_regions(packed, words)
    again, problem = unpack_regions(replace(section, sized=True), words)
    assert problem is None
    return again


@unhurried
@given(regions, st.sampled_from(("en", "und", "gsw-CH")), st.sampled_from(Origin), st.sampled_from((None, WORDS)))
def test_every_sequence_comes_back_by_falling_area(
    items: tuple[Region, ...], language: str, origin: Origin, words: Words | None
) -> None:
    again = _again(Regions(items, language, origin), words)
    assert again == Regions(tuple(sorted(items, key=lambda region: -region.area)), language, origin)


def test_every_box_can_be_written() -> None:
    """All corners and sides, 64 boxes at a time."""
    ends = (0, 1, 31, 62, 63)
    every = [Region(x, y, w, h, "x") for x, y, w, h in product(ends, repeat=4) if x + w <= 63 and y + h <= 63]
    for start in range(0, len(every), 64):
        some = tuple(every[start : start + 64])
        again = _again(Regions(some), None)
        assert again is not None and sorted(map(repr, again.items)) == sorted(map(repr, some))


def test_a_phrase_that_comes_again_costs_less_than_one_that_is_new() -> None:
    same = tuple(Region(4 * at, 8, 3, 5, "wooden chair") for at in range(12))
    different = tuple(Region(4 * at, 8, 3, 5, f"wooden {thing}") for at, thing in enumerate("abcdefghijkl"))
    assert len(pack_regions(Regions(same)).payload) * 3 < len(pack_regions(Regions(different)).payload) * 2


def test_phrases_whose_words_stand_in_the_caption_cost_less() -> None:
    beach = Regions(SCENE_OF_A_BEACH, "en", Origin.MACHINE)
    assert len(pack_regions(beach, WORDS).payload) < len(pack_regions(beach).payload)


def test_a_box_costs_less_than_its_24_bits() -> None:
    """Beside "again", of boxes as photographs have them."""
    few, many = (Regions(tuple(Region(7 * at, 20 + at % 3, 5, 16, "man") for at in range(n))) for n in (1, 9))
    added_bits = 8 * (len(pack_regions(many).payload) - len(pack_regions(few).payload))
    assert added_bits < 8 * 24


@pytest.mark.parametrize(
    ("items", "says"),
    [
        ((), "0 regions: 1 to 64"),
        ((Region(0, 0, 1, 1, "x"),) * 65, "65 regions"),
        ((Region(0, 0, 64, 1, "x"),), "not 0 to 63"),
        ((Region(-1, 0, 1, 1, "x"),), "not 0 to 63"),
        ((Region(60, 0, 4, 1, "x"),), "ends outside"),
        ((Region(0, 0, 1, 1, ""),), "region 0 has no phrase"),
        ((Region(0, 0, 1, 1, "\ud800"),), "phrase of region 0 is half a surrogate"),
        ((Region(0, 0, 1, 1, "x" * 2001),), "2001 characters"),
    ],
)
def test_what_cannot_be_stored_is_refused(items: tuple[Region, ...], says: str) -> None:
    with pytest.raises(CaptionError, match=says):
        pack_regions(Regions(items))


def test_the_tag_of_their_language_is_checked() -> None:
    with pytest.raises(CaptionError, match="BCP-47"):
        pack_regions(Regions(SCENE_OF_A_BEACH, "no language"))


def test_as_many_of_the_largest_are_kept_as_a_number_of_bits_allows() -> None:
    beach = Regions(SCENE_OF_A_BEACH, "en", Origin.MACHINE)
    by_area = sorted(SCENE_OF_A_BEACH, key=lambda region: -region.area)
    kept = []
    for max_bits in range(0, 200, 8):
        found = within_bits(beach, WORDS, max_bits=max_bits)
        assert found is None or 8 * len(pack_regions(found, WORDS).payload) <= max_bits
        assert found is None or list(found.items) == by_area[: len(found.items)]
        kept.append(0 if found is None else len(found.items))
    assert kept == sorted(kept) and kept[0] == 0 and kept[-1] == len(SCENE_OF_A_BEACH)


def test_they_go_to_a_section_and_back_beside_the_words() -> None:
    header = FileHeader(Size(640, 480))
    beach = Regions(tuple(sorted(SCENE_OF_A_BEACH, key=lambda region: -region.area)), "en", Origin.MACHINE)
    section = pack_regions(beach, WORDS)
    assert (section.layer, section.model) == (LayerId.REGIONS, NEWEST_REGION_TABLE)
    assert unpack_layers([pack_words(WORDS), section], header, DEFAULT_LIMITS) == (
        Scene(header.size, words=WORDS, regions=beach),
        [],
    )


def test_a_limit_of_the_caller_is_the_writers_too() -> None:
    with pytest.raises(CaptionError, match="1 to 4 can be stored"):
        pack_regions(Regions(SCENE_OF_A_BEACH), limits=Limits(max_regions=4))
