"""`semcodec join` reads packets as text: in a file, on stdin, in the middle of a chat."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import semcodec
from semcodec.radio.text_form import as_text


@pytest.fixture
def coded(semcodec_command: Callable, photo: Path) -> bytes:
    target = photo.with_suffix(".semc")
    assert semcodec_command("encode", photo, target, "--bytes", 300, "--caption", "Two macaws.").code == 0
    return target.read_bytes()


def test_texts_on_stdin_and_in_files_are_the_file_again(semcodec_command: Callable, coded: bytes, tmp_path: Path):
    packets = semcodec.split(coded, mtu=128)
    lines = "".join(f"12:0{n} hut: {as_text(packet)}\r\n" for n, packet in enumerate(packets))
    ended = semcodec_command("join", "-", "-", stdin=lines.encode())
    assert (ended.code, ended.out) == (0, coded)
    (tmp_path / "chat.txt").write_text(f"Grüße!\n{lines}bye\n", "utf-8")
    ended = semcodec_command("join", tmp_path / "chat.txt", tmp_path / "again.semc")
    assert ended.code == 0 and (tmp_path / "again.semc").read_bytes() == coded
    assert "left out" not in ended.err


def test_texts_and_packets_in_one_folder_are_joined(semcodec_command: Callable, coded: bytes, tmp_path: Path):
    first, *others = semcodec.split(coded, mtu=128)
    folder = tmp_path / "mixed"
    folder.mkdir()
    (folder / "first.semp").write_bytes(first)
    (folder / "chat.txt").write_text("\n".join(map(as_text, [*others, first])))
    ended = semcodec_command("join", folder, "-", "-v")
    assert (ended.code, ended.out) == (0, coded)
    assert "first.semp: left out: a duplicate of packet 0" in ended.err


def test_a_chat_without_packets_is_no_packet(semcodec_command: Callable, tmp_path: Path):
    ended = semcodec_command("join", "-", tmp_path / "x.png", stdin=b"hello there\n" * 10_000)
    assert ended.code == 1 and "no good packet" in ended.err and ended.err.count("\n") == 1
