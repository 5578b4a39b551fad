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
    assert (ended.code, ended.err.count("\n")) == (0, 1)
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
    assert semcodec_command("cut", coded, tmp_path / "same.semc", "--bytes", 400, "--quiet").err == ""


def test_a_base_alone_that_has_no_room_says_what_to_do(semcodec_command: Callable, photo: Path, tmp_path: Path):
    semcodec_command("encode", photo, tmp_path / "b.semc", "--bytes", 400, "--no-caption", "--picture", "base")
    ended = semcodec_command("cut", tmp_path / "b.semc", tmp_path / "short.semc", "--bytes", 200)
    assert ended.code == 1
    assert "cannot be shortened; encode the original again" in ended.err


@pytest.mark.parametrize("picture", ["tokens", "base"])
def test_the_best_quality_says_where_it_ends(semcodec_command: Callable, photo: Path, picture: str):
    ended = semcodec_command("encode", photo, "-q", 100, "--no-caption", "--picture", picture)
    assert ended.code == 0
    assert "more bytes would add nothing" in ended.err or "-q ends at 0.16; --bpp and --bytes go further" in ended.err


@pytest.mark.parametrize("side", [4, 200])
def test_of_a_flat_picture_the_best_quality_is_all_there_is(semcodec_command: Callable, tmp_path: Path, side: int):
    Image.new("RGB", (side, side), "teal").save(tmp_path / "flat.png")
    ended = semcodec_command(
        "encode", tmp_path / "flat.png", "-q", 100, "--no-caption", *(("--picture", "base") if side > 32 else ())
    )
    assert ended.code == 0 and ended.err.count("\n") == 1
    assert ("bpp (all that a base picture" if side > 32 else "bpp (all that a grid of colours") in ended.err


def test_of_a_base_that_arrives_in_part_info_promises_no_picture(
    semcodec_command: Callable, coded: Path, tmp_path: Path
):
    (tmp_path / "part.semc").write_bytes(coded.read_bytes()[:-50])
    told = json.loads(semcodec_command("info", "--json", tmp_path / "part.semc").out)
    assert [prefix["gives"] for prefix in told["prefixes"]] == ["words"]
    assert "is not whole" in told["warnings"][0]


def test_packets_that_lack_some_of_the_base_show_the_words(
    semcodec_command: Callable, coded: Path, tmp_path: Path, embedded_generator: str
):
    semcodec_command("split", coded, tmp_path / "packets", "--mtu", 100)
    sorted((tmp_path / "packets").iterdir())[-1].unlink()
    ended = semcodec_command("join", tmp_path / "packets", tmp_path / "part.png")
    assert ended.code == 3 and (tmp_path / "part.png").exists()
    assert "the base picture is not whole" in ended.err


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
