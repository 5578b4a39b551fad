"""`semcodec view`: a page, where it goes, and how it is opened."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

GOOD = ("words-only", "words-and-base")


@pytest.fixture
def folder(tmp_path: Path, root: Path) -> Path:
    """Two small files, the first of words alone."""
    for name in GOOD:
        shutil.copy(root / "conformance" / "good" / f"{name}.semc", tmp_path)
    return tmp_path


@pytest.fixture
def visited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the browser of these tests writes the address that it is given."""
    log = tmp_path / "visited"
    browser = tmp_path / "browser.sh"
    browser.write_text(f'#!/bin/sh\nprintf "%s" "$1" > "{log}"\n')
    browser.chmod(0o755)
    monkeypatch.setenv("BROWSER", str(browser))
    monkeypatch.setattr("webbrowser._tryorder", None)  # (it is found anew)
    return log


def test_a_page_lands_beside_its_file_and_is_opened(semcodec_command, folder: Path, visited: Path):
    ended = semcodec_command("view", folder / "words-only.semc")
    page = folder / "words-only.html"
    assert ended.code == 0
    assert "words-only.html: words-only.semc, " in ended.err
    assert visited.read_text() == page.as_uri()
    assert b'data-file="words-only.semc"' in page.read_bytes()


def test_several_files_make_one_page(semcodec_command, folder: Path):
    ended = semcodec_command("view", folder, "--no-open", "--no-restorer")
    assert ended.code == 0
    html = (folder / "pictures.html").read_bytes()
    assert [f'data-file="{name}.semc"'.encode() in html for name in GOOD] == [True, True]
    assert "2 pictures" in ended.err


def test_a_page_of_the_same_files_is_replaced_and_nothing_else(semcodec_command, folder: Path):
    words, page = folder / "words-only.semc", folder / "words-only.html"
    for _ in range(2):
        assert semcodec_command("view", words, "--no-open").code == 0
    page.write_text("<p>mine</p>")
    refused = semcodec_command("view", words, "--no-open")
    assert (refused.code, "--out" in refused.err) == (1, True)
    assert semcodec_command("view", words, "--no-open", "--overwrite").code == 1  # (the name was not written)
    assert semcodec_command("view", words, "--no-open", "--out", page).code == 1
    assert page.read_text() == "<p>mine</p>"
    assert semcodec_command("view", words, "--no-open", "--out", page, "--overwrite").code == 0
    other = semcodec_command("view", folder / "words-and-base.semc", "--no-open", "--no-restorer", "--out", page)
    assert other.code == 1  # (a page of other files)


def test_an_input_is_never_the_output(semcodec_command, folder: Path):
    words = folder / "words-only.semc"
    before = words.read_bytes()
    assert semcodec_command("view", words, "--out", words, "--overwrite", "--no-open").code == 1
    assert words.read_bytes() == before


def test_what_cannot_be_shown_is_said_and_the_rest_is(semcodec_command, folder: Path):
    (folder / "broken.semc").write_bytes(b"no picture")
    ended = semcodec_command("view", folder, "--no-open", "--no-restorer")
    assert ended.code == 1
    assert "broken.semc" in ended.err
    assert b"broken.semc" not in (folder / "pictures.html").read_bytes()
    assert semcodec_command("view", folder / "broken.semc", "--no-open").code == 1
    assert not (folder / "broken.html").exists()


def test_a_file_that_is_cut_short_is_shown_with_its_own_exit_code(semcodec_command, folder: Path):
    whole = folder / "words-and-base.semc"
    whole.write_bytes(whole.read_bytes()[:-10])
    ended = semcodec_command("view", whole, "--no-open", "--no-restorer")
    assert (ended.code, "good part" in ended.err) == (3, True)
    assert (folder / "words-and-base.html").exists()


def test_streams(semcodec_command, folder: Path):
    data = (folder / "words-only.semc").read_bytes()
    ended = semcodec_command("view", "-", "--out", "-", stdin=data)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(b"<!doctype html>") and b'data-file="stdin"' in ended.out
    assert semcodec_command("view", "-", stdin=data).code == 2


def test_without_the_viewer_there_is_one_sentence(semcodec_command, folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("semcodec.viewer.built.resources.files", lambda _: folder)
    ended = semcodec_command("view", folder / "words-only.semc", "--no-open")
    assert ended.code == 1
    assert ended.err.count("\n") == 1 and "without its viewer" in ended.err
