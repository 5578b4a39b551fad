"""Writing files so that nothing is lost: whole or not at all, and never over the input.

Promises
1. A reader of the path sees the old file or the whole new one, never half of it.
2. After a failure the folder is as it was: no temporary stays behind.
3. A new file has the permissions that `open` would give it; a replaced one keeps its own.
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from semcodec.errors import SemcodecError


class FileInTheWayError(SemcodecError):
    """Writing would destroy a file that is not ours to replace."""


def write_atomic(path: str | os.PathLike[str], data: bytes) -> None:
    """Writes beside `path`, then renames over it. A symbolic link is followed, not replaced."""
    target = Path(path).resolve()
    if target.is_dir():
        raise IsADirectoryError(f"{os.fspath(path)}: is a folder, not a file to write")
    if target.exists() and not target.is_file():
        # A device or a pipe (/dev/null) has no "beside", and a rename would replace it by a file.
        with target.open("wb") as device:
            device.write(data)
        return
    temporary, descriptor = _create_beside(target)
    try:
        with open(descriptor, "wb") as out:
            out.write(data)
        with contextlib.suppress(FileNotFoundError):
            temporary.chmod(stat.S_IMODE(target.stat().st_mode))
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _create_beside(target: Path) -> tuple[Path, int]:
    """A new file, made with the umask as `open` does (tempfile would make it private): its path, open for writing."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
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
        same = Path(source).samefile(target)
    except OSError:
        same = Path(source).resolve() == Path(target).resolve()
    if same:
        raise FileInTheWayError(
            f"{os.fspath(target)}: is the input itself, which is never overwritten; name another output"
        )
