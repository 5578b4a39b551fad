"""Bytes in and out of a command: paths, and `-` for stdin and stdout.

What the system says of stdout is said of stdout: not of the input that was in work. A reader who has gone (`| head`)
ends the command without a word.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
import threading
from collections.abc import Iterator

from semcodec.errors import SemcodecError

TYPE_CHECKING = False  # (`typing` itself would cost every `info` two milliseconds)
if TYPE_CHECKING:
    from typing import BinaryIO

STANDARD = "-"
_STDIN_NAMES = frozenset({"/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"})
_STDOUT_NAMES = frozenset({"/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"})

# Who holds it writes an output: an interrupted command ends when nobody does, so that no temporary stays behind.
WRITING = threading.Lock()


class OutputError(SemcodecError):
    """An output cannot be written."""


class ReaderGoneError(BaseException):
    """Whoever read our stdout has gone. Not an `Exception`: like an interruption it ends everything, and no file that
    is in work has failed.
    """


def input_name(path: str) -> str:
    return "stdin" if path == STANDARD else path


def output_name(path: str) -> str:
    return "stdout" if path == STANDARD else path


def as_input(path: str) -> str:
    """`-` for every name of stdin."""
    return STANDARD if path in _STDIN_NAMES else path


def as_output(path: str) -> str:
    """`-` for every name of stdout: opened by its own name, a file behind it would lose what is in it already."""
    return STANDARD if path in _STDOUT_NAMES else path


def read_input(path: str) -> bytes:
    """The whole file, or all of stdin. Raises OSError."""
    if as_input(path) == STANDARD:
        return sys.stdin.buffer.read()
    with open(path, "rb") as file:
        return file.read()


def open_input(path: str) -> contextlib.AbstractContextManager[BinaryIO]:
    """The file, or stdin, to be read piece by piece. Raises OSError."""
    return contextlib.nullcontext(sys.stdin.buffer) if path == STANDARD else open(path, "rb")


def write_output(path: str, data: bytes) -> None:
    """Atomically where it is a path. Raises `OutputError`, which names the output."""
    if path == STANDARD:
        with _stdout_named():
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        return
    from semcodec.files import write_atomic

    try:
        with WRITING:
            write_atomic(path, data)
    except BrokenPipeError as exc:
        raise OutputError(f"{path} cannot be written: its reader has gone") from exc
    except OSError as exc:
        raise cannot_be_written(path, exc) from exc


def put(text: str) -> None:
    """Text on stdout, at once. Raises `OutputError`, which names stdout."""
    with _stdout_named():
        sys.stdout.write(text)
        sys.stdout.flush()


def put_json(value: object) -> None:
    """On stdout, in ASCII alone: control and bidirectional characters arrive escaped at whatever reads this."""
    import json

    put(json.dumps(value, indent=2) + "\n")


def cannot_be_written(path: str, exc: OSError) -> OutputError:
    """What the system says of an output, with a way out where there is one."""
    ways = {
        errno.ENAMETOOLONG: "name a shorter output",
        errno.ENOSPC: "make room there, or name another place",
        errno.EACCES: "name another place, or ask for the right to write there",
        errno.EROFS: "name another place",
    }
    way = f"; {ways[exc.errno]}" if exc.errno in ways else ""
    return OutputError(f"{path} cannot be written: {exc.strerror or exc}{way}")


@contextlib.contextmanager
def _stdout_named() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError as exc:
        silence_stdout()
        raise ReaderGoneError from exc
    except OSError as exc:
        silence_stdout()
        raise OutputError(f"stdout cannot be written: {exc.strerror or exc}") from exc


def silence_stdout() -> None:
    """What stdout did not take is forgotten: else the interpreter would flush once more at its end, and complain."""
    with contextlib.suppress(OSError, ValueError):
        descriptor = sys.stdout.fileno()
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, descriptor)
        os.close(devnull)


def mend_streams() -> None:
    """Gives a process that was started without stdin, stdout or stderr (cron, daemons, windowed programs) some that say
    so when they are used, and keeps their numbers from the next file that is opened.
    """
    for _ in range(3):
        descriptor = os.open(os.devnull, os.O_RDWR)
        if descriptor > 2:
            os.close(descriptor)
            break
        os.set_inheritable(descriptor, True)  # as 0, 1 and 2 are
    if sys.stdin is None or sys.stdout is None:
        from semcodec.cli.closed import ClosedText

        sys.stdin, sys.stdout = sys.stdin or ClosedText(), sys.stdout or ClosedText()
    if sys.stderr is None:
        sys.stderr = io.TextIOWrapper(io.FileIO(os.devnull, "w"), encoding="utf-8", write_through=True)
    for stream in (sys.stdout, sys.stderr):
        # Words in all scripts, and file names in none, must not break a terminal of fewer letters.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
