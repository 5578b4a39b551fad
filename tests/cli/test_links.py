"""`--for LINK`: packets of the right size, files that fill them, what they cost, and what the recipient will see."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import semcodec
from semcodec.radio.text_form import as_text, packets_in

QUICK = ("--no-caption", "--picture", "tokens")


@pytest.fixture
def coded(semcodec_command: Callable, photo: Path) -> Path:
    target = photo.with_suffix(".semc")
    assert semcodec_command("encode", photo, target, "--bytes", 400, *QUICK).code == 0
    return target


def test_a_link_sets_the_size_of_packets_and_their_cost_is_told(
    semcodec_command: Callable, coded: Path, tmp_path: Path
):
    ended = semcodec_command("split", coded, tmp_path / "p", "--for", "meshcore")
    packets = [file.read_bytes() for file in sorted((tmp_path / "p").iterdir())]
    assert ended.code == 0 and packets == semcodec.split(coded.read_bytes(), mtu=163)
    told = f"{len(packets)} packets, {sum(map(len, packets))} bytes, "
    assert told in ended.err and " s on the air (SF8, 62.5 kHz, 4/8), " in ended.err
    assert ended.err.endswith(" at a duty cycle of 10 %\n")


def test_modem_settings_change_the_cost_and_with_lorawan_the_size(
    semcodec_command: Callable, coded: Path, tmp_path: Path
):
    ended = semcodec_command(
        "split", coded, tmp_path / "p", "--for", "lorawan", "--sf", 9, "--bw", 250, "--cr", 6, "--duty-cycle", "0.1%"
    )
    assert "(SF9, 250 kHz, 4/6), " in ended.err and "duty cycle of 0.1 %" in ended.err
    assert max(file.stat().st_size for file in (tmp_path / "p").iterdir()) in range(100, 116)
    ended = semcodec_command("split", coded, tmp_path / "q", "--mtu", 51, "--sf", 12, "--duty-cycle", "100%")
    assert ended.err.endswith(" s on the air (SF12, 125 kHz, 4/5)\n")
    ended = semcodec_command("split", coded, tmp_path / "r", "--for", "iridium")
    assert ended.err.endswith("credits of 50 bytes\n")


def test_texts_are_lines_that_fit_a_message_and_join_takes_them(
    semcodec_command: Callable, coded: Path, tmp_path: Path
):
    ended = semcodec_command("split", coded, "-", "--for", "sms", "--text")
    lines = ended.out.decode().splitlines()
    assert ended.code == 0 and all(len(line) <= 160 for line in lines)
    assert lines == [as_text(packet) for packet in semcodec.split(coded.read_bytes(), mtu=128)]
    assert f"stdout: {len(lines)} packets, {sum(map(len, lines))} characters" in ended.err
    assert semcodec_command("join", "-", "-", stdin=ended.out).out == coded.read_bytes()
    chat = tmp_path / "chat.txt"
    chat.write_text("my own notes")
    ended = semcodec_command("split", coded, chat, "--for", "meshcore", "--text")
    assert ended.code == 1 and chat.read_text() == "my own notes"
    assert semcodec_command("split", coded, chat, "--for", "meshcore", "--text", "--overwrite").code == 0
    assert len(list(packets_in(chat.read_text()))) == len(chat.read_text().splitlines())
    assert semcodec_command("split", coded, chat, "--for", "meshcore", "--text").code == 0  # (its own file)


def test_a_file_fills_exactly_the_packets_that_were_asked_for(semcodec_command: Callable, photo: Path, tmp_path: Path):
    target, shown = tmp_path / "x.semc", tmp_path / "shown.png"
    arguments = ("--for", "lorawan", "--packets", 6, "--repeat-first", 1, "--loss", "20%", "--seed", 2)
    ended = semcodec_command("encode", photo, target, *arguments, "--no-caption", "--preview", shown)
    assert ended.code == 0, ended.err
    packets = semcodec.split(target.read_bytes(), mtu=51, repeat_first=1)
    assert len(packets) == 6
    fill = 100 * sum(map(len, packets)) / (6 * 51)
    assert f"lorawan: 6 packets, {sum(map(len, packets))} bytes, " in ended.err
    assert f"; {fill:.0f} % of their 51 bytes are used" in ended.err
    assert "at 20 % loss 96 % of receivers see a picture, mean distance " in ended.err
    assert "of 6 packets arrive (--seed 2)" in ended.err
    with Image.open(shown) as picture:
        assert picture.size == (320, 240)


def test_a_picture_that_says_too_little_is_told(semcodec_command: Callable, tmp_path: Path):
    Image.new("RGB", (300, 200), (20, 90, 200)).save(tmp_path / "flat.png")
    ended = semcodec_command("encode", tmp_path / "flat.png", "--for", "meshcore", "--packets", 9, *QUICK)
    assert ended.code == 0 and " packets, not 9: there is no more to say of this picture" in ended.err


def test_repair_packets_are_weighed_or_advised(semcodec_command: Callable, photo: Path, tmp_path: Path):
    target = tmp_path / "x.semc"
    arguments = ("encode", photo, target, "--for", "meshcore", "--packets", 4, "--no-caption", "--overwrite")
    ended = semcodec_command(*arguments, "--loss", "20%")
    assert ended.code == 0 and "with --repair " in ended.err, ended.err
    ended = semcodec_command(*arguments, "--loss", "20%", "--repair", "auto")
    num_repair = int(ended.err.split("semcodec split --repair ")[1].split("`")[0])
    assert 0 < num_repair < 4 and f"{num_repair} of them are repair packets" in ended.err
    assert len(semcodec.split(target.read_bytes(), mtu=163, repair=num_repair)) == 4
    ended = semcodec_command(*arguments, "--repair", 1)
    assert ended.code == 0 and "1 of them are repair packets" in ended.err


def test_a_preview_shows_what_arrives_or_says_that_nothing_does(
    semcodec_command: Callable, coded: Path, tmp_path: Path
):
    shown = tmp_path / "shown.png"
    ended = semcodec_command("split", coded, tmp_path / "p", "--for", "sms", "--preview", shown)
    assert ended.code == 0
    with Image.open(shown) as picture:
        assert np.array_equal(np.asarray(picture), semcodec.decode(coded.read_bytes()))
    ended = semcodec_command(
        "split", coded, tmp_path / "p", "--for", "sms", "--preview", tmp_path / "none.png", "--loss", "100%"
    )
    assert ended.code == 0 and "the recipient sees nothing" in ended.err
    assert not (tmp_path / "none.png").exists()
    photo = coded.with_suffix(".png")
    ended = semcodec_command("split", coded, tmp_path / "p", "--for", "sms", "--preview", photo)
    assert ended.code == 1 and "photo.png" in ended.err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["split", "a.semc", "d"], "give --for LINK (meshcore, meshtastic, "),
        (["split", "a.semc", "-", "--for", "sms"], "on stdout there is room for --text alone"),
        (["split", "a.semc", "d", "--for", "smoke"], "no such link; there are meshcore"),
        (["split", "a.semc", "d", "--for", "lorawan", "--text"], "lorawan carries no text"),
        (["split", "a.semc", "d", "--for", "meshcore", "--mtu", "200"], "has at most 163 bytes"),
        (["split", "a.semc", "d", "--for", "sms", "--sf", "7"], "sms is not LoRa"),
        (["split", "a.semc", "d", "--for", "sms", "--loss", "20%"], "give --preview"),
        (["split", "a.semc", "d", "--for", "sms", "--preview", "x.png", "--loss", "20"], "write 20% or 0.2"),
        (["split", "a.semc", "d", "--for", "sms", "--preview", "x.txt"], "its suffix is none of png"),
        (["split", "a.semc", "d", "--for", "lorawan", "--duty-cycle", "0"], "leaves no time to send"),
        (["split", "a.semc", "d", "--for", "lorawan", "--seed", "1"], "give --preview"),
        (["encode", "a.png", "b.semc", "--for", "sms"], "wants --packets N"),
        (["encode", "a.png", "b.semc", "--loss", "20%"], "wants --packets N"),
        (["encode", "a.png", "b.semc", "--packets", "3"], "give --for LINK"),
        (["encode", "a.png", "b.semc", "--for", "sms", "--packets", "3", "-q", "50"], "leave out --quality"),
        (["encode", "a.png", "b.semc", "--for", "sms", "--packets", "2", "--repeat-first", "2"], "leave no room"),
        (["encode", "a.png", "b.semc", "--for", "sms", "--packets", "2", "--repair", "2"], "leave no room"),
        (["encode", "a.png", "b.semc", "--for", "sms", "--packets", "2", "--repair", "many"], "nor auto"),
        (["encode", "a.png", "b.semc", "--for", "sms", "--packets", "2", "--repair", "auto"], "give --loss"),
    ],
)
def test_wrong_usage_says_what_to_do(semcodec_command: Callable, arguments: list[str], sentence: str):
    ended = semcodec_command(*arguments)
    assert ended.code == 2
    assert sentence in " ".join(ended.err.split()), ended.err


def test_one_preview_shows_one_picture(semcodec_command: Callable, tree: Path, tmp_path: Path):
    ended = semcodec_command(
        "encode", tree, "--output-dir", tmp_path / "o", "--for", "sms", "--packets", 1, "--preview", tmp_path / "x.png"
    )
    assert ended.code == 2 and "one at a time" in ended.err
