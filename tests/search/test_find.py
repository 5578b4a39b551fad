"""Queries: what they find, in which order, and that nothing in them is an order."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from semcodec.errors import SemcodecError
from semcodec.ids import Origin
from semcodec.search import index_folder, search_words
from semcodec.search.store import _check

from .conftest import file_with


@pytest.fixture
def indexed(album: Path, database: Path) -> Path:
    (album / "狗.semc").write_bytes(file_with("海滩上有一只狗", "zh"))
    index_folder(album, database=database)
    return database


def test_files_with_all_words_come_before_those_with_some(indexed: Path, found_names: Callable):
    assert found_names("dog on a beach", indexed)[0] == "beach.semc"
    assert set(found_names("dog on a beach", indexed)) >= {"beach.semc", "dog.semc"}


def test_endings_case_and_accents_do_not_count(indexed: Path, found_names: Callable):
    assert found_names("BEACHES", indexed) == ["beach.semc"]
    assert found_names("pres", indexed) == ["chien.SEMC"]


def test_scripts_without_spaces_are_found_by_their_characters(indexed: Path, found_names: Callable):
    assert found_names("狗", indexed) == ["狗.semc"]
    assert found_names("海滩", indexed) == ["狗.semc"]
    assert found_names("滩海", indexed) == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("🐕", ["dog.semc"]),
        ("🐕 🏖", ["dog.semc", "sun.semc"]),
        ("☀", ["sun.semc"]),
        ("☀️", ["sun.semc"]),
        ("beach🏖️", ["sun.semc"]),
        ("👍", ["thumb.semc"]),
        ("👍🏿", ["thumb.semc"]),
        ("🚀", ["thumb.semc"]),
        ("👩‍🚀", ["thumb.semc"]),
        ("🇫🇷", ["thumb.semc"]),
        ("🇷🇫", []),
        ("🐈", []),
    ],
)
def test_emoji_are_found_like_words(tmp_path: Path, database: Path, found_names: Callable, query: str, found: list):
    folder = tmp_path / "emoji"
    folder.mkdir()
    for name, text in (
        ("dog", "my dog 🐕"),
        ("sun", "☀️at the beach🏖"),
        ("thumb", "👍🏽 says the 👩🏽‍🚀 of 🇫🇷"),
        ("none", "a cat"),
    ):
        (folder / f"{name}.semc").write_bytes(file_with(text))
    index_folder(folder, database=database)
    assert found_names(query, database) == found
    (folder / "dog.semc").unlink()
    index_folder(folder, database=database)
    assert found_names("🐕", database) == [], "what is gone is forgotten"


def test_a_query_of_signs_that_are_no_pictures_has_no_word(indexed: Path, found_names: Callable):
    with pytest.raises(SemcodecError, match="no word"):
        found_names("+ - …", indexed)


def test_an_older_database_learns_emoji_or_is_read_as_it_is(
    album: Path, database: Path, tmp_path: Path, found_names: Callable
):
    (album / "smile.semc").write_bytes(file_with("a smile 😀"))
    index_folder(album, database=database)
    with contextlib.closing(sqlite3.connect(database)) as connection:  # as version 2 had it
        connection.execute("INSERT INTO found (found) VALUES ('delete-all')")
        texts = connection.execute("SELECT id, text FROM words").fetchall()
        connection.executemany("INSERT INTO found (rowid, text) VALUES (?, ?)", texts)
        connection.execute("PRAGMA user_version = 2")
        connection.commit()
        with contextlib.closing(sqlite3.connect(":memory:")) as there:
            connection.backup(there)
            there.execute("PRAGMA query_only = ON")
            _check(there, database, create=False)
            assert there.execute("PRAGMA user_version").fetchone() == (2,)
    assert found_names("😀", database) == ["smile.semc"]
    assert found_names("bus", database) == ["bus.semc"]
    (album / "smile.semc").unlink()
    index_folder(album, database=database)
    assert found_names("😀", database) == []


def test_a_hit_has_the_words_as_they_are(indexed: Path):
    (hit,) = search_words("bus", database=indexed)
    assert (hit.words.text, hit.words.language, hit.words.origin) == ("A red bus in the city.", "en", Origin.MACHINE)
    assert hit.score > 0


def test_top_is_the_most_that_is_given(indexed: Path, found_names: Callable):
    assert len(found_names("dog beach bus", indexed, top=2)) == 2


@pytest.mark.parametrize(
    "query",
    [
        'bus"',
        '"',
        'bus" OR text : *',
        "bus*",
        "NEAR(bus)",
        "text:bus",
        "bus)",
        "-bus",
        "^bus",
        "bus' OR 1=1; DROP TABLE files",
    ],
)
def test_operators_and_quotes_mean_nothing(indexed: Path, found_names: Callable, query: str):
    if query == '"':
        with pytest.raises(SemcodecError, match="no word"):
            found_names(query, indexed)
    else:
        assert set(found_names(query, indexed)) <= {"bus.semc", "dog.semc"}
    assert found_names("bus", indexed) == ["bus.semc"]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.one_of(st.text(max_size=40), st.text(alphabet='"*:^()-+ANDORT \0\ud800\u0301狗', max_size=20)))
def test_no_query_whatever_is_more_than_an_error_in_a_sentence(indexed: Path, query: str):
    try:
        search_words(query, database=indexed)
    except SemcodecError as error:
        assert "no word" in str(error) or "more than" in str(error)


def test_words_that_nearly_all_texts_have_do_not_decide(album: Path, database: Path, found_names: Callable):
    for at in range(400):
        (album / f"{at}.semc").write_bytes(file_with(f"a thing on a table {at}"))
    index_folder(album, database=database)
    assert found_names("dog on a beach", database)[0] == "beach.semc"
    assert "0.semc" not in found_names("dog on a beach", database, top=400)
    assert len(found_names("a", database, top=1000)) > 400


def test_without_an_index_the_error_says_how_to_make_one(tmp_path: Path):
    with pytest.raises(SemcodecError, match="semcodec index FOLDER"):
        search_words("dog", database=tmp_path / "absent.sqlite")
    assert not (tmp_path / "absent.sqlite").exists()


def test_a_word_that_is_half_typed_finds_those_that_begin_so(indexed: Path):
    def names(query: str) -> list[str]:
        return [Path(hit.path).name for hit in search_words(query, database=indexed, as_typed=True)]

    assert names("cou") == ["dog.semc"]
    assert names("dog cou")[0] == "dog.semc"
    assert names("cou dog")[0] in {"dog.semc", "beach.semc"}  # (only the last word is being typed)
    assert names("cou ") == []
    assert search_words("cou", database=indexed) == []
    assert names('cou"*') == ["dog.semc"]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.one_of(st.text(max_size=40), st.text(alphabet='"*:^()-+ANDORT \0\ud800\u0301狗', max_size=20)))
def test_no_query_that_is_half_typed_is_more_than_an_error_in_a_sentence(indexed: Path, query: str):
    try:
        search_words(query, database=indexed, as_typed=True)
    except SemcodecError as error:
        assert "no word" in str(error) or "more than" in str(error)


def test_what_is_said_of_a_hit_for_machines(indexed: Path):
    (hit,) = search_words("bus", database=indexed)
    assert hit.report() == {
        "file": hit.path,
        "text": "A red bus in the city.",
        "language": "en",
        "origin": "machine",
        "score": round(hit.score, 6),
        "regions": None,
    }
