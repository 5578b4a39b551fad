"""How a command ends: exit codes, and sentences for people instead of tracebacks."""

from __future__ import annotations

import contextlib
import enum
import os
import sys


class ExitCode(enum.IntEnum):
    OK = 0
    FAILURE = 1
    USAGE = 2
    DAMAGED = 3  # a picture came out of damaged or truncated input
    DIFFERENT = 4  # `verify`: another file than the original
    NOTHING = 5  # `restore`: all pictures look fine already
    INTERRUPTED = 130  # as shells count it: 128 and the number of the signal


def sentence(where: str, exc: BaseException) -> str:
    """`photo.semc: the file ends inside its header`: one line, the file named once.

    An error of the system names its own file, which need not be the one that was in work. Names stay as they are.
    """
    if isinstance(exc, OSError) and exc.strerror:
        # (strerror is a fixed phrase of the operating system; the file is ours to name)
        text = exc.strerror
        if isinstance(exc.filename, (str, bytes)) and exc.filename:
            where = os.fsdecode(exc.filename)
    elif isinstance(exc, MemoryError):
        text = "there is not enough memory for a picture of this size"
    else:
        text = str(exc) or type(exc).__name__
    text = text if text.startswith(f"{where}:") else f"{where}: {text}"
    return " ".join(text.splitlines())


def counted(num: int, thing: str) -> str:
    """ "1 frame", "2 frames"."""
    return f"{num} {thing}{'s' * (num != 1)}"


def printable(text: str) -> str:
    """One line as it is safe to print: file names, profiles and metadata are strangers' words."""
    from semcodec.layers.text.show import escape_for_display

    return escape_for_display(text)


def say(text: str) -> None:
    """One line for the user, on stderr: stdout is for data. Where stderr takes nothing, there is nobody to tell."""
    with contextlib.suppress(OSError):
        sys.stderr.write(f"semcodec: {printable(text)}\n")
