"""Files are found by the vectors that they hold, and those of two describers never meet."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from semcodec.container.encode import write_file
from semcodec.ids import VECTOR_SPACES
from semcodec.layers.text.encode import pack_words
from semcodec.layers.vector.encode import pack_vector
from semcodec.limits import DEFAULT_LIMITS
from semcodec.models import default_models
from semcodec.search import index_folder, search_like, search_shown, search_words
from semcodec.search.find import QueryError
from semcodec.search.shown import NotComparableError, holds_vectors, vector_of
from semcodec.search.store import IndexFileError
from semcodec.search.words import read_coded_words
from semcodec.types import FileHeader, Section, Size, Vector, Words

from .conftest import TOKENS

HEADER = FileHeader(Size(640, 480), 4)


def showing(words: str) -> Vector:
    """Of a picture that shows just this."""
    embedder = default_models().embedder_of(1)
    assert embedder is not None
    wanted_D = embedder.query(words)
    assert wanted_D is not None
    levels = np.clip(np.round(wanted_D / wanted_D.std() * 2.5 + 7.5), 0, 15)
    return Vector(1, levels.astype(np.uint8).tobytes())


def file_of(shows: str | None, says: str | None = None) -> bytes:
    sections = [] if says is None else [pack_words(Words(says, "en"))]
    sections += [] if shows is None else [pack_vector(showing(shows))]
    return write_file(HEADER, [*sections, TOKENS])


@pytest.fixture
def zoo(tmp_path: Path) -> Path:
    folder = tmp_path / "zoo"
    folder.mkdir()
    files = {
        "macaws": file_of("red bird", "Two parrots."),
        "boat": file_of("boat water"),
        "dogs": file_of("dogs beach", "Two dogs."),
        "plain": file_of(None, "A bird by another hand."),
        "silent": file_of(None),
    }
    for name, data in files.items():
        (folder / f"{name}.semc").write_bytes(data)
    return folder


@pytest.fixture
def indexed(zoo: Path, database: Path) -> Path:
    index_folder(zoo, database=database)
    return database


def names(hits: list) -> list[str]:
    return [Path(hit.path).stem for hit in hits]


def test_a_picture_is_found_by_what_it_shows_though_its_words_say_otherwise(indexed: Path):
    assert names(search_words("a red bird", database=indexed)) == ["plain"]
    assert names(search_shown("a red bird", database=indexed))[:2] == ["macaws", "plain"]
    assert names(search_shown("a boat", database=indexed)) == ["boat"]
    assert names(search_shown("parrots", database=indexed, top=1)) == ["macaws"]


def test_words_that_it_does_not_know_are_looked_for_in_the_words(indexed: Path):
    assert names(search_shown("hand", database=indexed))[0] in {"plain", "macaws"}
    assert names(search_shown("zxqv", database=indexed)) == []
    with pytest.raises(QueryError):
        search_shown(" ... ", database=indexed)


def test_only_the_front_of_a_file_is_read(zoo: Path):
    path = zoo / "macaws.semc"
    coded = read_coded_words(str(path), DEFAULT_LIMITS)
    assert coded.section is not None and coded.vector is not None
    assert coded.num_bytes_read == 7 + 3 + len(coded.section.payload) + 3 + 32 + 2


def test_what_is_alike_is_found_by_a_file_and_nothing_but_its_vector(indexed: Path, zoo: Path):
    vector = vector_of((zoo / "macaws.semc").read_bytes(), name="macaws.semc")
    hits = search_like(vector, database=indexed)
    assert sorted(names(hits)) == ["boat", "dogs", "macaws"]
    assert names(hits)[0] == "macaws" and hits[0].score == pytest.approx(1, abs=1e-5)
    assert names(search_like(vector, database=indexed, top=1)) == ["macaws"]


def test_a_picture_can_be_asked_for_too(indexed: Path, photo_path: Path):
    vector = vector_of(photo_path.read_bytes(), name="kodim23.png")
    assert names(search_like(vector, database=indexed, top=1)) == ["macaws"]


def test_vectors_of_different_describers_are_never_compared(indexed: Path, zoo: Path):
    other = max(VECTOR_SPACES) + 1
    with pytest.raises(NotComparableError, match="vectors of different describers are never compared"):
        search_like(replace(showing("dog"), space=other), database=indexed)
    section = replace(pack_vector(showing("red bird")), model=other)
    for name in ("macaws", "dogs", "boat"):
        (zoo / f"{name}.semc").write_bytes(write_file(HEADER, [section, TOKENS]))
    index_folder(zoo, database=indexed)
    assert holds_vectors(database=indexed)
    assert names(search_shown("a red bird", database=indexed)) == ["plain"]
    with pytest.raises(NotComparableError, match=f"number {other}"):
        search_like(showing("dog"), database=indexed)


def test_a_file_without_one_is_refused_in_a_sentence(zoo: Path, indexed: Path, database: Path):
    with pytest.raises(NotComparableError, match=r"plain\.semc: has no vector; encode it with --vector"):
        vector_of((zoo / "plain.semc").read_bytes(), name="plain.semc")
    for path in zoo.iterdir():
        path.write_bytes(file_of(None, "A dog."))
    index_folder(zoo, database=database)
    assert not holds_vectors(database=database)
    with pytest.raises(IndexFileError, match="none of its files has a vector"):
        search_like(showing("dog"), database=database)
    assert len(search_shown("dog", database=database)) == 5


def test_the_index_follows_the_folder(zoo: Path, indexed: Path):
    (zoo / "boat.semc").unlink()
    (zoo / "dogs.semc").write_bytes(file_of("horse"))
    index_folder(zoo, database=indexed)
    assert names(search_shown("a boat", database=indexed)) == []
    assert names(search_shown("horses", database=indexed)) == ["dogs"]
    assert index_folder(zoo, database=indexed).num_unchanged == 4
    with closing(sqlite3.connect(indexed)) as connection:
        assert connection.execute("SELECT count(*) FROM shown").fetchone() == (4,)


def test_files_that_an_older_build_has_indexed_are_read_once_more(zoo: Path, indexed: Path):
    with closing(sqlite3.connect(indexed)) as connection:
        connection.execute("DROP TABLE shown")
        connection.commit()
    assert not holds_vectors(database=indexed)
    assert names(search_shown("bird", database=indexed)) == ["plain"]
    assert index_folder(zoo, database=indexed).num_read == 5
    assert index_folder(zoo, database=indexed).num_unchanged == 5
    assert names(search_shown("a boat", database=indexed)) == ["boat"]


@pytest.mark.parametrize("num_bytes", [0, 31, 33, 5000, 200_000])
def test_a_vector_that_is_none_costs_no_words(zoo: Path, database: Path, found_names: Callable, num_bytes: int):
    words, wrong = pack_words(Words("A dog and a hat.", "en")), Section(6, 1, bytes(num_bytes))
    (zoo / "wrong.semc").write_bytes(write_file(HEADER, [words, wrong, TOKENS]))
    tally = index_folder(zoo, database=database)
    assert found_names("hat", database) == ["wrong.semc"] and tally.damaged == []
    assert "wrong" in names(search_shown("hat", database=database))
