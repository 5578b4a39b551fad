"""`semcodec radio`: a picture crosses from one process to another, and how the commands end."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from semcodec.radio.adapters.udp import UdpTransport
from semcodec.radio.transport import Datagram


@pytest.fixture
def coded(semcodec_command: Callable, photo: Path) -> Path:
    target = photo.with_suffix(".semc")
    arguments = ("--bytes", 600, "--caption", "Two macaws.", "--picture", "tokens")
    assert semcodec_command("encode", photo, target, *arguments).code == 0
    return target


@pytest.fixture
def port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Listening:
    """`semcodec radio listen` in a process of its own, which is listening when it is made."""

    def __init__(self, log: Path, *arguments: object) -> None:
        command = [sys.executable, "-m", "semcodec", "radio", "listen", *map(str, arguments)]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        self._log = log
        with log.open("w") as stderr:
            self._process = subprocess.Popen(command, stderr=stderr, env=environment)
        while "listening" not in log.read_text():
            assert self._process.poll() is None, log.read_text()
            time.sleep(0.02)

    def ended(self) -> tuple[int, str]:
        return self._process.wait(timeout=60), self._log.read_text()

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()


@pytest.fixture
def listening(tmp_path: Path, port: int) -> Iterator[Callable[..., Listening]]:
    made: list[Listening] = []

    def listen(*arguments: object) -> Listening:
        made.append(Listening(tmp_path / f"log{len(made)}", tmp_path / "heard", "--via", f"udp://:{port}", *arguments))
        return made[-1]

    yield listen
    for each in made:
        each.stop()


def test_a_picture_crosses_a_channel_that_loses_and_doubles(
    semcodec_command: Callable, listening: Callable, coded: Path, port: int, tmp_path: Path
):
    listener = listening("--pictures", 1, "--patience", 0.3)
    via = f"udp://127.0.0.1:{port}?loss=0.25&duplicates=0.2&reordered=0.2&seed=4&mtu=80"
    ended = semcodec_command("radio", "send", coded, "--via", via, "--wait", 20)
    assert ended.code == 0 and ended.out == b"", ended.err
    assert "127.0.0.1 asks for it" in ended.err and "wants no more of it" in ended.err
    code, said = listener.ended()
    assert code == 0 and f'"Two macaws.", 320x240: whole, {coded.stat().st_size} bytes' in said, said
    (folder,) = (tmp_path / "heard").glob("*-127-0-0-1")
    assert (folder / "picture.semc").read_bytes() == coded.read_bytes()
    assert (folder / "picture.png").exists()
    assert json.loads((folder / "report.json").read_text())["state"] == "whole"


def test_a_listener_that_was_stopped_goes_on_where_it_was(
    semcodec_command: Callable, listening: Callable, coded: Path, port: int, tmp_path: Path
):
    first = listening("--want", "none", "--wait", 1)
    via = f"udp://127.0.0.1:{port}?mtu=80"
    lossy = f"{via}&loss=0.5&seed=2"
    assert semcodec_command("radio", "send", coded, "--via", lossy, "--all", "--wait", 0).code == 0
    code, said = first.ended()
    assert code == 3 and "1 not whole" in said
    second = listening("--pictures", 1, "--patience", 0.2)
    ended = semcodec_command("radio", "send", coded, "--via", via, "--wait", 20)
    code, said = second.ended()
    assert (ended.code, code) == (0, 0)
    assert "packets from before" in said
    (folder,) = (tmp_path / "heard").glob("*-127-0-0-1")
    assert (folder / "picture.semc").read_bytes() == coded.read_bytes()


def test_where_nobody_asks_a_sentence_says_so(semcodec_command: Callable, coded: Path, port: int):
    ended = semcodec_command("radio", "send", coded, "--via", f"udp://127.0.0.1:{port}", "--wait", 0.2)
    assert ended.code == 1
    assert "nobody has asked for it in 0.2 seconds; --all sends it unasked" in ended.err


def test_sending_all_at_once_needs_nobody(semcodec_command: Callable, coded: Path):
    hears = UdpTransport()
    via = f"udp://127.0.0.1:{hears.port}?mtu=100"
    ended = semcodec_command("radio", "send", coded, "--via", via, "--all", "--repair", 2, "--wait", 0)
    assert ended.code == 0 and "packets sent" in ended.err
    heard = []
    while isinstance(datagram := hears.receive(0.1), Datagram):
        heard.append(datagram.data)
    assert heard[0][0] == 0xF5 and {data[0] for data in heard[1:]} <= set(range(0xF8, 0xFD)) and len(heard) > 6
    assert [data[0] for data in heard].count(0xFC) == 2  # (repair packets)
    hears.close()


def test_before_sending_it_says_what_it_costs(semcodec_command: Callable, coded: Path, port: int):
    via = f"udp://127.0.0.1:{port}?link=meshtastic"
    ended = semcodec_command("radio", "send", coded, "--via", via, "--wait", 0.1, "--sf", 9)
    assert "s on the air (SF9, 250 kHz, 4/5)" in ended.err and "at a duty cycle of 10 %" in ended.err


def test_a_listener_that_hears_nothing_ends_with_1(semcodec_command: Callable, port: int, tmp_path: Path):
    ended = semcodec_command("radio", "listen", tmp_path / "heard", "--via", f"udp://:{port}", "--wait", 0.1)
    assert ended.code == 1 and "0 whole" in ended.err


@pytest.mark.parametrize(
    ("via", "module", "package"),
    [
        ("meshtastic://x", "meshtastic.tcp_interface", "meshtastic"),
        ("meshcore://x", "meshcore", "meshcore"),
        ("kiss://x", "serial", "pyserial"),
        ("mqtt://x/y", "paho.mqtt.client", "paho-mqtt"),
        ("lxmf:", "RNS", "rns"),
    ],
)
def test_a_missing_package_is_one_sentence_with_the_command(
    semcodec_command: Callable, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, via: str, module: str, package: str
):
    monkeypatch.setitem(sys.modules, module, None)
    ended = semcodec_command("radio", "listen", tmp_path / "heard", "--via", via)
    assert ended.code == 1 and ended.err.count("\n") == 1
    assert f"pip install {package}, or pip install 'semcodec[radio]' for all" in ended.err


def test_no_package_of_a_radio_is_imported_for_another(tmp_path: Path, port: int):
    arguments = ["semcodec", "radio", "listen", str(tmp_path / "heard"), "--via", f"udp://:{port}", "--wait", "0"]
    packages = {"meshtastic", "meshcore", "serial", "paho", "RNS", "LXMF", "reedsolo", "onnxruntime"}
    code = (
        f"import sys; sys.argv = {arguments}; from semcodec.cli import main; main();"
        f"print(sorted({packages} & set(sys.modules)))"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout == "[]\n"


def test_what_goes_wrong_is_one_sentence(semcodec_command: Callable, coded: Path, port: int, tmp_path: Path):
    via = f"udp://127.0.0.1:{port}"
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "words.semc").write_text("these are words")
    cases = [
        (["radio", "send", tmp_path / "absent.semc", "--via", via], "absent.semc: No such file"),
        (["radio", "send", tmp_path / "words.semc", "--via", via], "words.semc: no semcodec file"),
        (["radio", "send", coded, "--via", "pigeon://x"], "no such radio; there are kiss:"),
        (["radio", "send", coded, "--via", f"{via}?loss=7"], "loss=7.0 is not within 0..1"),
        (["radio", "listen", tmp_path / "file", "--via", f"udp://:{port}"], "file"),
    ]
    for arguments, sentence in cases:
        ended = semcodec_command(*arguments)
        assert ended.code == 1, arguments
        assert sentence in ended.err and ended.err.count("\n") == 1, ended.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["radio", "send", "x.semc"],
        ["radio", "send", "x.semc", "--via", ""],
        ["radio", "send", "x.semc", "--via", "udp://127.0.0.1:9", "--mtu", "39"],
        ["radio", "send", "x.semc", "--via", "udp://127.0.0.1:9", "--mtu", "400"],
        ["radio", "send", "x.semc", "--via", "udp://:0"],
        ["radio", "send", "x.semc", "--via", "udp://127.0.0.1:9?link=sms", "--sf", "9"],
        ["radio", "listen", "d"],
        ["radio", "listen", "d", "--via", "udp://:0", "--want", "some"],
        ["radio", "listen", "d", "--via", "udp://:0", "--limit", "max_moons=1"],
        ["radio", "listen", "d", "--via", "udp://:0", "--limit", "max_bytes=many"],
        ["radio", "receive"],
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2(semcodec_command: Callable, arguments: list[str]):
    ended = semcodec_command(*arguments)
    assert ended.code == 2 and "Usage:" in ended.err
