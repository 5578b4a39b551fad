"""Pictures are looked at by a describer that is known by heart, and found by what it may say of them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

import semcodec
from semcodec.errors import WeightsError
from semcodec.models import Models, default_models
from semcodec.search import index_folder
from semcodec.search.find import QueryError
from semcodec.search.seen import MOST_WORDS, identity_of_describer, look_at_pictures, search_seen
from semcodec.search.store import IndexFileError, open_database
from semcodec.zoo.catalog import package_at

from .conftest import file_with


@pytest.fixture
def models(pytestconfig: pytest.Config) -> Iterator[Models]:
    yield default_models().but(describer=str(pytestconfig.rootpath / "tests" / "data" / "words-debug"))


@pytest.fixture
def colours(tmp_path: Path, red_HWC: np.ndarray) -> Path:
    """A red and a blue picture without words, a red one of which a person says something else, and no picture."""
    folder = tmp_path / "colours"
    folder.mkdir()
    (folder / "red.semc").write_bytes(semcodec.encode(red_HWC, bytes=300).data)
    (folder / "blue.semc").write_bytes(semcodec.encode(red_HWC[:, :, ::-1].copy(), bytes=300).data)
    (folder / "told.semc").write_bytes(semcodec.encode(red_HWC, bytes=300, caption="A barn door.").data)
    (folder / "words.semc").write_bytes(semcodec.encode(red_HWC, bytes=40, profile="text", caption="A zebra.").data)
    return folder


@pytest.fixture
def find(database: Path, models: Models) -> Callable[..., list[str]]:
    return lambda query, top=20: [
        Path(hit.path).name for hit in search_seen(query, top=top, database=database, models=models)
    ]


@pytest.fixture
def seen(colours: Path, database: Path, models: Models) -> Path:
    index_folder(colours, database=database)
    look_at_pictures(colours, database=database, models=models)
    return colours


def test_pictures_are_found_by_what_is_in_them_though_no_word_says_so(
    seen: Path, find: Callable[..., list[str]]
) -> None:
    assert find("sea") == ["blue.semc"]
    assert sorted(find("a red cap")) == ["red.semc", "told.semc"]


def test_words_and_pictures_count_together(seen: Path, find: Callable[..., list[str]]) -> None:
    assert find("red door")[0] == "told.semc"
    assert find("zebra") == ["words.semc"]  # of a file without a picture the words are found all the same
    assert find("red door", top=1) == ["told.semc"]


def test_a_word_that_all_pictures_have_or_the_describer_does_not_know_tells_nothing(
    seen: Path, find: Callable[..., list[str]]
) -> None:
    assert find("wall") == []
    assert find("xylophone") == []


def test_a_picture_is_looked_at_once_and_again_when_it_changes(
    seen: Path, database: Path, models: Models, find: Callable[..., list[str]]
) -> None:
    assert look_at_pictures(seen, database=database, models=models) == 0
    shutil.copy(seen / "blue.semc", seen / "red.semc")
    os.utime(seen / "red.semc", (1, 1))
    assert index_folder(seen, database=database).num_read == 1
    assert sorted(find("sea")) == ["blue.semc"]  # what was seen of another state of the file is not used
    assert look_at_pictures(seen, database=database, models=models) == 1
    assert sorted(find("sea")) == ["blue.semc", "red.semc"]
    (seen / "blue.semc").unlink()
    index_folder(seen, database=database)
    look_at_pictures(seen, database=database, models=models)
    assert find("sea") == ["red.semc"]
    with open_database(database) as connection:
        assert connection.execute("SELECT count(*), max(length(words)) FROM seen").fetchone()[0] == 3
        assert connection.execute("SELECT max(length(words)) FROM seen").fetchone()[0] <= 4 * MOST_WORDS


def test_what_another_describer_saw_is_never_compared(
    seen: Path, database: Path, models: Models, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    other_folder = tmp_path / "words-debug"  # of the same name, but its facts are not the same to the byte
    shutil.copytree(pytestconfig.rootpath / "tests" / "data" / "words-debug", other_folder)
    facts = other_folder / "words.json"
    facts.write_text(facts.read_text("utf-8") + "\n", "utf-8")
    other = default_models().but(describer=str(other_folder))
    assert identity_of_describer(other) != identity_of_describer(models)
    with pytest.raises(IndexFileError, match="not looked at by this describer"):
        search_seen("sea", database=database, models=other)
    assert look_at_pictures(seen, database=database, models=other) == 4
    assert [Path(hit.path).name for hit in search_seen("sea", database=database, models=other)] == ["blue.semc"]


def test_an_index_that_nobody_looked_for_and_a_query_without_words_are_told(
    album: Path, database: Path, models: Models
) -> None:
    index_folder(album, database=database)
    with pytest.raises(IndexFileError, match="semcodec index FOLDER --pictures"):
        search_seen("dog", database=database, models=models)
    with pytest.raises(QueryError):
        search_seen("?!", database=database, models=models)
    with pytest.raises(WeightsError, match="no describer"):
        search_seen("dog", database=database, models=models.but(describer=None))


def test_damaged_files_and_such_that_show_nothing_stop_nothing(
    colours: Path, database: Path, models: Models, find: Callable[..., list[str]]
) -> None:
    (colours / "other-family.semc").write_bytes(file_with("A sea of troubles."))
    (colours / "none.semc").write_bytes(b"nothing")
    index_folder(colours, database=database)
    assert look_at_pictures(colours, database=database, models=models) == 6
    assert sorted(find("sea")) == ["blue.semc", "other-family.semc"]


def test_only_the_folder_that_is_named_is_looked_at(colours: Path, album: Path, database: Path, models: Models) -> None:
    for folder in (colours, album):
        index_folder(folder, database=database)
    assert look_at_pictures(colours, database=database, models=models) == 4


def test_an_identity_is_that_of_the_files(pytestconfig: pytest.Config, tmp_path: Path) -> None:
    folder = pytestconfig.rootpath / "tests" / "data" / "words-debug"
    shutil.copytree(folder, tmp_path / "words-debug")
    assert package_at(folder).identity == package_at(tmp_path / "words-debug").identity
    assert package_at(folder).identity.startswith("words-debug ")
