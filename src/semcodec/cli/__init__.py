"""The command line. Thin: every command is a few lines around a door of `semcodec.api`.

The front door of a plain `semcodec info FILE... [--json]` is here: it spares typer and what typer brings, 100 ms, twice
the rest of the command. Everything else, and every other way to write that, goes through typer; a test holds the two
to the same output.
"""

from __future__ import annotations

import gc
import os
import sys
from types import ModuleType


def main() -> int:
    """Runs the command line in `sys.argv`; returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        # Words in all scripts, and file names in none, must not break a terminal of fewer letters.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # of the network runtime, before it is imported
    arguments = sys.argv[1:]
    try:
        if arguments[:1] == ["info"] and _is_plain_info(arguments[1:]) and "SEMCODEC_LIMITS" not in os.environ:
            gc.disable()  # 2 of the 38 ms of the command; it makes no cycles to collect
            sys.modules.setdefault("inspect", _PutOff("inspect"))
            from semcodec.cli.info_text import show_info

            files = [argument for argument in arguments[1:] if argument != "--json"]
            return show_info(files, as_json="--json" in arguments)
        from semcodec.cli.app import run

        return run(arguments)
    except BrokenPipeError:
        # The reader of our output has gone (`| head`): nothing to say, and nobody to say it to. Without this the
        # interpreter would flush once more at its end, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("semcodec: interrupted; what was finished is whole, run it again to go on\n")
        return 130  # `ExitCode.INTERRUPTED`, without importing anything now


def _is_plain_info(arguments: list[str]) -> bool:
    files = [argument for argument in arguments if argument != "--json"]
    return bool(files) and all(argument == "-" or not argument.startswith("-") for argument in files)


class _PutOff(ModuleType):
    """A module that is imported when something in it is asked for.

    `dataclasses` imports `inspect` (5 of the 40 ms of `semcodec info`) only to describe classes without a docstring.
    """

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):  # questions of the import system
            raise AttributeError(name)
        import importlib

        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)
