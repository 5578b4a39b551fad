"""`semcodec split` and `semcodec join`: packets as files, what is said about them, and how the commands end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import semcodec


@pytest.fixture
def coded(semcodec_command: Callable, photo: Path) -> Path:
    """A small file with words."""
    target = photo.with_suffix(".semc")
    assert semcodec_command("encode", photo, target, "--bytes", 400, "--caption", "Two macaws.").code == 0
    return target


@pytest.fixture
def packets(semcodec_command: Callable, coded: Path, tmp_path: Path) -> Path:
    """A folder with its packets."""
    folder = tmp_path / "sent" / "packets"
    ended = semcodec_command("split", coded, folder, "--mtu", 51)
    assert (ended.code, ended.out) == (0, b"")
    sizes = [path.stat().st_size for path in folder.iterdir()]
    assert ended.err == f"semcodec: {folder}: {len(sizes)} packets, {sum(sizes)} bytes\n"
    return folder


def test_packets_that_all_arrive_are_the_file_again(
    semcodec_command: Callable, coded: Path, packets: Path, tmp_path: Path
):
    files = sorted(packets.iterdir())
    assert max(file.stat().st_size for file in files) <= 51
    assert {file.suffix for file in files} == {".semp"} and len(files) > 5
    ended = semcodec_command("join", packets, tmp_path / "again.semc", "--quiet")
    assert (ended.code, ended.out, ended.err) == (0, b"", "")
    assert (tmp_path / "again.semc").read_bytes() == coded.read_bytes()
    ended = semcodec_command("join", *reversed(files), "-")
    assert (ended.code, ended.out) == (0, coded.read_bytes())


def test_a_picture_is_painted_from_the_packets_that_arrived(
    semcodec_command: Callable, coded: Path, packets: Path, tmp_path: Path
):
    whole, part = tmp_path / "whole.png", tmp_path / "part.png"
    assert semcodec_command("join", packets, whole).code == 0
    with Image.open(whole) as picture:
        assert np.array_equal(np.asarray(picture), semcodec.decode(coded.read_bytes()))
    files = sorted(packets.iterdir())
    for file in (files[3], files[4], files[-1]):
        file.unlink()
    ended = semcodec_command("join", packets, part)
    assert ended.code == 3
    last = len(files) - 1
    assert f"3 of {len(files)} packets of file {files[0].name[:4]} are missing (3-4, {last})" in ended.err
    joined = semcodec.join([file.read_bytes() for file in sorted(packets.iterdir())])
    with Image.open(part) as picture:
        assert np.array_equal(np.asarray(picture), semcodec.render(joined.reading.scene))
    assert semcodec_command("join", packets, tmp_path / "part.semc").code == 3
    assert (tmp_path / "part.semc").read_bytes() == joined.data


def test_names_sort_in_the_order_to_send_copies_too(semcodec_command: Callable, coded: Path, tmp_path: Path):
    folder = tmp_path / "copies"
    ended = semcodec_command("split", coded, folder, "--mtu", 51, "--repeat-first", 3, "-v")
    assert ended.code == 0
    sent = semcodec.split(coded.read_bytes(), mtu=51, repeat_first=3)
    assert [file.read_bytes() for file in sorted(folder.iterdir())] == sent
    assert f"{len(sent)} packets, {sum(map(len, sent))} bytes" in ended.err
    (folder / sorted(file.name for file in folder.iterdir())[0]).unlink()
    ended = semcodec_command("join", folder, tmp_path / "x.semc")
    assert ended.code == 0
    assert "left out: 2 duplicate" in ended.err


def test_repair_packets_give_what_did_not_arrive(semcodec_command: Callable, coded: Path, tmp_path: Path):
    folder = tmp_path / "repaired"
    assert semcodec_command("split", coded, folder, "--mtu", 51, "--repair", 3).code == 0
    files = sorted(folder.iterdir())
    assert [file.name for file in files[-3:]] == [
        f"{files[0].name[:4]}-{len(files) - n:03}.repair.semp" for n in (3, 2, 1)
    ]
    for file in (files[0], files[4], files[-1]):
        file.unlink()
    ended = semcodec_command("join", folder, tmp_path / "again.semc")
    assert ended.code == 0 and "2 packets repaired" in ended.err
    assert (tmp_path / "again.semc").read_bytes() == coded.read_bytes()
    files[1].unlink()
    ended = semcodec_command("join", folder, tmp_path / "x.semc")
    assert ended.code == 1 and "is whole with 1 more" in ended.err and ended.err.count("\n") == 1


def test_what_is_missing_is_printed_and_sent_again(
    semcodec_command: Callable, coded: Path, packets: Path, tmp_path: Path
):
    files = sorted(packets.iterdir())
    number = files[0].name[:4]
    for file in (files[0], files[2], files[3]):
        file.unlink()
    ended = semcodec_command("join", "--missing", packets)
    last = len(files)
    assert (ended.code, ended.err, ended.out.decode()) == (3, "", f"{number}:0,2-3,{last}-\n")
    again = tmp_path / "again"
    assert semcodec_command("split", coded, again, "--mtu", 51, "--only", ended.out.decode().strip()).code == 0
    assert [file.name for file in sorted(again.iterdir())] == [files[n].name for n in (0, 2, 3)]
    ended = semcodec_command("join", "--missing", packets, again, "--file", number)
    assert (ended.code, ended.out.decode()) == (0, f"{number}:\n")
    ended = semcodec_command("split", coded, tmp_path / "none", "--mtu", 51, "--only", f"{number}:")
    assert ended.code == 0 and "nothing is asked for" in ended.err
    ended = semcodec_command("split", coded, tmp_path / "none", "--mtu", 52, "--only", f"{number}:1")
    assert ended.code == 1 and f"asks for packets of file {number}" in ended.err and ended.err.count("\n") == 1
    assert not list((tmp_path / "none").iterdir())


def test_strangers_are_counted_or_named_and_damage_is_always_named(
    semcodec_command: Callable, coded: Path, packets: Path, tmp_path: Path
):
    (packets / "notes.txt").write_text("not a packet")
    (packets / ".hidden").write_text("not looked at")
    (packets / "large.bin").write_bytes(bytes(200_000))
    stranger = semcodec.split(coded.read_bytes(), mtu=200)[0]
    (packets / "stranger.semp").write_bytes(stranger)
    broken = bytearray(sorted(packets.glob("*-004.semp"))[0].read_bytes())
    broken[-1] ^= 1
    (packets / "zbroken.semp").write_bytes(broken)
    ended = semcodec_command("join", packets, tmp_path / "x.semc")
    assert ended.code == 0
    assert "zbroken.semp: left out: a damaged packet" in ended.err
    assert "left out: 1 of another file, 2 that is no packet" in ended.err
    assert "notes.txt" not in ended.err
    ended = semcodec_command("join", packets, tmp_path / "x.semc", "-v")
    assert all(name in ended.err for name in ("notes.txt", "large.bin", "stranger.semp", "zbroken.semp"))
    number = f"{int.from_bytes(stranger[1:3], 'big'):04x}"
    ended = semcodec_command("join", packets, tmp_path / "x.semc", "--file", number)
    assert ended.code == 3 and f"of file {number} are missing" in ended.err


def test_what_goes_wrong_is_one_sentence(semcodec_command: Callable, coded: Path, packets: Path, tmp_path: Path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "words.semc").write_text("these are words")
    without_first = sorted(packets.iterdir())[1:]
    cases = [
        (["split", tmp_path / "absent.semc", tmp_path / "d", "--mtu", 51], "No such file"),
        (["split", tmp_path / "words.semc", tmp_path / "d", "--mtu", 51], "no semcodec file"),
        (["split", coded, tmp_path / "words.semc", "--mtu", 51], "words.semc cannot be made"),
        (["join", packets, tmp_path / "absent", tmp_path / "x.png"], "No such file"),
        (["join", tmp_path / "empty", tmp_path / "x.png"], "no good packet"),
        (["join", "--missing", tmp_path / "empty"], "no good packet"),
        (["split", coded, tmp_path / "d", "--mtu", 51, "--only", "x"], "is no list of packets"),
        (["split", coded, tmp_path / "d", "--mtu", 42, "--repair", 1], "give an MTU of 43 or more"),
        (["join", *without_first, tmp_path / "x.png"], "the first packet of file"),
        (["join", packets, tmp_path / "no" / "folder" / "x.semc"], "cannot be written"),
    ]
    for arguments, sentence in cases:
        ended = semcodec_command(*arguments)
        assert ended.code == 1, arguments
        assert sentence in ended.err and ended.err.count("\n") == 1, ended.err
    assert not (tmp_path / "x.png").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["split", "a.semc", "d"],
        ["split", "a.semc", "d", "--mtu", "39"],
        ["split", "a.semc", "d", "--mtu", "70000"],
        ["split", "a.semc", "d", "--mtu", "51", "--repair", "-1"],
        ["join", "x.png"],
        ["join", "d", "x.txt"],
        ["join", "d", "x.png", "--file", "3fa"],
        ["join", "d", "x.png", "--file", "wxyz"],
    ],
)
def test_wrong_usage_ends_with_2(semcodec_command: Callable, arguments: list[str]):
    assert semcodec_command(*arguments).code == 2
