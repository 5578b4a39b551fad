"""Files with a base picture on the command line: what is said of them, and how the commands end."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

import semcodec
from semcodec.pictures import av1


@pytest.fixture
def coded(semcodec_command: Callable, photo: Path) -> Path:
    """A small file with words and a base."""
    target = photo.with_suffix(".semc")
    ended = semcodec_command("encode", photo, target, "--bytes", 400, "--caption", "Two macaws.", "--picture", "base")
    assert (ended.code, ended.err) == (0, "")
    return target


@pytest.fixture
def no_avif(coded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Pillow without AVIF, once the file is written."""
    monkeypatch.setattr(av1, "has_avif", lambda: False)


def test_the_picture_is_sent_as_it_is_asked_for(semcodec_command: Callable, coded: Path, photo: Path):
    assert [layer.name for layer in semcodec.info(coded.read_bytes()).layers] == ["text", "base"]
    ended = semcodec_command("encode", photo, photo.with_name("b.semc"), "--bytes", 400, "--picture", "tokens")
    assert ended.code == 0
    assert semcodec.info(photo.with_name("b.semc").read_bytes()).layers[-1].name == "tokens"
    assert semcodec_command("encode", photo, "x.semc", "--picture", "avif").code == 2
    ended = semcodec_command("encode", photo, "x.semc", "--picture", "base", "--profile", "text", "--caption", "a")
    assert ended.code == 2 and "leave out --picture" in ended.err


def test_it_is_decoded_like_any_other(semcodec_command: Callable, coded: Path, tmp_path: Path):
    ended = semcodec_command("decode", coded, tmp_path / "again.png", "-v")
    assert ended.code == 0
    assert "painted by av1 from its base picture of" in ended.err
    with Image.open(tmp_path / "again.png") as again:
        assert again.size == (320, 240)


def test_info_tells_the_base_and_what_a_prefix_gives(semcodec_command: Callable, coded: Path):
    num_bytes = coded.stat().st_size
    text = semcodec_command("info", coded).out.decode()
    assert "base " in text and "sent as a base picture" in text
    assert f"on the words; from {num_bytes} bytes on the picture" in text
    told = json.loads(semcodec_command("info", "--json", coded).out)
    assert told["prefixes"][-1] == {"bytes": num_bytes, "gives": "picture"}


def test_scene_tells_the_av1_stream(semcodec_command: Callable, coded: Path):
    base = json.loads(semcodec_command("scene", coded).out)["base"]
    scene = semcodec.read(coded.read_bytes()).scene
    assert scene.base is not None
    assert (base["width_px"], base["height_px"]) == (scene.base.coded.width_px, scene.base.coded.height_px)
    assert len(scene.base.frame) < base["bytes"] < len(scene.base.frame) + 24


def test_cut_says_that_the_base_has_no_room(semcodec_command: Callable, coded: Path, tmp_path: Path):
    ended = semcodec_command("cut", coded, tmp_path / "short.semc", "--bytes", 200)
    assert ended.code == 0
    assert "base picture has no room and cannot be shortened; what is left is its words" in ended.err
    assert semcodec_command("cut", coded, tmp_path / "same.semc", "--bytes", 400).err == ""


def test_split_says_that_all_packets_are_needed(semcodec_command: Callable, coded: Path, tmp_path: Path):
    ended = semcodec_command("split", coded, tmp_path / "packets", "--mtu", 100)
    assert ended.code == 0
    assert "base picture shows when all of its packets are there" in ended.err
    last = sorted((tmp_path / "packets").iterdir())[-1]
    assert semcodec_command("join", tmp_path / "packets", tmp_path / "whole.png").code == 0
    last.unlink()
    ended = semcodec_command("join", tmp_path / "packets", tmp_path / "part.semc")
    assert ended.code == 3
    assert "the base picture is not whole" in ended.err


def test_without_avif_words_are_shown_with_a_sentence_and_code_3(
    semcodec_command: Callable, coded: Path, tmp_path: Path, no_avif: None, embedded_generator: str
):
    ended = semcodec_command("decode", coded, tmp_path / "words.png")
    assert ended.code == 3
    assert "Pillow 11.3 or newer" in ended.err
    assert (tmp_path / "words.png").exists()


def test_without_avif_tokens_are_sent_unless_a_base_is_asked_for(
    semcodec_command: Callable, photo: Path, no_avif: None, measured_choice: None
):
    ended = semcodec_command("encode", photo, photo.with_name("t.semc"), "--bytes", 400, "--no-caption", "-v")
    assert ended.code == 0 and "tokens are sent" in ended.err
    ended = semcodec_command("encode", photo, photo.with_name("u.semc"), "--bytes", 400, "--picture", "base")
    assert ended.code == 1 and "Pillow 11.3 or newer" in ended.err
