"""What may be written over: docs/outputs.md, a test for each rule."""

from __future__ import annotations

import os
import shutil
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

import semcodec


@pytest.fixture
def picture(tmp_path: Path, photo_path: Path) -> Path:
    """A tiny photograph, alone in its folder."""
    with Image.open(photo_path) as whole:
        whole.crop((100, 60, 148, 92)).save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


@pytest.fixture(scope="module")
def tiny(photo_path: Path) -> bytes:
    """A small file of a tiny photograph."""
    with Image.open(photo_path) as whole:
        return semcodec.encode(whole.crop((100, 60, 148, 92)), bytes=60, caption="a beak").data


@pytest.fixture
def coded(tmp_path: Path, tiny: bytes) -> Path:
    (tmp_path / "a.semc").write_bytes(tiny)
    return tmp_path / "a.semc"


ENCODE = ("--profile", "text", "--caption", "a beak")  # (without a network)


def test_cutting_what_a_pattern_matches_does_not_write_over_the_second_file(
    semcodec_command: Callable, coded: Path, tmp_path: Path
):
    shutil.copy(coded, tmp_path / "b.semc")
    ended = semcodec_command("cut", coded, tmp_path / "b.semc", "--bytes", 40)
    assert ended.code == 1 and "b.semc: exists" in ended.err and "--overwrite" in ended.err
    assert (tmp_path / "b.semc").read_bytes() == coded.read_bytes()
    assert semcodec_command("cut", coded, tmp_path / "b.semc", "--bytes", 40, "--overwrite").code == 0
    assert (tmp_path / "b.semc").stat().st_size <= 40


@pytest.mark.parametrize("foreign", ["picture", "text"])
def test_a_foreign_file_is_replaced_only_where_it_is_named_with_overwrite(
    semcodec_command: Callable, coded: Path, picture: Path, foreign: str
):
    if foreign == "text":
        picture.write_text("notes about semcodec, urn:semcodec:xmp:1")
    before = picture.read_bytes()
    ended = semcodec_command("decode", coded, picture)
    assert ended.code == 1 and "photo.png exists and was not written by semcodec" in ended.err
    assert picture.read_bytes() == before
    shutil.copy(coded, picture.with_suffix(".semc"))
    assert semcodec_command("decode", picture.with_suffix(".semc"), "--overwrite").code == 1  # (it was not named)
    assert picture.read_bytes() == before
    assert semcodec_command("decode", coded, picture, "--overwrite").code == 0
    assert picture.read_bytes() != before


def test_a_photograph_under_the_name_of_an_output_is_not_replaced_by_encoding(
    semcodec_command: Callable, picture: Path
):
    misnamed = picture.with_name("holiday.semc")
    shutil.copy(picture, misnamed)
    ended = semcodec_command("encode", picture, misnamed, *ENCODE)
    assert ended.code == 1 and "was not written by semcodec" in ended.err
    assert misnamed.read_bytes() == picture.read_bytes()


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "avif", "tif", "bmp", "ppm"])
def test_a_second_run_knows_its_own_in_every_format(semcodec_command: Callable, coded: Path, suffix: str):
    run = ("decode", coded.parent, "--format", suffix)
    assert semcodec_command(*run).code == 0
    target = coded.with_suffix(f".{suffix}")
    first = target.read_bytes()
    skipped = semcodec_command(*run, "-v")
    assert (skipped.code, target.read_bytes()) == (0, first) and "skipped" in skipped.err
    target.touch()
    assert semcodec_command(*run, "--overwrite", "--quiet").err == ""
    assert semcodec_command("decode", coded, target, "--quiet").err == ""
    with Image.open(target) as picture:
        assert picture.size == (48, 32)
        picture.load()


def test_an_input_that_has_changed_is_encoded_again(semcodec_command: Callable, picture: Path):
    run = ("encode", picture.parent, *ENCODE, "-v")
    coded = picture.with_suffix(".semc")
    assert semcodec_command(*run).code == 0
    written = coded.stat().st_mtime_ns
    assert "skipped" in semcodec_command(*run).err
    os.utime(picture, ns=(written + 10**9, written + 10**9))  # newer
    assert "skipped" not in semcodec_command(*run).err
    assert "skipped" in semcodec_command(*run).err  # (an output is never older than its input)
    with Image.open(picture) as whole:
        smaller = whole.crop((0, 0, 20, 30))
    smaller.save(picture)
    os.utime(picture, ns=(0, 0))  # older, and another picture
    assert "skipped" not in semcodec_command(*run).err
    assert str(semcodec.info(coded.read_bytes()).size) == "20x30"


def test_a_file_that_has_changed_is_decoded_again(semcodec_command: Callable, coded: Path):
    run = ("decode", coded.parent, "-v")
    assert semcodec_command(*run).code == 0
    assert "skipped" in semcodec_command(*run).err
    later = coded.with_suffix(".png").stat().st_mtime_ns + 1
    os.utime(coded, ns=(later, later))
    assert "skipped" not in semcodec_command(*run).err


