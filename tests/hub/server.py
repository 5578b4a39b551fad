"""A model hub of one's own: folders on 127.0.0.1, by the same addresses and headers as huggingface.co has."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit


@dataclass
class Hub:
    """`repositories`: ORG/NAME -> folder; `commit` is what `main` means in all of them. `asked`: paths, in order."""

    url: str
    repositories: dict[str, Path] = field(default_factory=dict)
    commit: str = "a" * 40
    gated: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def files(self, repository: str) -> dict[str, bytes]:
        folder = self.repositories[repository]
        paths = sorted(path for path in folder.rglob("*") if path.is_file())
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


@contextmanager
def running_hub() -> Iterator[Hub]:
    hub = Hub("")

    class Handler(_Handler):
        served = hub

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    served: Hub
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def log_message(self, *_: object) -> None:
        """Nothing: stderr belongs to what is tested."""

    def _answer(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.served.asked.append(f"{self.command} {path}")
        parts = path.strip("/").split("/")
        api = parts[:2] == ["api", "models"]
        repository = "/".join(parts[2:4] if api else parts[:2])
        rest = parts[4:] if api else parts[2:]
        if repository not in self.served.repositories:
            self._refuse(404, "RepoNotFound")
        elif repository in self.served.gated and not api:
            self._refuse(403, "GatedRepo")
        elif rest[1:2] and rest[1] not in ("main", self.served.commit):
            self._refuse(404, "RevisionNotFound")
        elif api:
            self._describe(repository, rest[0] if rest else "revision")
        else:
            self._send_file(repository, "/".join(rest[2:]))

    def _describe(self, repository: str, what: str) -> None:
        files = self.served.files(repository)
        if what == "tree":
            answer: object = [_tree_entry(name, data) for name, data in files.items()]
        else:
            answer = {
                "id": repository,
                "modelId": repository,
                "sha": self.served.commit,
                "private": False,
                "tags": [],
                "downloads": 0,
                "likes": 0,
                "siblings": [
                    {"rfilename": name, "size": len(data), "blobId": _blob(data)} for name, data in files.items()
                ],
                "cardData": {"license": "apache-2.0"},
                "config": {"model_type": json.loads(files.get("config.json", b"{}")).get("model_type")},
                "safetensors": {"parameters": {"F32": 1234}, "total": 1234},
            }
        self._send(200, json.dumps(answer).encode(), {"Content-Type": "application/json"})

    def _send_file(self, repository: str, name: str) -> None:
        data = self.served.files(repository).get(name)
        if data is None:
            self._refuse(404, "EntryNotFound")
        else:
            self._send(200, data, {"ETag": f'"{_blob(data)}"', "X-Repo-Commit": self.served.commit})

    def _refuse(self, status: int, code: str) -> None:
        self._send(status, b"{}", {"X-Error-Code": code, "X-Error-Message": code})

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)


def _tree_entry(name: str, data: bytes) -> dict[str, object]:
    return {"type": "file", "path": name, "size": len(data), "oid": _blob(data)}


def _blob(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
