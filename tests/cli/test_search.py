"""`semcodec index` and `semcodec search` as a user meets them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import semcodec
from semcodec.container.encode import write_file
from semcodec.ids import LayerId, Origin
from semcodec.layers.text.encode import pack_words
from semcodec.types import FileHeader, Section, Size, Words


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SEMCODEC_INDEX", str(tmp_path / "data" / "words.sqlite"))
    folder = tmp_path / "archive"
    folder.mkdir()
    told = {
        "beach": Words("Two dogs run along the beach.", "en"),
        "hostile": Words("a cat \x1b[2J \u202egpj", "en", Origin.MACHINE),
    }
    for name, words in told.items():
        text = pack_words(words)
        tokens = Section(LayerId.TOKENS, 255, bytes(500))
        (folder / f"{name}.semc").write_bytes(write_file(FileHeader(Size(64, 48)), [text, tokens]))
    return folder


def test_what_was_indexed_is_found(semcodec_command: Callable, folder: Path):
    ended = semcodec_command("index", folder)
    assert (ended.code, ended.out) == (0, b"")
    assert "2 files" in ended.err and "2 read" in ended.err and "bytes of them" in ended.err
    ended = semcodec_command("search", "dog", "on", "a", "beach")
    assert ended.code == 0
    assert ended.out.decode() == f'{folder}/beach.semc: "Two dogs run along the beach." (en)\n'


def test_words_of_strangers_are_shown_escaped_and_a_machines_named_so(semcodec_command: Callable, folder: Path):
    semcodec_command("index", folder, "--quiet")
    shown = semcodec_command("search", "cat").out.decode()
    assert "a cat \\u{001B}[2J \\u{202E}gpj" in shown
    assert shown.endswith("(en, by a machine)\n")
    raw = semcodec_command("search", "cat", "--json").out
    assert raw.isascii()
    (hit,) = json.loads(raw)
    assert list(hit) == ["file", "text", "language", "origin", "score", "regions"]
    assert (hit["text"], hit["origin"]) == ("a cat \x1b[2J \u202egpj", "machine")


def test_pictures_are_looked_at_where_that_is_asked_for(
    semcodec_command: Callable, folder: Path, red_HWC: np.ndarray, debug_describer: str
):
    for name, image_HWC in (("red", red_HWC), ("blue", red_HWC[:, :, ::-1].copy())):
        (folder / f"{name}.semc").write_bytes(semcodec.encode(image_HWC, bytes=300).data)
    ended = semcodec_command("search", "sea", "--pictures")
    assert (ended.code, ended.out) == (1, b"")
    ended = semcodec_command("index", folder, "--pictures")
    assert ended.code == 0
    assert "4 pictures looked at" in ended.err
    ended = semcodec_command("search", "sea", "--pictures")
    assert ended.out.decode().splitlines() == [f"{folder}/blue.semc: without words"]
    assert semcodec_command("search", "sea", "--pictures", "--vectors").code == 2


def test_files_with_vectors_are_found_by_what_they_show_and_by_what_is_like_them(
    semcodec_command: Callable, folder: Path, photo_path: Path, other_photo_path: Path
):
    for name, path in (("macaws", photo_path), ("caps", other_photo_path)):
        written = folder / f"{name}.semc"
        ended = semcodec_command("encode", path, written, "--bytes", 400, "--no-caption", "--vector", "-v")
        assert ended.code == 0 and "vector 32" in ended.err
        assert "of vector-nano-1, for semcodec search" in semcodec_command("info", written).out.decode()
    semcodec_command("index", folder)
    assert semcodec_command("search", "a bird").out.decode() == f"{folder}/macaws.semc: without words\n"
    assert semcodec_command("search", "a bird", "--words").code == 1
    for picture in (photo_path, folder / "macaws.semc"):
        found = json.loads(semcodec_command("search", "--like", picture, "--top", 1, "--json").out)
        assert [hit["file"] for hit in found] == [f"{folder}/macaws.semc"]


def test_what_cannot_be_compared_is_a_sentence(semcodec_command: Callable, folder: Path, tmp_path: Path):
    semcodec_command("index", folder)
    ended = semcodec_command("search", "--like", folder / "beach.semc")
    assert ended.code == 1 and "beach.semc: has no vector; encode it with --vector" in ended.err
    ended = semcodec_command("search", "--like", tmp_path / "absent.jpg")
    assert ended.code == 1 and "absent.jpg: No such file" in ended.err
    assert semcodec_command("search", "dog", "--like", folder / "beach.semc").code == 2
    assert semcodec_command("search").code == 2


def test_nothing_found_is_exit_code_1_and_an_empty_list(semcodec_command: Callable, folder: Path):
    semcodec_command("index", folder)
    ended = semcodec_command("search", "xylophone", "--json")
    assert (ended.code, json.loads(ended.out)) == (1, [])
    assert "no file" in ended.err


def test_damaged_files_are_listed_and_end_with_3(semcodec_command: Callable, folder: Path):
    (folder / "bad\n.semc").write_bytes(b"nothing of ours")
    ended = semcodec_command("index", folder)
    assert ended.code == 3
    assert "1 damaged" in ended.err
    assert "bad\\u{000A}.semc: no semcodec file" in ended.err
    assert semcodec_command("search", "dogs").code == 0


def test_a_database_can_be_named(semcodec_command: Callable, folder: Path, tmp_path: Path):
    database = tmp_path / "mine.sqlite"
    semcodec_command("index", folder, "--db", database)
    assert semcodec_command("search", "dogs", "--db", database).code == 0
    ended = semcodec_command("search", "dogs")
    assert ended.code == 1
    assert "semcodec index FOLDER" in ended.err


def test_a_folder_that_is_none_and_a_query_without_words_are_sentences(semcodec_command: Callable, folder: Path):
    ended = semcodec_command("index", folder / "absent")
    assert ended.code == 1 and "is not a folder" in ended.err
    semcodec_command("index", folder)
    ended = semcodec_command("search", '"*"')
    assert ended.code == 1 and "no word" in ended.err