def test_a_turned_photograph_has_the_size_that_it_is_shown_in(semcodec_command: Callable, picture: Path):
    exif = Image.Exif()
    exif[0x0112] = 6
    with Image.open(picture) as whole:
        whole.save(picture, exif=exif)
    for _ in range(2):
        assert semcodec_command("encode", picture, picture.with_suffix(".semc"), *ENCODE).code == 0
    assert "skipped" in semcodec_command("encode", picture, *ENCODE, "-v").err


def test_a_file_of_another_picture_is_not_replaced(semcodec_command: Callable, picture: Path):
    other = picture.with_name("other.png")
    with Image.open(picture) as whole:
        whole.crop((0, 0, 9, 9)).save(other)
    coded = picture.with_name("only-copy.semc")
    assert semcodec_command("encode", picture, coded, *ENCODE).code == 0
    before = coded.read_bytes()
    ended = semcodec_command("encode", other, coded, *ENCODE)  # as `encode *` may mean
    assert ended.code == 1 and "holds another picture, of 48x32" in ended.err
    assert coded.read_bytes() == before
    assert semcodec_command("encode", other, coded, *ENCODE, "--overwrite").code == 0


def test_an_output_without_a_suffix_works_twice(semcodec_command: Callable, picture: Path, coded: Path):
    out, shown = picture.with_name("out"), picture.with_name("shown")
    for more in ((), (), ("--overwrite",)):
        assert semcodec_command("encode", picture, out, *ENCODE, *more).code == 0
        assert semcodec_command("decode", coded, shown, "--format", "ppm", *more).code == 0
    notes = picture.with_name("notes")
    notes.write_text("mine")
    assert semcodec_command("encode", picture, notes, *ENCODE).code == 1
    assert notes.read_text() == "mine"


def test_an_empty_file_is_nobodys(semcodec_command: Callable, picture: Path):
    (picture.parent / "made-by-mktemp").touch()
    assert semcodec_command("encode", picture, picture.parent / "made-by-mktemp", *ENCODE).code == 0
    assert (picture.parent / "made-by-mktemp").stat().st_size > 5


def test_devices_are_written_to_and_stay_devices(semcodec_command: Callable, picture: Path, coded: Path):
    assert semcodec_command("encode", picture, os.devnull, *ENCODE).code == 0
    assert semcodec_command("decode", coded, os.devnull).code == 0
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)


def test_a_pipe_takes_the_output_and_gives_the_input(semcodec_command: Callable, picture: Path, tmp_path: Path):
    (tmp_path / "in").mkdir()
    source, target = tmp_path / "in" / "source", tmp_path / "target"
    os.mkfifo(source)
    os.mkfifo(target)
    got: list[bytes] = []
    feeder = threading.Thread(target=lambda: source.write_bytes(picture.read_bytes()), daemon=True)
    reader = threading.Thread(target=lambda: got.append(target.read_bytes()), daemon=True)
    feeder.start()
    reader.start()
    assert semcodec_command("encode", source, target, *ENCODE).code == 0
    reader.join(10)
    assert semcodec.read_words(got[0]) == semcodec.Words("a beak")
    assert stat.S_ISFIFO(target.stat().st_mode)


def test_the_device_of_stdout_is_stdout(semcodec_command: Callable, picture: Path, coded: Path):
    through = semcodec_command("encode", picture, "-", *ENCODE)
    assert semcodec_command("encode", picture, "/dev/stdout", *ENCODE).out == through.out != b""
    assert semcodec_command("encode", "/dev/stdin", "-", *ENCODE, stdin=picture.read_bytes()).out == through.out
    cut = semcodec_command("cut", "/dev/stdin", "/dev/stdout", "--bytes", 40, stdin=coded.read_bytes())
    assert cut.code == 0 and 0 < len(cut.out) <= 40


def test_joining_and_splitting_keep_to_the_rule(semcodec_command: Callable, coded: Path, picture: Path):
    folder = coded.parent / "packets"
    split = ("split", coded, folder, "--mtu", 40)
    assert semcodec_command(*split).code == 0
    assert semcodec_command(*split).code == 0  # (packets are ours)
    before = picture.read_bytes()
    assert semcodec_command("join", folder, picture).code == 1
    assert picture.read_bytes() == before
    assert semcodec_command("join", folder, picture, "--overwrite").code == 0
    assert semcodec_command("join", folder, picture).code == 0
    for packet in folder.iterdir():
        packet.write_text("mine")
    refused = semcodec_command(*split)
    assert refused.code == 1 and "was not written by semcodec" in refused.err
    assert all(packet.read_text() == "mine" for packet in folder.iterdir())
    assert semcodec_command(*split, "--overwrite").code == 0


def test_nothing_is_done_where_a_second_picture_is_not_there(semcodec_command: Callable, picture: Path):
    ended = semcodec_command("encode", picture, picture.with_name("photo2.png"))
    assert ended.code == 2 and "there is no such file to read" in ended.err
    assert [path.name for path in picture.parent.iterdir()] == ["photo.png"]
