"""The counting of region tables, on a handful of pictures."""

from __future__ import annotations

from pathlib import Path

import pytest

from semcodec.layers.regions.encode import pack_with_region_table
from semcodec.layers.regions.table import parse_region_table
from semcodec.layers.text.table import load_table
from semcodec.limits import DEFAULT_LIMITS
from semcodec.types import Region, Regions
from semcodec_train.tables.recipes import region_debug
from semcodec_train.tables.regions import Boxed, make_region_table, phrases_in, read_boxed

KITCHEN = (Region(0, 30, 63, 20, "table"), Region(10, 5, 8, 30, "lamp"), Region(40, 5, 8, 30, "lamp"))
STREET = (Region(0, 10, 63, 40, "bus"), Region(30, 20, 5, 20, "man"))
PICTURES = [Boxed(f"{at}.webp", items, ("A lamp over a table.",)) for at in range(12) for items in (KITCHEN, STREET)]
CAPTIONS = [
    ("one", "A red bus on the street."),
    ("one", "Two men beside a red bus."),
    ("two", "A lamp."),
    ("two", "A lamp."),
]


@pytest.fixture(scope="module")
def data() -> bytes:
    return make_region_table(PICTURES, CAPTIONS, load_table(2), region_debug())


def test_counting_twice_gives_the_same_bytes(data: bytes) -> None:
    assert make_region_table(PICTURES, CAPTIONS, load_table(2), region_debug()) == data


def test_what_was_counted_is_coded_shorter_than_what_was_not(data: bytes) -> None:
    table = parse_region_table(data, load_table(2), seed=5)
    strange = tuple(Region(r.y, r.x, min(r.h, 20), 63 - r.x, phrase) for r, phrase in zip(KITCHEN, "qvz", strict=True))
    seen, unseen = (
        len(pack_with_region_table(Regions(items), None, table, limits=DEFAULT_LIMITS)) for items in (KITCHEN, strange)
    )
    assert seen < unseen


def test_phrases_are_what_stands_between_the_little_words() -> None:
    said = "A man in a red shirt is riding the brown horse, near trees."
    assert phrases_in(said) == ["man", "red shirt", "brown horse", "trees"]
    assert phrases_in("") == []


def test_boxes_come_by_falling_area_from_the_lines_of_an_index(tmp_path: Path) -> None:
    index = tmp_path / "index.jsonl"
    index.write_text(
        '{"file": "a.webp", "boxes": [{"label": "cup", "xywh": [0.5, 0.5, 0.1, 0.1]}, '
        '{"label": "table", "xywh": [0, 0.25, 1, 0.5]}], "captions": ["A cup."]}\n{"file": "b.webp"}\n'
    )
    (picture,) = read_boxed(index)
    assert picture.regions == (Region(0, 16, 63, 31, "table"), Region(32, 32, 5, 5, "cup"))
    assert picture.captions == ("A cup.",)
