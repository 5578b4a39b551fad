"""Where pictures and results lie: every address that fsspec opens (`s3://bucket/photos`, `gs://`, a local path).

Promise: a file that is written here is there whole or not at all. A local one is written beside its name and renamed;
an object store shows an object when it is closed.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from semcodec.errors import SemcodecError
from semcodec.extras import require


class PlaceError(SemcodecError):
    """An address that cannot be opened, or leads to nothing."""


@dataclass(frozen=True)
class Place:
    """A file or a folder. `system` is of fsspec, and can be pickled; `path` is as it wants it, `address` as typed."""

    system: Any
    path: str
    address: str

    @classmethod
    def at(cls, address: str | os.PathLike[str]) -> Place:
        """Raises `PlaceError` where the protocol is unknown, or its package is not installed; `MissingExtraError` where
        fsspec is not.
        """
        address, core = os.fspath(address), require("fsspec.core", extra="jobs")
        try:
            system, path = core.url_to_fs(address)
        except (ValueError, ImportError) as exc:
            raise PlaceError(f"{address}: {exc}") from exc
        return cls(system, path.rstrip("/") or path, address)

    def __truediv__(self, name: str) -> Place:
        return Place(self.system, f"{self.path.rstrip('/')}/{name}", f"{self.address.rstrip('/')}/{name}")

    @property
    def url(self) -> str:
        """The address for other processes and machines, whose current folder is another one."""
        return self.path if self.is_local else str(self.system.unstrip_protocol(self.path))

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1]

    @property
    def is_local(self) -> bool:
        return "file" in self.system.protocol

    def exists(self) -> bool:
        return bool(self.system.exists(self.path))

    def is_folder(self) -> bool:
        return bool(self.system.isdir(self.path))

    def open(self) -> contextlib.AbstractContextManager[BinaryIO]:
        """To be read. Raises OSError."""
        return cast("contextlib.AbstractContextManager[BinaryIO]", self.system.open(self.path, "rb"))

    def read(self) -> bytes:
        """Raises OSError."""
        return bytes(self.system.cat_file(self.path))

    def write(self, data: bytes) -> None:
        """The folder is made where it is missing. Raises OSError."""
        self.system.makedirs(self.system._parent(self.path), exist_ok=True)
        if self.is_local:
            from semcodec.files import write_atomic

            write_atomic(self.path, data)
        else:
            self.system.pipe_file(self.path, data)

    def remove(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            self.system.rm_file(self.path)

    def names(self) -> list[str]:
        """Of the files that lie in this folder itself, sorted; none where there is no such folder."""
        self.system.invalidate_cache()
        try:
            found = self.system.ls(self.path, detail=True)
        except FileNotFoundError:
            return []
        return sorted(entry["name"].rsplit("/", 1)[-1] for entry in found if entry["type"] != "directory")

    def walk(self, unlisted: Callable[[str, str], None], *, but: frozenset[str] = frozenset()) -> Iterator[str]:
        """Paths of all files below this folder, relative to it, in a fixed order. What is hidden (`.name`) and the
        folders `but` are passed over. `unlisted` is told (folder, why) where one cannot be listed.
        """
        folders = [self.path]
        while folders:
            folder = folders.pop()
            try:
                entries = self.system.ls(folder, detail=True)
            except OSError as exc:
                unlisted(folder, f"cannot be listed: {exc.strerror or exc}")
                continue
            below = []
            for entry in sorted(entries, key=lambda entry: str(entry["name"])):
                path = entry["name"].rstrip("/")
                if path.rsplit("/", 1)[-1].startswith(".") or path in but or path == folder:
                    continue
                if entry["type"] == "directory":
                    below.append(path)
                else:
                    yield path[len(self.path) :].lstrip("/")
            folders += reversed(below)
