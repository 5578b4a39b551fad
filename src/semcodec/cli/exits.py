"""How a command ends: exit codes, and sentences for people instead of tracebacks."""

from __future__ import annotations

import enum
import sys


class ExitCode(enum.IntEnum):
    OK = 0
    FAILURE = 1
    USAGE = 2
    DAMAGED = 3  # a picture came out of damaged or truncated input
    DIFFERENT = 4  # `verify`: another file than the original
    INTERRUPTED = 130  # as shells count it: 128 and the number of the signal


def sentence(where: str, exc: BaseException) -> str:
    """`photo.semc: the file ends inside its header`: one line, the file named once."""
    if isinstance(exc, OSError) and exc.strerror:
        # (strerror is a fixed phrase of the operating system; the file is ours to name)
        text = exc.strerror
    elif isinstance(exc, MemoryError):
        text = "there is not enough memory for a picture of this size"
    else:
        text = str(exc) or type(exc).__name__
    text = " ".join(text.split())
    return text if text.startswith(f"{where}:") else f"{where}: {text}"


def printable(text: str) -> str:
    """One line as it is safe to print: file names, profiles and metadata are strangers' words."""
    from semcodec.layers.text.show import escape_for_display

    return escape_for_display(text)


def say(text: str) -> None:
    """One line for the user, on stderr: stdout is for data."""
    sys.stderr.write(f"semcodec: {printable(text)}\n")
