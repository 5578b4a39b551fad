"""`restore` writes restored pictures of other codecs, says so in them, and leaves what looks fine alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import semcodec

pytestmark = pytest.mark.usefixtures("embedded_restorer")


@pytest.fixture
def coarse(photo: Path) -> Path:
    exif = Image.Exif()
    exif[0x010F] = "a maker"
    with Image.open(photo) as picture:
        picture.save(photo.with_name("coarse.jpg"), quality=15, exif=exif.tobytes())
        picture.save(photo.with_name("fine.jpg"), quality=95)
    photo.unlink()
    return photo.with_name("coarse.jpg")


def test_a_restored_picture_says_so_and_keeps_its_metadata(
    semcodec_command: Callable, coarse: Path, tmp_path: Path
) -> None:
    ended = semcodec_command("restore", coarse, tmp_path / "out.png", "-v")
    assert ended.code == 0
    assert "320x240; restored by restorer-debug from a JPEG of quality 15" in ended.err
    with Image.open(tmp_path / "out.png") as picture:
        assert np.array_equal(np.asarray(picture), semcodec.restore(coarse).image_HWC)
        assert picture.info["Comment"].startswith("Restored by semcodec (restorer-debug) from a JPEG of quality 15: ")
        xmp = picture.info["xmp"].decode()
        assert "<semcodec:Restored>restorer-debug<" in xmp and "compositeWithTrainedAlgorithmicMedia" in xmp
        assert "<Iptc4xmpExt:AISystemVersionUsed>restorer-debug<" in xmp
        assert picture.getexif()[0x010F] == "a maker"
    semcodec_command("restore", coarse, tmp_path / "bare.png", "--strip")
    with Image.open(tmp_path / "bare.png") as picture:
        assert 0x010F not in picture.getexif()


@pytest.mark.parametrize("suffix", ["jpg", "webp", "avif", "tif", "bmp", "ppm"])
def test_it_is_written_in_any_format_that_decode_writes(
    semcodec_command: Callable, coarse: Path, tmp_path: Path, suffix: str
) -> None:
    assert semcodec_command("restore", coarse, tmp_path / f"out.{suffix}").code == 0
    with Image.open(tmp_path / f"out.{suffix}") as picture:
        assert picture.size == (320, 240)


def test_a_picture_that_looks_fine_is_named_and_left(semcodec_command: Callable, coarse: Path, tmp_path: Path) -> None:
    fine = coarse.with_name("fine.jpg")
    ended = semcodec_command("restore", fine, tmp_path / "out.png")
    assert ended.code == 5 and not (tmp_path / "out.png").exists()
    assert ended.err == (
        f"semcodec: {fine}: looks fine already (a JPEG of quality 95): there is nothing to restore; "
        "force it (--force, force=True) to have it restored all the same\n"
    )
    assert semcodec_command("restore", fine, tmp_path / "out.png", "--force").code == 0


def test_a_folder_is_restored_where_there_is_something_to_restore(
    semcodec_command: Callable, coarse: Path, tmp_path: Path
) -> None:
    ended = semcodec_command("restore", tmp_path, "--output-dir", tmp_path / "out", "--jobs", 2)
    assert ended.code == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["coarse.png"]
    assert "2 files: 1 done, 1 left as they are, 0 failed" in ended.err
    again = semcodec_command("restore", tmp_path, "--output-dir", tmp_path / "out")
    assert "2 files: 0 done, 1 skipped (their output exists; --overwrite redoes it), 1 left as they are" in again.err


def test_the_input_is_never_written_over(semcodec_command: Callable, coarse: Path, tmp_path: Path) -> None:
    before = coarse.read_bytes()
    ended = semcodec_command("restore", coarse, coarse, "--overwrite")
    assert ended.code == 1 and coarse.read_bytes() == before
    Image.new("RGB", (9, 9)).save(tmp_path / "mine.png")
    mine = (tmp_path / "mine.png").read_bytes()
    ended = semcodec_command("restore", coarse, tmp_path / "mine.png")
    assert ended.code == 1 and "was not written by semcodec" in ended.err
    assert (tmp_path / "mine.png").read_bytes() == mine


def test_pipes_are_restored(semcodec_command: Callable, coarse: Path) -> None:
    flags = ("--format", "ppm", "--strength", 0, "--strip")
    ended = semcodec_command("restore", "-", "-", *flags, stdin=coarse.read_bytes())
    assert ended.code == 0 and ended.out.startswith(b"P6\n# semcodec\n320 240\n") and not ended.err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("gone.jpg", "out.png"), 1, "gone.jpg: there is no such file"),
        (("coarse.jpg", "out.xyz"), 2, "names no format"),
        (("coarse.jpg", "out.png", "--strength", "2"), 2, "less than or equal to 1"),
        (("coarse.jpg", "out.png", "--max-pixels", "100"), 1, "pixels"),
    ],
)
def test_what_cannot_be_done_is_said(
    semcodec_command: Callable,
    coarse: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = semcodec_command("restore", *arguments)
    assert ended.code == code and said in " ".join(ended.err.replace("│", " ").split())
    assert not (tmp_path / "out.png").exists()
