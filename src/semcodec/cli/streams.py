"""Bytes in and out of a command: paths, and `-` for stdin and stdout."""

from __future__ import annotations

import sys

from semcodec.errors import SemcodecError

STANDARD = "-"


class OutputError(SemcodecError):
    """An output cannot be written."""


def input_name(path: str) -> str:
    return "stdin" if path == STANDARD else path


def read_input(path: str) -> bytes:
    """The whole file, or all of stdin. Raises OSError."""
    if path == STANDARD:
        return sys.stdin.buffer.read()
    with open(path, "rb") as file:
        return file.read()


def write_output(path: str, data: bytes) -> None:
    """Atomically where it is a path. Raises `OutputError`, which names the output."""
    if path == STANDARD:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    from semcodec.files import write_atomic

    try:
        write_atomic(path, data)
    except OSError as exc:
        raise OutputError(f"{path} cannot be written: {exc.strerror or exc}") from exc
