from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

import semcodec

CAPTION = "two macaws \u202e\x07 in a tree 🦜"


@pytest.fixture
def coded(photo: Path) -> Path:
    encoded = semcodec.encode(Image.open(photo), bytes=400, caption=CAPTION, language="en", origin="machine")
    path = photo.with_suffix(".semc")
    path.write_bytes(encoded.data)
    return path


def test_info_tells_all_there_is_to_tell(semcodec_command: Callable, coded: Path):
    ended = semcodec_command("info", coded)
    assert (ended.code, ended.err) == (0, "")
    text = ended.out.decode()
    num_bytes = coded.stat().st_size
    for part in (
        str(coded),
        "(en, by a machine)",
        "320x240",
        f"{num_bytes} bytes",
        "bits per pixel",
        "text ",
        "tokens ",
    ):
        assert part in text, text
    assert "version 1" in text
    assert "nano" in text


def test_control_and_bidirectional_characters_are_escaped_in_text_and_json(semcodec_command: Callable, coded: Path):
    text = semcodec_command("info", coded).out.decode()
    assert "\u202e" not in text
    assert "\x07" not in text
    assert "🦜" in text
    raw = semcodec_command("info", "--json", coded).out
    assert raw.isascii()
    assert json.loads(raw)["words"]["text"] == CAPTION


def test_the_json_keys_are_promised(semcodec_command: Callable, coded: Path):
    told = json.loads(semcodec_command("info", "--json", coded).out)
    assert list(told) == [
        "file",
        "error",
        "bytes",
        "bits_per_pixel",
        "width_px",
        "height_px",
        "working_width_px",
        "working_height_px",
        "format_version",
        "profile",
        "family",
        "words",
        "regions",
        "layers",
        "boxes",
        "original",
        "painter",
        "vector",
        "prefixes",
        "warnings",
    ]
    assert told["words"] == {"text": CAPTION, "language": "en", "origin": "machine"}
    assert told["bytes"] == coded.stat().st_size
    assert [layer["name"] for layer in told["layers"]] == ["text", "tokens"]
    assert told["bits_per_pixel"] == 8 * told["bytes"] / (320 * 240)
    assert told["warnings"] == []


def test_several_files_are_a_list_in_their_order_and_bad_ones_say_why(semcodec_command: Callable, coded: Path):
    bad = coded.with_name("bad.semc")
    bad.write_bytes(b"nothing of ours")
    ended = semcodec_command("info", coded, bad, coded, "--json")
    assert ended.code == 1
    first, second, third = json.loads(ended.out)
    assert first == third
    assert second["error"] in ended.err
    text = semcodec_command("info", bad, coded)
    assert text.code == 1
    assert str(coded) in text.out.decode()


def test_info_reads_stdin(semcodec_command: Callable, coded: Path):
    ended = semcodec_command("info", "-", stdin=coded.read_bytes())
    assert ended.out.decode().startswith("stdin\n")


def test_info_of_a_file_that_ends_inside_its_words_warns_and_shows_what_there_is(
    semcodec_command: Callable, coded: Path
):
    coded.write_bytes(coded.read_bytes()[:14])
    ended = semcodec_command("info", coded)
    assert ended.code == 0
    assert "warning" in ended.out.decode()
    assert "320x240" in ended.out.decode()


@pytest.mark.parametrize("flags", [[], ["--json"]])
def test_the_front_door_that_spares_typer_says_the_same(semcodec_command: Callable, coded: Path, flags: list[str]):
    spared = semcodec_command("info", coded, *flags)
    through_typer = semcodec_command("info", *flags, "--", coded)  # `--` is for typer alone to understand
    assert (spared.code, spared.out) == (through_typer.code, through_typer.out)


def test_a_terminal_of_few_letters_gets_escapes_instead_of_an_error(coded: Path):
    command = [sys.executable, "-m", "semcodec", "info", str(coded)]
    environment = {"PYTHONIOENCODING": "ascii", "PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run(command, capture_output=True, check=True, timeout=60, env=environment)
    assert b"\\U0001f99c" in done.stdout


def test_a_reader_that_leaves_early_is_no_error_to_talk_about(coded: Path):
    script = f'"{sys.executable}" -m semcodec info {" ".join([coded.name] * 2000)} | head -1'
    done = subprocess.run(
        ["bash", "-c", script], cwd=coded.parent, capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout == f"{coded.name}\n"
    assert done.stderr == ""
