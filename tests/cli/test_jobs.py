"""`semcodec jobs`: what it says, and how it ends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image


@pytest.fixture
def album(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two pictures small enough to need no network, in the current folder's `album`."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "album").mkdir()
    for name, colour in (("red", (200, 0, 0)), ("green", (0, 200, 0))):
        Image.new("RGB", (20, 12), colour).save(tmp_path / "album" / f"{name}.png")
    return tmp_path / "album"


def test_a_folder_becomes_a_table_and_that_becomes_pictures(semcodec_command: Callable, album: Path):
    ended = semcodec_command("jobs", "encode", "album", "out.parquet", "--bytes", 100, "--no-caption")
    assert ended.code == 0
    assert ended.err.startswith("semcodec: album: 2 inputs: 2 done, 0 failed; ")
    again = semcodec_command("jobs", "encode", "album", "out.parquet", "--bytes", 100, "--no-caption")
    assert (again.code, again.err.split(";")[0]) == (0, "semcodec: album: 2 inputs: 0 done, 2 known, 0 failed")
    ended = semcodec_command("jobs", "decode", "out.parquet", "pictures", "--to", "webdataset", "--quiet")
    assert (ended.code, ended.err) == (0, "")
    from semcodec.jobs.results import Results

    (part,) = (album.parent / "pictures").glob("*.tar")
    rows = Results("pictures", "decode", "webdataset").rows(part.name)
    assert {row["name"] for row in rows} == {"red.png", "green.png"}
    assert all(row["image"].startswith(b"\x89PNG") for row in rows)


def test_failures_are_said_listed_and_counted_in_the_exit_code(semcodec_command: Callable, album: Path):
    (album / "broken.png").write_text("no picture")
    arguments = ("jobs", "encode", "album", "out", "--no-caption", "--failures", "failures.csv")
    ended = semcodec_command(*arguments)
    assert ended.code == 1
    assert "semcodec: broken.png: is no picture" in ended.err
    assert "3 inputs: 2 done, 1 failed" in ended.err
    assert (album.parent / "failures.csv").read_text().splitlines()[1].startswith("broken.png,PictureError,")
    again = semcodec_command(*arguments)
    assert again.code == 1
    assert "0 failed and 1 before (--retry-errors)" in again.err


def test_damaged_input_that_shows_a_picture_ends_with_3(semcodec_command: Callable, album: Path):
    semcodec_command("encode", album / "red.png", album / "red.semc", "--no-caption", "--bytes", 100)
    data = (album / "red.semc").read_bytes()
    (album / "red.semc").write_bytes(data[:-1])
    assert semcodec_command("jobs", "decode", "album", "out").code == 3


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("encode", "nowhere", "out"), 1, "nowhere: there is no such file or folder"),
        (("encode", "album", "album"), 1, "no results of a job; name a new or an empty folder"),
        (("decode", "album", "out"), 1, "holds no input"),
        (("decode", "album", "out", "--format", "xyz"), 2, "--format 'xyz' is none of png"),
        (("encode", "album", "out", "--engine", "local", "--gpus", "1"), 2, "leave out --engine local"),
        (("encode", "album", "out", "--bytes", "9", "--bpp", "1"), 2, "exclude each other"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    semcodec_command: Callable, album: Path, arguments: tuple[str, ...], code: int, sentence: str
):
    ended = semcodec_command("jobs", *arguments)
    assert ended.code == code
    assert sentence in " ".join(ended.err.replace("│", " ").split())
    assert not (album.parent / "out").exists()


def test_verify_tells_by_its_exit_code_what_is_wrong(semcodec_command: Callable, album: Path):
    semcodec_command("jobs", "encode", "album", "out", "--no-caption")
    ended = semcodec_command("jobs", "verify", "album", "out")
    assert (ended.code, ended.err) == (
        0,
        "semcodec: album: 2 inputs: each has its row, and each file is whole\n",
    )
    Image.new("RGB", (20, 12), "blue").save(album / "red.png")
    ended = semcodec_command("jobs", "verify", "album", "out")
    assert ended.code == 4
    assert "red.png: is another picture than the one that was worked on" in ended.err
    Image.new("RGB", (20, 12), "white").save(album / "white.png")
    ended = semcodec_command("jobs", "verify", "album", "out")
    assert (ended.code, ended.err.splitlines()[-1]) == (1, "semcodec: album: 3 inputs: 1 changed, 1 missing")
    assert semcodec_command("jobs", "verify", "album", "album").code == 1
