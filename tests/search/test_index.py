"""What is read of files, and that the database follows the folder whatever happens."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from semcodec.container.encode import write_file
from semcodec.errors import SemcodecError
from semcodec.ids import LayerId
from semcodec.limits import DEFAULT_LIMITS
from semcodec.search import index, index_folder
from semcodec.search.words import read_coded_words
from semcodec.types import FileHeader, Section, Size

from .conftest import TOKENS, file_with


def test_only_the_header_and_the_words_of_a_file_are_read(album: Path, database: Path):
    path = album / "beach.semc"
    path.write_bytes(path.read_bytes() + bytes(1 << 20))
    read = read_coded_words(str(path), DEFAULT_LIMITS)
    assert read.section is not None
    assert read.num_bytes_read == 7 + 3 + len(read.section.payload) + 2  # the next head: no regions
    tally = index_folder(album, database=database)
    assert (tally.num_files, tally.num_read, tally.num_without_words) == (5, 5, 1)
    assert tally.num_bytes_read < 200
    assert tally.num_bytes > 1 << 20


def test_words_that_stand_behind_something_else_are_reached_without_reading_it(tmp_path: Path):
    words = Section(LayerId.TEXT, 1, b"abc")
    path = tmp_path / "behind.semc"
    path.write_bytes(write_file(FileHeader(Size(9, 9)), [Section(40, 0, bytes(5000)), words, TOKENS]))
    read = read_coded_words(str(path), DEFAULT_LIMITS)
    assert read.section is not None and read.section.payload == b"abc"
    assert read.num_bytes_read == 7 + 4 + 3 + 3 + 2


def test_a_second_run_reads_nothing(album: Path, database: Path, found_names: Callable):
    index_folder(album, database=database)
    again = index_folder(album, database=database)
    assert (again.num_files, again.num_unchanged, again.num_read, again.num_bytes_read) == (5, 5, 0, 0)
    assert found_names("bus", database) == ["bus.semc"]


def test_what_changed_is_read_again_and_what_is_gone_disappears(album: Path, database: Path, found_names: Callable):
    index_folder(album, database=database)
    (album / "bus.semc").write_bytes(file_with("A green tram in the city, empty"))
    (album / "beach.semc").unlink()
    (album / "deep" / "dog.semc").rename(album / "deep" / "moved.semc")
    tally = index_folder(album, database=database)
    assert (tally.num_read, tally.num_removed) == (2, 2)
    assert found_names("bus", database) == []
    assert found_names("tram", database) == ["bus.semc"]
    assert found_names("beach", database) == []
    assert found_names("couch", database) == ["moved.semc"]
    with sqlite3.connect(database) as connection:
        texts = [text for (text,) in connection.execute("SELECT text FROM words ORDER BY id")]
        assert not any("beach" in text or "bus" in text for text in texts)
    connection.close()


def test_files_with_the_same_words_share_them_and_each_is_found(album: Path, database: Path, found_names: Callable):
    (album / "copy.semc").write_bytes((album / "beach.semc").read_bytes())
    index_folder(album, database=database)
    assert found_names("dogs beach", database, top=2) == ["beach.semc", "copy.semc"]
    (album / "beach.semc").unlink()
    index_folder(album, database=database)
    assert found_names("dogs beach", database, top=1) == ["copy.semc"]


def test_damaged_files_are_listed_and_what_can_be_read_of_them_is_found(
    album: Path, database: Path, found_names: Callable
):
    whole = (album / "beach.semc").read_bytes()
    (album / "cut.semc").write_bytes(file_with("Two painters in Zxqvburg carry a ladder")[:19])
    (album / "none.semc").write_bytes(b"\x89PNG, by another name")
    (album / "empty.semc").write_bytes(b"")
    (album / "huge.semc").write_bytes(whole[:7] + b"\x81\x01" + bytes(100_000))
    for _ in range(2):  # they are no less damaged when nothing has changed
        tally = index_folder(album, database=database)
        assert [Path(path).name for path, _ in tally.damaged] == ["cut.semc", "empty.semc", "huge.semc", "none.semc"]
        problems = " ".join(problem for _, problem in tally.damaged)
        assert "end early" in problems
        assert "89 50" in problems
        assert "max_caption_chars" in problems
    assert "cut.semc" in found_names("painters", database)
    (album / "none.semc").write_bytes(file_with("a healed dog"))
    assert len(index_folder(album, database=database).damaged) == 3


def test_an_interrupted_run_keeps_its_batches_and_goes_on_where_it_was(
    album: Path, database: Path, monkeypatch: pytest.MonkeyPatch, found_names: Callable
):
    monkeypatch.setattr(index, "_BATCH", 2)

    def interrupt(num_read: int) -> None:
        if num_read == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index_folder(album, database=database, advance=interrupt)
    tally = index_folder(album, database=database)
    assert (tally.num_unchanged, tally.num_read) == (4, 1)
    assert len(found_names("dog chien bus", database)) == 4


def test_a_batch_that_fails_half_way_leaves_nothing_of_itself(
    album: Path, database: Path, monkeypatch: pytest.MonkeyPatch
):
    index_folder(album, database=database)
    with closing(sqlite3.connect(database)) as connection:
        before = connection.execute("SELECT count(*) FROM words").fetchone()
    (album / "a.semc").write_bytes(file_with("one more"))
    (album / "b.semc").write_bytes(file_with("and another"))
    real, calls = index.indexed_terms, []

    def fail_second(text: str, phrases: list[str]) -> str:
        calls.append(text)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(text, phrases)

    monkeypatch.setattr(index, "indexed_terms", fail_second)
    with pytest.raises(KeyboardInterrupt):
        index_folder(album, database=database)
    connection = sqlite3.connect(database)
    assert connection.execute("SELECT count(*) FROM words").fetchone() == before
    connection.close()


def test_a_run_that_was_killed_in_the_middle_of_writing_is_undone_by_the_next_search(
    album: Path, database: Path, found_names: Callable
):
    index_folder(album, database=database)
    program = (
        "import os, sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "c.execute('PRAGMA cache_size=1');"
        "c.execute('BEGIN IMMEDIATE'); c.execute('DELETE FROM words'); c.execute('DELETE FROM files');"
        "c.executemany('INSERT INTO vectors VALUES (?, ?)', [(i, bytes(4000)) for i in range(500)]); os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", program, str(database)], check=False, timeout=60).returncode == 9
    assert database.with_name(database.name + "-journal").stat().st_size > 0
    assert found_names("bus", database) == ["bus.semc"]


def test_two_runs_at_once_do_no_harm(album: Path, database: Path, found_names: Callable):
    program = "import sys; from semcodec.search import index_folder; index_folder(sys.argv[1], database=sys.argv[2])"
    command = [sys.executable, "-c", program, str(album), str(database)]
    runs = [subprocess.Popen(command) for _ in range(3)]
    assert [run.wait(60) for run in runs] == [0, 0, 0]
    assert index_folder(album, database=database).num_unchanged == 5
    assert sorted(found_names("dog chien bus beach", database)) == ["beach.semc", "bus.semc", "chien.SEMC", "dog.semc"]


def test_two_folders_share_a_database_and_do_not_touch_each_other(
    album: Path, tmp_path: Path, database: Path, found_names: Callable
):
    other = tmp_path / "album2"  # its name begins like the first one's
    other.mkdir()
    (other / "cat.semc").write_bytes(file_with("A cat on the beach."))
    index_folder(album, database=database)
    index_folder(other, database=database)
    assert index_folder(album, database=database).num_removed == 0
    assert set(found_names("beach", database)) == {"beach.semc", "cat.semc"}


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_a_file_name_that_is_no_text_is_indexed_and_given_back(album: Path, database: Path):
    from semcodec.search import search_words

    name = os.path.join(os.fsencode(album), b"\xff\n.semc")
    with open(name, "wb") as file:
        file.write(file_with("an umbrella"))
    index_folder(album, database=database)
    (hit,) = search_words("umbrella", database=database)
    assert os.fsencode(hit.path) == os.path.realpath(name)


def test_a_link_that_leads_back_is_not_followed_and_a_pipe_is_not_waited_for(album: Path, database: Path):
    (album / "deep" / "back").symlink_to(album, target_is_directory=True)
    os.mkfifo(album / "pipe.semc")
    assert index_folder(album, database=database).num_files == 5


def test_what_is_no_index_is_left_as_it_is(album: Path, tmp_path: Path):
    diary = tmp_path / "diary.txt"
    diary.write_text("dear diary, " * 100)
    with pytest.raises(SemcodecError, match="diary"):
        index_folder(album, database=diary)
    assert diary.read_text() == "dear diary, " * 100
    foreign = tmp_path / "foreign.sqlite"
    connection = sqlite3.connect(foreign)
    connection.execute("CREATE TABLE notes (text)")
    connection.commit()
    connection.close()
    with pytest.raises(SemcodecError, match="is not an index"):
        index_folder(album, database=foreign)
    with pytest.raises(SemcodecError, match="is not a folder"):
        index_folder(album / "bus.semc", database=tmp_path / "x.sqlite")
