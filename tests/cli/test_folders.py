"""What is passed over in a folder is said and counted."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pillow_heif
import pillow_jxl
import pytest
from PIL import Image

assert pillow_jxl  # (it is Pillow's writer of JPEG XL, once it is imported)
ENCODE = ("--profile", "text", "--caption", "grey")  # (without a network)
GREY = Image.new("RGB", (24, 16), (90, 90, 90))


@pytest.fixture
def album(tmp_path: Path) -> Path:
    (tmp_path / "album").mkdir()
    GREY.save(tmp_path / "album" / "a.png")
    return tmp_path / "album"


def heic() -> bytes:
    out = io.BytesIO()
    pillow_heif.from_pillow(GREY).save(out)
    return out.getvalue()


def jpeg_xl() -> bytes:
    out = io.BytesIO()
    GREY.save(out, "JXL")
    return out.getvalue()


def test_a_subfolder_that_cannot_be_listed_is_said(semcodec_command: Callable, album: Path, tmp_path: Path):
    # Below 4,096 characters of path nothing can be listed by its path, not even by root, whom no lock stops.
    names, at = [], os.open(album, os.O_RDONLY)
    for _ in range(18):
        names.append("d" * 250)
        os.mkdir(names[-1], dir_fd=at)
        below = os.open(names[-1], os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = below
    os.close(at)
    ended = semcodec_command("encode", album, "--output-dir", tmp_path / "out", *ENCODE)
    assert ended.code == 1
    assert "2 files: 1 done, 1 failed" in ended.err and "cannot be listed, what is in it was left out" in ended.err
    assert (tmp_path / "out" / "a.semc").exists()


def test_links_that_lead_nowhere_or_to_folders_are_said(semcodec_command: Callable, album: Path, tmp_path: Path):
    (tmp_path / "elsewhere").mkdir()
    (album / "gone.png").symlink_to(tmp_path / "absent.png")
    (album / "round").symlink_to(album)
    (album / "elsewhere").symlink_to(tmp_path / "elsewhere")
    (album / ".hidden.png").symlink_to(tmp_path / "absent.png")
    (album / "notes.txt").write_text("no picture")
    ended = semcodec_command("encode", album, "--output-dir", tmp_path / "out", *ENCODE)
    assert ended.code == 1 and "4 files: 1 done, 3 failed" in ended.err
    assert f"{album / 'gone.png'}: is a link that leads nowhere" in ended.err
    assert all(
        f"{album / name}: is a link to a folder, which was left out" in ended.err for name in ("round", "elsewhere")
    )


def test_kinds_that_cannot_be_read_are_counted_with_what_to_do(
    semcodec_command: Callable, album: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for name in ("one.heic", "two.HEIC", "x.jxl", "raw.NEF"):
        (album / name).write_bytes(b"\0" * 20)
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    monkeypatch.setitem(sys.modules, "pillow_jxl", None)
    ended = semcodec_command("encode", album, "--output-dir", tmp_path / "out", *ENCODE)
    assert ended.code == 1
    assert "2 of 5 left out: HEIC (read with: pip install 'semcodec[formats]')" in ended.err
    assert "1 of 5 left out: JPEG XL (read with: pip" in ended.err
    assert "1 of 5 left out: a raw photograph (develop them" in ended.err
    assert "5 files: 1 done, 0 failed" in ended.err
    alone = semcodec_command("encode", album, "--output-dir", tmp_path / "out", *ENCODE, "--quiet")
    assert alone.code == 1 and "2 of 5 left out" in alone.err


def test_heic_and_jpeg_xl_are_read_where_their_packages_are(semcodec_command: Callable, album: Path, tmp_path: Path):
    (album / "h.heic").write_bytes(heic())
    (album / "x.jxl").write_bytes(jpeg_xl())
    ended = semcodec_command("encode", album, "--output-dir", tmp_path / "out", *ENCODE)
    assert ended.code == 0, ended.err
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.semc", "h.semc", "x.semc"]


def test_brackets_in_the_name_of_a_folder_are_brackets(semcodec_command: Callable, tmp_path: Path):
    for folder in ("album [2024]", "album 2", "deep/b [1]", "deep/c"):
        (tmp_path / folder).mkdir(parents=True)
        GREY.save(tmp_path / folder / "a.png")

    def found(pattern: str) -> list[str]:
        ended = semcodec_command("encode", tmp_path / pattern, *ENCODE, "--data-uri", "-v")
        sources = sorted(
            line.split(" -> ")[0].split(f"{tmp_path}/")[1] for line in ended.err.splitlines() if "->" in line
        )
        return sources if ended.code == 0 else [ended.err]

    assert found("album [2024]/*.png") == ["album [2024]/a.png"]
    assert found("album [0-9]/*.png") == ["album 2/a.png"]  # (still a pattern where no such folder is)
    assert found("deep/*/*.png") == ["deep/b [1]/a.png", "deep/c/a.png"]
    assert found("de*/b [1]/*.png") == ["deep/b [1]/a.png"]
    assert "matches no file" in found("album [x]/*.png")[0]


def test_an_index_says_which_links_lead_nowhere(semcodec_command: Callable, tmp_path: Path):
    (tmp_path / "gone.semc").symlink_to(tmp_path / "absent.semc")
    ended = semcodec_command("index", tmp_path, "--db", tmp_path / "words.sqlite")
    assert ended.code == 3 and "gone.semc: is a link that leads nowhere" in ended.err


def test_pixels_of_heic_and_jpeg_xl_are_those_of_the_picture():
    from semcodec.pictures import load_picture

    for data in (heic(), jpeg_xl()):
        difference = load_picture(data).image_HWC.astype(int) - np.asarray(GREY)
        assert np.abs(difference).max() <= 4
