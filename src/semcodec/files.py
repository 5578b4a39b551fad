"""Writing files so that nothing is lost: whole or not at all, and never over the input.

Promises
1. A reader of the path sees the old file or the whole new one, never half of it.
2. After a failure the folder is as it was: no temporary stays behind.
3. A new file has the permissions that `open` would give it; a replaced one keeps its own.
4. Devices, pipes and sockets are written to, never replaced.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from semcodec.errors import SemcodecError


class FileInTheWayError(SemcodecError):
    """Writing would destroy a file that is not ours to replace."""


def write_atomic(path: str | os.PathLike[str], data: bytes) -> None:
    """Writes beside `path`, then renames over it. A symbolic link is followed, not replaced. Raises OSError."""
    mode = mode_of(path)
    if mode is not None and stat.S_ISDIR(mode):
        raise IsADirectoryError(f"{os.fspath(path)}: is a folder, not a file to write")
    if mode is not None and not stat.S_ISREG(mode):
        # A device or a pipe has no "beside", and a rename would replace it by a file. Opened by the name that was
        # given: /dev/stdout leads to "pipe:[123]", which is no path.
        with open(path, "wb") as device:
            device.write(data)
        return
    with written_beside(path) as out:
        out.write(data)


@contextlib.contextmanager
def written_beside(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """A file beside the path to write to, renamed over it at the end, or gone where something fails. Raises OSError."""
    mode = mode_of(path)
    try:
        target = Path(os.path.realpath(path))  # (`Path.resolve` raises RuntimeError where links lead round)
    except FileNotFoundError:  # the current folder has been deleted; ../ still leads out of it
        target = Path(path)
    temporary, descriptor = _create_beside(target)
    try:
        os.close(descriptor)
        with open(temporary, "r+b") as out:
            yield out
        if mode is not None:
            temporary.chmod(stat.S_IMODE(mode))
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def mode_of(path: str | os.PathLike[str]) -> int | None:
    """`st_mode` of what a path leads to; None where there is nothing yet.

    Raises OSError where it cannot be told: a loop of links, a name that is too long, a folder that may not be entered.
    """
    try:
        return os.stat(path).st_mode
    except FileNotFoundError:
        return None


def _create_beside(target: Path) -> tuple[Path, int]:
    """A new file, made with the umask as `open` does (tempfile would make it private): its path, open for writing."""
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    for attempt in range(1000):
        # The process number keeps parallel writers apart, O_EXCL threads. Names may have 255 bytes, so it is shortened.
        path = target.with_name(f".{target.name[:40]}.{os.getpid()}-{attempt}.tmp")
        with contextlib.suppress(FileExistsError):
            return path, os.open(path, flags, 0o666)
    raise FileExistsError(
        f"{target}: a thousand of its temporary files are in the way; remove .{target.name[:40]}.*.tmp"
    )


def refuse_same_file(source: str | os.PathLike[str], target: str | os.PathLike[str]) -> None:
    """Raises where writing `target` would destroy `source`: the same file by any name, link or path."""
    try:
        same = os.path.samefile(source, target)
    except OSError:
        return  # one of them is not there, or cannot be reached: reading or writing it will say so
    if same and stat.S_ISREG(os.stat(target).st_mode):
        raise FileInTheWayError(
            f"{os.fspath(target)}: is the input itself, which is never overwritten; name another output"
        )
