"""From a name that a client gives to a file of the folder, and to no other file.

A name is parted by `/`. Refused are names that are absolute or lead up, hidden ones, those with a NUL, and on Windows
those with a backslash, a colon or the name of a device. On the way no link is followed, neither of a folder nor of a
file: on systems with `openat` each part is opened from the one before it, so that nothing that is exchanged meanwhile
leads out either.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from semcodec.mime import SUFFIX
from semcodec.service.problems import Refusal

_PORTS = (*map(str, range(10)), "¹", "²", "³")
_DEVICES = {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", *(kind + n for kind in ("COM", "LPT") for n in _PORTS)}
_MAX_CHARS = 4096
_IS_OPENAT_THERE = os.open in os.supports_dir_fd and hasattr(os, "O_NOFOLLOW") and hasattr(os, "O_DIRECTORY")


@dataclass(frozen=True, slots=True)
class FolderFile:
    """`stamp`: another one where the file has changed."""

    name: str
    data: bytes
    stamp: str


def parts_of(name: str, *, windows: bool = os.name == "nt") -> list[str] | None:
    """The parts of a name; None for one that is refused."""
    parts = name.split("/")
    if len(name) > _MAX_CHARS or "\0" in name or not parts[-1].lower().endswith(SUFFIX):
        return None
    for part in parts:
        if not part or part.startswith("."):  # (empty: it begins with a slash, or has two)
            return None
        if windows and (
            any(sign in part for sign in '\\:*?"<>|')
            or part[-1] in ". "
            or part.split(".")[0].rstrip().upper() in _DEVICES
        ):
            return None
    return parts


def read_file(folder: Path, name: str, *, max_bytes: int) -> FolderFile:
    """A file of the folder. Raises `Refusal`: 404 in the same words for every reason, 413 for too large a one."""
    parts = parts_of(name)
    if parts is None:
        raise _absent()
    try:
        descriptor = _opened(folder, parts)
    except (OSError, ValueError):
        raise _absent() from None
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise _absent()
    with open(descriptor, "rb") as file:
        data = file.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise Refusal(413, f"the file has more than the {max_bytes} bytes that are served; see --max-bytes")
    return FolderFile(name, data, f"{status.st_mtime_ns:x}-{status.st_size:x}")


def _absent() -> Refusal:
    return Refusal(404, "there is no such .semc file in the folder")


def _opened(folder: Path, parts: list[str]) -> int:
    """A descriptor to read from. (Without O_NONBLOCK a pipe would be waited for without end.)"""
    reading = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    if not _IS_OPENAT_THERE:
        path = folder.resolve().joinpath(*parts)
        if path.resolve() != path or not path.is_relative_to(folder.resolve()):
            raise OSError("a link leads elsewhere")
        return os.open(path, reading)
    at = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for part in parts[:-1]:
            inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=at)
            os.close(at)
            at = inner
        return os.open(parts[-1], reading | os.O_NOFOLLOW, dir_fd=at)
    finally:
        os.close(at)
