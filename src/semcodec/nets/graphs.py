"""A network's graphs, each opened when it is first run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from semcodec.nets.session import Session, open_session


class Graphs:
    """Named by their files, without suffix. Calls are safe from several threads."""

    def __init__(
        self, files: Mapping[str, Path], *, threads: int | None = None, sessions: dict[Path, Session] | None = None
    ) -> None:
        """`files`: file name -> file (`zoo.catalog.Package.files`). `sessions`: what is open, by file; networks that
        are given the same ones open a file once that both of them have.
        """
        self._files, self._threads = files, threads
        self._sessions: dict[Path, Session] = {} if sessions is None else sessions
        self._opened: dict[str, Session] = {}

    def opened(self, graph: str) -> Session:
        session = self._opened.get(graph)
        if session is None:
            path = self._files[f"{graph}.onnx"]
            session = self._sessions.get(path) or open_session(path, threads=self._threads)
            session = self._opened[graph] = self._sessions.setdefault(path, session)
        return session

    def run(self, graph: str, outputs: Sequence[str] | None = None, /, **inputs: Any) -> list[Any]:
        """The outputs that are named (None: all)."""
        return self.opened(graph).run(outputs, inputs)
