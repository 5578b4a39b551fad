"""Addresses, and what holds before a request is one."""

from __future__ import annotations

import contextlib
import socket
import time
from pathlib import Path

import pytest

from semcodec.service import guard, server
from semcodec.service.server import AddressError, address_of, is_loopback, listening_socket

from .conftest import Running


def test_addresses_are_told_as_a_browser_takes_them():
    for host, url, loopback in (
        ("127.0.0.1", "127.0.0.1", True),
        ("0.0.0.0", "127.0.0.1", False),
        ("::1", "[::1]", True),
    ):
        try:
            with listening_socket(host, 0) as listening:
                assert address_of(listening) == f"http://{url}:{listening.getsockname()[1]}/"
                assert is_loopback(listening) is loopback
        except AddressError:
            assert ":" in host  # (a machine without IPv6)


def closed_after(connection: socket.socket, seconds: float) -> bool:
    connection.settimeout(seconds)
    try:
        while connection.recv(1000):
            pass
    except TimeoutError:
        return False
    except ConnectionError:
        return True
    return True


@pytest.mark.parametrize("begun", [b"", b"GET / HT", b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: "])
def test_a_connection_that_does_not_say_what_it_wants_is_closed(
    serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begun: bytes
):
    monkeypatch.setattr(server, "HEAD_S", 0.3)
    found = serve(tmp_path)
    with socket.create_connection(("127.0.0.1", found.port)) as connection:
        connection.sendall(begun)
        assert closed_after(connection, 10)


def test_nor_does_one_that_has_had_an_answer_say_its_next_wish_byte_by_byte(
    serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(server, "HEAD_S", 0.5)
    found = serve(tmp_path)
    with socket.create_connection(("127.0.0.1", found.port), timeout=10) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"200" in connection.recv(1000)
        ended = False
        for byte in b"GET /healthz HTTP/1.1\r\nHost: localhost" * 3:
            try:
                connection.sendall(bytes([byte]))
            except ConnectionError:
                ended = True
                break
            time.sleep(0.03)
        assert ended or closed_after(connection, 5)


def test_one_client_has_only_so_many_connections(service: Running, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(server, "MAX_CONNECTIONS_EACH", 3)
    time.sleep(0.2)
    open_ones = [socket.create_connection(("127.0.0.1", service.port)) for _ in range(3)]
    time.sleep(0.2)
    with socket.create_connection(("127.0.0.1", service.port)) as one_more:
        assert closed_after(one_more, 10)
    for connection in open_ones:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"200" in connection.recv(1000)
        connection.close()
    time.sleep(0.2)
    assert service.get("/healthz").status == 200


@pytest.mark.parametrize(
    "sent",
    [b"\x16\x03\x01\x02\x00\x01\x00", b"GET\r\n\r\n", b"\0" * 100, b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
     b"POST /info HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
     b"POST /info HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"y" * 40_000 + b"\r\n\r\n",
     b"GET /\xff HTTP/1.1\r\nHost: localhost\r\n\r\n", b"GET /%ff%fe?%ff=%ff HTTP/1.1\r\nHost: localhost\r\n\r\n",
     b"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n",
     b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"],
)  # fmt: skip
def test_what_is_no_request_ends_in_no_500(service: Running, sent: bytes):
    with socket.create_connection(("127.0.0.1", service.port), timeout=20) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        try:
            while chunk := connection.recv(10_000):
                answer += chunk
        except ConnectionError:
            pass
    assert not answer.startswith(b"HTTP/1.1 5")
    assert service.get("/healthz").status == 200


def test_a_client_that_does_not_take_its_answer_is_let_go(
    serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(guard, "SEND_S", 0.3)
    (tmp_path / "large.semc").write_bytes(bytes(20_000_000))
    found = serve(tmp_path, max_body_bytes=1 << 25)
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", found.port))
        connection.sendall(b"GET /files/large.semc HTTP/1.1\r\nHost: localhost\r\n\r\n")
        time.sleep(2)
        assert found.service.works.gate.num_works == 0
        taken = 0
        with contextlib.suppress(ConnectionError):
            while chunk := connection.recv(1 << 20):
                taken += len(chunk)
        assert 0 < taken < 20_000_000
    assert len(found.get("/files/large.semc").body) == 20_000_000
    assert "Traceback" not in capfd.readouterr().err


def test_answers_that_are_not_taken_count_as_held(serve, tmp_path: Path):
    (tmp_path / "large.semc").write_bytes(bytes(8_000_000))
    found = serve(tmp_path, held_bytes=10_000_000)
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", found.port))
        connection.sendall(b"GET /files/large.semc HTTP/1.1\r\nHost: localhost\r\n\r\n")
        time.sleep(0.5)
        assert found.get("/files/large.semc").status == 503
        assert found.get("/healthz").status == 200
    time.sleep(0.5)
    assert found.get("/files/large.semc").status == 200
