"""Reticulum, with the real packages: two processes whose interfaces are joined by UDP on this machine."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import semcodec
from semcodec.radio.adapters.opening import open_transport
from semcodec.radio.sending import Outgoing
from semcodec.radio.transport import TransportError

CONFIG = """\
[reticulum]
  enable_transport = No
  share_instance = No
[interfaces]
  [[both]]
    type = UDPInterface
    enabled = yes
    listen_ip = 127.0.0.1
    listen_port = {listen}
    forward_ip = 127.0.0.1
    forward_port = {forward}
"""


QUICK = ("--duty-cycle", "100%", "--sf", "5", "--bw", "500")  # (no radio is between them)


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def radio(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "semcodec", "radio", *arguments, *QUICK]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)


def test_a_picture_crosses_reticulum_between_two_processes(macaws: Outgoing, tmp_path: Path):
    one, other = free_ports(2)
    for name, listen, forward in (("a", one, other), ("b", other, one)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config").write_text(CONFIG.format(listen=listen, forward=forward))
    data = semcodec.join(macaws.packets).data
    (tmp_path / "photo.semc").write_bytes(data)
    heard = tmp_path / "heard"
    listener = radio(
        "listen", str(heard), "--via", f"lxmf:?config={tmp_path}/b", "--pictures", "1", "--patience", "0.2",
        "--wait", "60",
    )  # fmt: skip
    assert listener.stderr is not None
    address = re.search("lxmf ([0-9a-f]{32}): listening", listener.stderr.readline())
    assert address is not None
    sender = radio(
        "send", f"{tmp_path}/photo.semc", "--via", f"lxmf://{address[1]}?config={tmp_path}/a", "--mtu", "100"
    )
    said = sender.communicate(timeout=60)[1]
    assert sender.returncode == 0, said
    assert f"{address[1]} asks for it" in said and f"{address[1]} wants no more of it" in said
    said = listener.communicate(timeout=30)[1]
    assert listener.returncode == 0 and "1 whole" in said, said
    (folder,) = heard.glob("*-*")
    assert (folder / "picture.semc").read_bytes() == data
    assert re.fullmatch("[0-9a-f]{32}", json.loads((folder / "report.json").read_text())["sender"])


@pytest.mark.parametrize(
    ("address", "sentence"),
    [("lxmf://abcd", "32 hexadecimal digits"), ("lxmf:?confg=x", "no option confg; there are: config")],
)
def test_what_cannot_be_opened_is_one_sentence(address: str, sentence: str):
    with pytest.raises(TransportError, match=sentence):
        open_transport(address)
