"""`semcodec serve` as a user meets it."""

from __future__ import annotations

import http.client
import io
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

COMMAND = [sys.executable, "-m", "semcodec", "serve"]


def started(*arguments: object, **environment: str) -> tuple[subprocess.Popen[str], str]:
    """The process, and the line that it says first."""
    process = subprocess.Popen(
        [*COMMAND, *map(str, arguments)], stderr=subprocess.PIPE, text=True, env={**os.environ, **environment}
    )
    assert process.stderr is not None
    return process, process.stderr.readline()


def status_of(line: str, path: str = "/healthz", **headers: str) -> int:
    """The answer to a request, once the service is up."""
    found = re.search(r"http://([^:/]+|\[::1\]):(\d+)/", line)
    assert found, line
    for _ in range(200):
        try:
            connection = http.client.HTTPConnection(found[1].strip("[]"), int(found[2]), timeout=30)
            connection.request("GET", path, headers=headers)
            return connection.getresponse().status
        except ConnectionRefusedError:
            time.sleep(0.1)
        finally:
            connection.close()
    raise AssertionError("the service does not come up")


@pytest.mark.parametrize("way", [signal.SIGINT, signal.SIGTERM])
def test_a_folder_is_served_until_it_is_interrupted(tmp_path: Path, way: signal.Signals):
    process, line = started(tmp_path, "--port", 0)
    assert re.fullmatch(rf"semcodec: {tmp_path} is at http://127\.0\.0\.1:\d+/; Ctrl-C stops it\n", line)
    assert status_of(line) == 200
    assert status_of(line, "/search") == 200
    children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True).stdout
    assert len(children.split()) >= 2
    process.send_signal(way)
    _, rest = process.communicate(timeout=30)
    assert (process.returncode, rest) == (0, "semcodec: stopped\n")
    assert not any(os.path.exists(f"/proc/{number}") for number in children.split())


def test_work_in_progress_does_not_keep_it_from_ending(tmp_path: Path):
    out = io.BytesIO()
    Image.fromarray(np.random.default_rng(1).integers(0, 256, (1500, 1500, 3), np.uint8)).save(out, "PNG")
    process, line = started(tmp_path, "--port", 0)
    assert status_of(line) == 200
    port = int(re.search(r":(\d+)/", line)[1])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", "/encode?effort=9&picture=tokens&bytes=60000", out.getvalue())
    time.sleep(1)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, rest = process.communicate(timeout=60)
    connection.close()
    assert (process.returncode, rest) == (0, "semcodec: stopped\n")
    assert time.monotonic() - began < 30


def test_another_address_wants_a_token_and_one_is_made_and_printed(tmp_path: Path):
    process, line = started(tmp_path, "--host", "0.0.0.0", "--port", 0)
    try:
        token = re.search(r"\?token=([\w-]{32});", line)
        assert token, line
        assert status_of(line, "/search") == 401
        assert status_of(line, "/search", Authorization=f"Bearer {token[1]}") == 200
    finally:
        process.terminate()
        process.communicate(timeout=30)


def test_requests_are_told_where_that_is_asked_for_without_what_they_ask(tmp_path: Path):
    process, line = started(tmp_path, "--port", 0, "-v")
    assert status_of(line, "/search?q=secret") == 200
    assert status_of(line, "/%1b[2Jx?token=secret") == 404
    process.terminate()
    _, rest = process.communicate(timeout=30)
    found, absent, stopped = rest.splitlines()
    assert re.fullmatch(r"semcodec: 127\.0\.0\.1 GET /search 200, \d+ bytes, \d+\.\d\d s", found)
    assert absent.startswith("semcodec: 127.0.0.1 GET /\\u{001B}[2Jx 404, ")
    assert stopped == "semcodec: stopped" and "secret" not in rest


def test_the_variable_has_the_token_and_it_is_not_printed(tmp_path: Path):
    process, line = started(tmp_path, "--port", 0, SEMCODEC_TOKEN="a-long-enough-token")
    try:
        assert "token" not in line
        assert status_of(line, "/search") == 401
        assert status_of(line, "/search", Authorization="Bearer a-long-enough-token") == 200
    finally:
        process.terminate()
        process.communicate(timeout=30)


def test_a_port_that_is_taken_is_said_in_one_sentence(semcodec_command: Callable, tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = semcodec_command("serve", tmp_path, "--port", port)
    assert ended.code == 1
    assert ended.err == (
        f"semcodec: port {port} of 127.0.0.1 is taken by another program; name another with --port, or --port 0 for a "
        "free one\n"
    )


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["--host", "192.0.2.1"], 1, "no address of this machine"),
        (["--host", "no.such.host.invalid"], 1, "no address or name"),
        (["--port", "70000"], 2, "65535"),
        (["--port", "0", "--token", "short"], 2, "too easily guessed"),
    ],
)
def test_what_cannot_be_is_said(semcodec_command: Callable, tmp_path: Path, arguments: list, code: int, sentence: str):
    ended = semcodec_command("serve", tmp_path, *arguments)
    assert ended.code == code and sentence in " ".join(ended.err.split())


def test_a_folder_that_is_none_is_said(semcodec_command: Callable, tmp_path: Path):
    ended = semcodec_command("serve", tmp_path / "absent", "--port", 0)
    assert ended.code == 2 and "is not a folder" in ended.err


def test_without_the_extra_the_command_says_how_to_get_it(
    semcodec_command: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "starlette", None)
    ended = semcodec_command("serve", tmp_path)
    assert ended.code == 1 and "pip install 'semcodec[serve]'" in ended.err
