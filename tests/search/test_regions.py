"""Files whose regions are found by their phrases."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from semcodec.container.encode import write_file
from semcodec.ids import LayerId, Origin
from semcodec.layers.regions.encode import pack_regions
from semcodec.layers.text.encode import pack_words
from semcodec.search import index_folder, search_words
from semcodec.types import FileHeader, Region, Regions, Section, Size, Words

from .conftest import TOKENS, file_with

HEADER = FileHeader(Size(640, 480), 4)
PHRASES = ("green parrot", "kettle", "green parrot")


def file_of(words: str | None, *phrases: str) -> bytes:
    items = tuple(Region(at, 0, 40 - at, 20, phrase) for at, phrase in enumerate(phrases))
    said = None if words is None else Words(words, "en")
    text = [] if said is None else [pack_words(said)]
    regions = [pack_regions(Regions(items, "en", Origin.MACHINE), said)] if items else []
    return write_file(HEADER, [*text, *regions, TOKENS])


@pytest.fixture
def kitchen(tmp_path: Path, database: Path) -> Path:
    folder = tmp_path / "kitchen"
    folder.mkdir()
    (folder / "both.semc").write_bytes(file_of("A bird in a kitchen.", *PHRASES))
    (folder / "regions.semc").write_bytes(file_of(None, "kettle"))
    (folder / "words.semc").write_bytes(file_of("A kitchen."))
    index_folder(folder, database=database)
    return folder


def test_a_file_is_found_by_words_and_by_phrases(kitchen: Path, database: Path, found_names: Callable):
    assert found_names("parrot", database) == ["both.semc"]
    assert set(found_names("kettle", database)) == {"both.semc", "regions.semc"}
    assert found_names("bird kettle", database)[0] == "both.semc"


def test_a_hit_says_which_phrases_there_are_and_who_said_so(kitchen: Path, database: Path):
    (hit,) = search_words("parrot", database=database)
    assert (hit.words, hit.phrases) == (Words("A bird in a kitchen.", "en"), ("green parrot", "kettle"))
    assert hit.phrases_origin is Origin.MACHINE
    (silent,) = (hit for hit in search_words("kettle", database=database) if hit.path.endswith("regions.semc"))
    assert (silent.words.text, silent.phrases) == ("", ("kettle",))


def test_a_file_that_lost_its_regions_is_no_longer_found_by_them(kitchen: Path, database: Path, found_names: Callable):
    (kitchen / "both.semc").write_bytes(file_of("A bird in a kitchen."))
    index_folder(kitchen, database=database)
    assert found_names("parrot", database) == []
    assert found_names("bird", database) == ["both.semc"]


def test_regions_that_are_damaged_leave_the_words(kitchen: Path, database: Path, found_names: Callable):
    damaged = Section(LayerId.REGIONS, 1, b"\xff" * 9)
    words = pack_words(Words("A lonely teapot.", "en"))
    (kitchen / "broken.semc").write_bytes(write_file(HEADER, [words, damaged, TOKENS]))
    tally = index_folder(kitchen, database=database)
    assert [Path(path).name for path, _ in tally.damaged] == ["broken.semc"]
    assert found_names("teapot", database) == ["broken.semc"]


def test_an_index_from_before_there_were_regions_goes_on(tmp_path: Path, database: Path, found_names: Callable):
    folder = tmp_path / "old"
    folder.mkdir()
    (folder / "old.semc").write_bytes(file_with("An old bus."))
    index_folder(folder, database=database)
    with sqlite3.connect(database) as connection:  # as version 1 had it
        for column in ("phrases", "phrases_origin"):
            connection.execute(f"ALTER TABLE words DROP COLUMN {column}")
        connection.execute("PRAGMA user_version = 1")
    assert found_names("bus", database) == ["old.semc"]
    (folder / "new.semc").write_bytes(file_of("A new bus.", "kettle"))
    tally = index_folder(folder, database=database)
    assert (tally.num_unchanged, tally.num_read) == (1, 1)
    assert set(found_names("bus", database)) == {"old.semc", "new.semc"}
    assert found_names("kettle", database) == ["new.semc"]
