"""A real service on a free port: uvicorn in a thread, workers in processes, and a client that sends what it is told."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import semcodec
from semcodec.models import ModelSettings
from semcodec.service.app import Service
from semcodec.service.guard import Guard
from semcodec.service.options import ServiceOptions
from semcodec.service.server import listening_socket, make_server

ROOT = Path(__file__).resolve().parents[2]
# No restorer, and a describer that is known by heart: quick.
SETTINGS = ModelSettings(restorer=None, describer=str(ROOT / "tests" / "data" / "words-debug"), threads=1)


@dataclass(frozen=True)
class Answered:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def object(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def detail(self) -> str:
        """The sentence of a refusal, which is one as RFC 9457 has it."""
        assert self.headers["content-type"] == "application/problem+json", self
        assert self.object["status"] == self.status
        return str(self.object["detail"])


@dataclass(frozen=True)
class Running:
    """A service that runs."""

    port: int
    service: Service

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answered:
        """Header names are written with underscores."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, named)
            answer = connection.getresponse()
            return Answered(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Answered:
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: bytes, **headers: str) -> Answered:
        return self.ask("POST", path, body, **headers)


@contextlib.contextmanager
def running(folder: Path, **options: Any) -> Iterator[Running]:
    service = Service(ServiceOptions(folder=folder, **{"settings": SETTINGS, "num_workers": 1, **options}))
    told = service.options
    listening = listening_socket("127.0.0.1", 0)
    server = make_server(Guard(service.app(), token=told.token, hosts=told.hosts))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listening])))
    thread.start()
    try:
        yield Running(listening.getsockname()[1], service)
    finally:
        server.should_exit = True
        thread.join(30)
        listening.close()
    assert not thread.is_alive()


def small_picture(seed: int = 1) -> bytes:
    """A file whose picture is a grid of colours: no network is opened for it."""
    image_HWC = np.random.default_rng(seed).integers(0, 256, (24, 16, 3), np.uint8)
    return semcodec.encode(image_HWC, bytes=200, caption="Two dogs <b>run</b> on a beach.", language="en").data


@pytest.fixture(scope="session")
def dogs() -> bytes:
    return small_picture()


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory, dogs: bytes) -> Path:
    """Three pictures, one of them deeper; what is beside it is a stranger's."""
    place = tmp_path_factory.mktemp("service")
    folder = place / "album"
    (folder / "deep").mkdir(parents=True)
    (folder / "dogs.semc").write_bytes(dogs)
    grey = np.full((16, 16, 3), 90, np.uint8)
    hostile = semcodec.encode(grey, bytes=100, caption='"><script>alert(1)</script> \u202egpj', origin="machine")
    (folder / "deep" / "a 'b' & <c>.semc").write_bytes(hostile.data)
    (folder / "silent.semc").write_bytes(semcodec.encode(grey, bytes=60).data)
    (folder / "notes.txt").write_text("a secret")
    (folder / ".hidden.semc").write_bytes(dogs)
    (place / "outside.semc").write_bytes(dogs)
    (folder / "link.semc").symlink_to(place / "outside.semc")
    (folder / "linked").symlink_to(place)
    return folder


@pytest.fixture(scope="module")
def service(album: Path) -> Iterator[Running]:
    """One for all tests of a module."""
    with running(album) as found:
        yield found


@pytest.fixture
def serve() -> Iterator[Callable[..., Running]]:
    """`serve(folder, token=...)`: one of its own for a test."""
    with contextlib.ExitStack() as stack:
        yield lambda folder, **options: stack.enter_context(running(folder, **options))
