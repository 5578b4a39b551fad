"""Time, memory and work are bounded, whatever is sent and whoever goes."""

from __future__ import annotations

import contextlib
import http.client
import io
import json
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from .conftest import Running


@pytest.fixture(scope="module")
def long_work() -> bytes:
    """A picture that takes many seconds at effort 9."""
    out = io.BytesIO()
    Image.fromarray(np.random.default_rng(1).integers(0, 256, (1500, 1500, 3), np.uint8)).save(out, "PNG")
    return out.getvalue()


LONG = "/encode?effort=9&picture=tokens&bytes=60000&describe=false"


def until(is_so: Callable[[], object], seconds: float = 60) -> bool:
    began = time.monotonic()
    while not is_so():
        if time.monotonic() > began + seconds:
            return False
        time.sleep(0.05)
    return True


def sent(port: int, path: str, body: bytes, **headers: str) -> socket.socket:
    """A connection on which a request was sent and nothing was read."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)
    return connection


def answer_on(connection: socket.socket) -> http.client.HTTPResponse:
    """Its head; `read` gives the body."""
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    connection.close()  # (the answer holds on to it until it is read)
    return answer


def painters(found: Running) -> list[int]:
    return found.service.works.painter_ids


def test_a_body_that_is_too_long_is_refused_before_it_is_read(serve, tmp_path: Path):
    found = serve(tmp_path, max_body_bytes=1000)
    head = b"POST /info HTTP/1.1\r\nHost: localhost\r\n"
    connection = socket.create_connection(("127.0.0.1", found.port), timeout=30)
    connection.sendall(head + b"Content-Length: 1001\r\nExpect: 100-continue\r\n\r\n")
    assert connection.recv(12, socket.MSG_PEEK) == b"HTTP/1.1 413"  # (not 100)
    answer = answer_on(connection)
    assert answer.headers["Connection"] == "close" and b"more than 1000 bytes" in answer.read()
    connection = socket.create_connection(("127.0.0.1", found.port), timeout=30)
    connection.sendall(head + b"Transfer-Encoding: chunked\r\n\r\n" + b"3e9\r\n" + bytes(1001) + b"\r\n")
    answer = answer_on(connection)
    assert answer.status == 413 and answer.read()
    assert found.post("/info", bytes(1000)).status == 415


def test_a_body_that_does_not_come_is_not_waited_for(serve, tmp_path: Path):
    found = serve(tmp_path, body_s=0.3)
    connection = socket.create_connection(("127.0.0.1", found.port), timeout=30)
    connection.sendall(b"POST /info HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc")
    answer = answer_on(connection)
    assert answer.status == 408 and b"within 0.3 seconds" in answer.read()
    assert until(lambda: found.service.works.gate.num_works == 0)


def test_work_that_takes_too_long_ends_with_its_process(serve, tmp_path: Path, long_work: bytes, dogs: bytes):
    found = serve(tmp_path, work_s=8)
    assert found.post("/decode", dogs).status == 200
    (worker,) = painters(found)
    began = time.monotonic()
    answer = found.post(LONG, long_work)
    assert (answer.status, answer.object["detail"][:29]) == (504, "it took longer than 8 seconds")
    assert time.monotonic() - began < 30
    assert not os.path.exists(f"/proc/{worker}") and painters(found) == []
    assert found.post("/decode", dogs).status == 200


def test_work_whose_client_has_gone_gives_way(serve, tmp_path: Path, long_work: bytes, dogs: bytes):
    found = serve(tmp_path, gone_s=0.2)
    assert found.post("/decode", dogs).status == 200
    (worker,) = painters(found)
    running, waiting = (sent(found.port, LONG, long_work) for _ in range(2))
    assert until(lambda: found.service.works.gate.num_works == 2)
    waiting.close()
    assert until(lambda: found.service.works.gate.num_works == 1)  # it was dropped where it waited
    assert painters(found) == [worker]
    running.close()
    assert until(lambda: found.service.works.gate.num_works == 0)
    assert not os.path.exists(f"/proc/{worker}")
    assert found.post("/decode", dogs).status == 200


def test_who_asks_for_too_much_is_told_when_to_come_again(serve, tmp_path: Path, long_work: bytes, dogs: bytes):
    found = serve(tmp_path, max_works_each=2, gone_s=0.1)
    busy = [sent(found.port, LONG, long_work) for _ in range(2)]
    assert until(lambda: found.service.works.gate.num_works == 2)
    answer = found.post("/decode", dogs)
    assert (answer.status, answer.headers["retry-after"]) == (429, "2")
    assert found.get("/healthz").status == 200
    for connection in busy:
        connection.close()
    assert until(lambda: found.service.works.gate.num_works == 0)
    assert found.post("/decode", dogs).status == 200


def test_who_waits_too_long_for_a_worker_is_told_so(serve, tmp_path: Path, long_work: bytes, dogs: bytes):
    found = serve(tmp_path, wait_s=0.3, gone_s=0.1)
    busy = sent(found.port, LONG, long_work)
    assert until(lambda: painters(found))
    answer = found.post("/decode", dogs)
    assert (answer.status, answer.headers["retry-after"]) == (503, "2")
    assert "no worker was free for 0.3 seconds" in answer.detail
    busy.close()


def test_a_search_does_not_wait_for_pictures(serve, tmp_path: Path, long_work: bytes):
    found = serve(tmp_path, gone_s=0.1)
    assert until(lambda: found.get("/search").status == 200)
    busy = sent(found.port, LONG, long_work)
    assert until(lambda: painters(found))
    assert found.get("/search?q=dog").status == 200
    assert found.service.works.gate.num_works == 1
    busy.close()


def test_a_worker_that_dies_takes_only_its_work_along(serve, tmp_path: Path, long_work: bytes, dogs: bytes):
    found = serve(tmp_path)
    busy = sent(found.port, LONG, long_work)
    assert until(lambda: painters(found))
    time.sleep(0.5)
    os.kill(painters(found)[0], signal.SIGKILL)
    answer = answer_on(busy)
    assert answer.status == 503 and b"the process that worked on it has ended" in answer.read()
    assert found.post("/decode", dogs).status == 200


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="needs Linux")
def test_a_picture_that_wants_too_much_memory_is_refused_and_the_worker_goes_on(serve, tmp_path: Path, dogs: bytes):
    found = serve(tmp_path, worker_bytes=200 << 20)
    assert found.post("/decode", dogs).status == 200
    out = io.BytesIO()
    Image.new("RGB", (7000, 7000)).save(out, "PNG")
    answer = found.post("/encode?bytes=1000&describe=false", out.getvalue())
    assert (answer.status, answer.object["error"]) == (413, "MemoryError")
    assert found.post("/decode", dogs).status == 200


def test_pixels_have_a_limit(serve, tmp_path: Path):
    found = serve(tmp_path)
    out = io.BytesIO()
    Image.new("1", (8000, 8000)).save(out, "PNG")
    assert len(out.getvalue()) < 20_000
    answer = found.post("/encode", out.getvalue())
    assert answer.status == 413 and "max_pixels=50000000" in answer.detail


def test_clients_that_come_and_go_leave_nothing_behind(serve, tmp_path: Path, dogs: bytes):
    found = serve(tmp_path, gone_s=30)

    def come_and_go(number: int) -> None:
        for _ in range(20):
            connection = sent(found.port, "/decode", dogs[: 5 + number])
            with contextlib.suppress(ConnectionError), connection:  # (there may be too many for a moment)
                if number % 2:
                    connection.recv(10)

    threads = [threading.Thread(target=come_and_go, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert until(lambda: found.service.works.gate.num_works == 0)
    assert found.post("/decode", dogs).status == 200
    assert len(painters(found)) == 1


def test_hostile_bodies_are_refused_in_a_sentence(serve, tmp_path: Path, dogs: bytes, photo_path: Path):
    found = serve(tmp_path)
    draw = np.random.default_rng(5)
    out = io.BytesIO()
    with Image.open(photo_path) as photo:
        photo.crop((0, 0, 64, 48)).save(out, "JPEG")
    for number in range(60):
        good, path = ((dogs, "/decode"), (dogs, "/info"), (out.getvalue(), "/describe"), (out.getvalue(), "/encode"))[
            number % 4
        ]
        bad = bytearray(good)
        for at in draw.integers(0, len(bad), 3):
            bad[at] = draw.integers(0, 256)
        if number % 3 == 0:
            del bad[draw.integers(1, len(bad)) :]
        answer = found.post(path, bytes(bad))
        assert answer.status in {200, 413, 415, 422}, (number, answer)
        if answer.status != 200:
            assert json.loads(answer.body)["detail"]
