"""How a command is told to trust a file more, or less; and that strangers' words cannot speak to the terminal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from semcodec.limits import Limits


@pytest.fixture
def coded(semcodec_command: Callable, photo: Path) -> Path:
    """A file of 320x240 pixels, with words."""
    target = photo.with_suffix(".semc")
    assert semcodec_command("encode", photo, target, "--bytes", 300, "--caption", "two macaws").code == 0
    return target


def test_max_pixels_is_asked_by_every_command_that_reads(semcodec_command: Callable, coded: Path, photo: Path):
    for arguments in (
        ("info", coded),
        ("decode", coded, coded.with_name("decoded.png")),
        ("cut", coded, coded.with_name("cut.semc"), "--bytes", 100),
        ("encode", photo, coded.with_name("again.semc")),
    ):
        refused = semcodec_command(*arguments, "--max-pixels", 76_799)
        assert refused.code == 1
        assert "has 76800 pixels" in refused.err and "above max_pixels=76799" in refused.err
        assert semcodec_command(*arguments, "--max-pixels", 76_800).code == 0


def test_the_other_limits_come_from_the_environment(
    semcodec_command: Callable, coded: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SEMCODEC_LIMITS", "max_caption_chars=3, max_pixels=1")
    assert "above max_pixels=1;" in semcodec_command("info", coded).err
    refused = semcodec_command("info", coded, "--max-pixels", 1_000_000)
    assert refused.code == 1
    assert "above max_caption_chars=3; if you trust it" in refused.err and "SEMCODEC_LIMITS=" in refused.err
    monkeypatch.setenv("SEMCODEC_LIMITS", "")
    assert semcodec_command("info", coded).code == 0


@pytest.mark.parametrize("wrong", ["max_pixel=1", "max_pixels", "max_pixels=-1", "max_pixels=1e6", "max_pixels=²"])
def test_limits_that_cannot_be_meant_are_wrong_usage(
    semcodec_command: Callable, coded: Path, monkeypatch: pytest.MonkeyPatch, wrong: str
):
    monkeypatch.setenv("SEMCODEC_LIMITS", wrong)
    ended = semcodec_command("info", coded)
    assert ended.code == 2
    assert "SEMCODEC_LIMITS" in ended.err and all(name in ended.err for name in Limits.__slots__)


def test_words_profiles_and_names_of_files_cannot_speak_to_the_terminal(semcodec_command: Callable, photo: Path):
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes())
    at = profile.find("XYZ".encode("utf-16-be"))
    profile[at : at + 6] = "\x1b[J".encode("utf-16-be")
    hostile = photo.with_name("a\x1b[2Jb\u202ec.png")
    with Image.open(photo) as picture:
        picture.save(hostile, icc_profile=bytes(profile))
    target = hostile.with_suffix(".semc")
    said = [
        semcodec_command("encode", hostile, "-v", "--caption", "\x1b]0;title\x07 a\u200bb", "--bytes", 200),
        semcodec_command("encode", hostile.with_name("absent\x1b7.png"), target),
        semcodec_command("encode", hostile, photo, hostile.with_name("x\x1b.semc")),
        semcodec_command("info", target),
        semcodec_command("info", target, "--json"),
        semcodec_command("decode", target, target.with_suffix(".jpg"), "-v"),
        semcodec_command("cut", target, target, "--bytes", 100),
    ]
    assert [ended.code for ended in said] == [0, 1, 2, 0, 0, 0, 1]
    for ended in said:
        printed = ended.out.decode() + ended.err
        assert printed and all(line.isprintable() for line in printed.split("\n")), printed
