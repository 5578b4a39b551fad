"""The command line. Thin: every command is a few lines around a door of `semcodec`.

The front door of a plain `semcodec info FILE... [--json]` is here: it spares typer and what typer brings, 100 ms, twice
the rest of the command. Everything else, and every other way to write that, goes through typer; a test holds the two
to the same output.
"""

from __future__ import annotations

import gc
import os
import sys
from types import ModuleType

TYPE_CHECKING = False  # type checkers take it as true; importing typing would cost `info` 3 ms
if TYPE_CHECKING:
    from typing import NoReturn


def program() -> NoReturn:
    """The process: `main`, and what it returns as the exit code.

    Where an interruption came inside of `exec` (dataclasses are made with it), Python ends by the signal whatever its
    program exits with, though that has caught it: 1 of 13 encodings of a clip that were interrupted ended with -2.
    """
    code = main()
    from semcodec.cli.exits import ExitCode

    if code == ExitCode.INTERRUPTED:
        os._exit(code)  # (nothing waits to be written: outputs are whole or gone, stderr has no buffer)
    sys.exit(code)


def main() -> int:
    """Runs the command line in `sys.argv`; returns the exit code.

    What the system refuses and no command has caught ends here, in one sentence: a full disk behind stdout, a terminal
    that is gone, no memory.
    """
    from semcodec.cli.streams import ReaderGoneError, mend_streams
    from semcodec.errors import SemcodecError

    mend_streams()
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # of the network runtime, before it is imported
    try:
        return _run(sys.argv[1:])
    except (ReaderGoneError, BrokenPipeError):
        return _ended(None)  # (`| head`) nothing to say, and nobody to say it to
    except KeyboardInterrupt:
        return _interrupted()
    except MemoryError:
        return _ended("there is not enough memory")
    except OSError as exc:
        # Commands name the files that they open: what comes from the system without a name is stdout's.
        from semcodec.cli.exits import sentence

        return _ended(sentence("stdout", exc))
    except SemcodecError as exc:
        return _ended(str(exc))


def _run(arguments: list[str]) -> int:
    if arguments[:1] == ["info"] and _is_plain_info(arguments[1:]) and "SEMCODEC_LIMITS" not in os.environ:
        gc.disable()  # 2 of the 38 ms of the command; it makes no cycles to collect
        sys.modules.setdefault("inspect", _PutOff("inspect"))
        from semcodec.cli.info_text import show_info

        files = [argument for argument in arguments[1:] if argument != "--json"]
        return show_info(files, as_json="--json" in arguments)
    try:
        from semcodec.cli.app import run
    except ModuleNotFoundError as error:
        from semcodec.errors import MissingExtraError

        raise MissingExtraError(
            f"commands need '{error.name}', which is not installed: pip install typer (plain `semcodec info` does "
            "without it)"
        ) from error

    code = run(arguments)
    sys.stdout.flush()  # here, where somebody listens to what may go wrong
    return code


def _ended(why: str | None) -> int:
    from semcodec.cli.exits import ExitCode, say
    from semcodec.cli.streams import silence_stdout

    silence_stdout()
    if why is not None:
        say(why)
    return ExitCode.FAILURE


def _interrupted() -> int:
    from semcodec.cli.exits import ExitCode, say
    from semcodec.cli.streams import WRITING

    say("interrupted; what was finished is whole, run it again to go on")
    if "semcodec.cli.batch" in sys.modules:
        from semcodec.cli.batch import are_jobs_running

        if are_jobs_running():
            # The interpreter would wait at its end for threads that are deep in a network: half a minute for a large
            # picture. None of them holds anything but memory, unless it writes an output: those are let through.
            WRITING.acquire(timeout=0.5)
            os._exit(ExitCode.INTERRUPTED)
    return ExitCode.INTERRUPTED


def _is_plain_info(arguments: list[str]) -> bool:
    files = [argument for argument in arguments if argument != "--json"]
    return bool(files) and all(argument == "-" or argument[:1] not in ("", "-") for argument in files)


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
