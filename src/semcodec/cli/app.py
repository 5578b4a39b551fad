"""The command line's table of commands. Each is imported when it is asked for; only `--help` pays for all."""

from __future__ import annotations

import importlib
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import semcodec
from semcodec.cli.exits import ExitCode

_HELP = {"help_option_names": ["-h", "--help"]}

# Command: the module that holds a function of the same name.
COMMANDS = {
    "encode": "semcodec.cli.encode",
    "decode": "semcodec.cli.decode",
    "restore": "semcodec.cli.restore",
    "view": "semcodec.cli.view",
    "describe": "semcodec.cli.describe",
    "info": "semcodec.cli.info",
    "cut": "semcodec.cli.cut",
    "verify": "semcodec.cli.verify",
    "scene": "semcodec.cli.scene",
    "structure": "semcodec.cli.structure",
    "models": "semcodec.cli.models",
    "split": "semcodec.cli.split",
    "join": "semcodec.cli.join",
    "radio": "semcodec.cli.radio",
    "clip": "semcodec.cli.clip",
    "index": "semcodec.cli.index",
    "search": "semcodec.cli.search",
    "serve": "semcodec.cli.serve",
    "jobs": "semcodec.cli.jobs",
    "bench": "semcodec.cli.bench",
}


def load_command(name: str) -> Any:
    """The command, or group of commands, as typer understands it; its module is imported here."""
    found = getattr(importlib.import_module(COMMANDS[name]), name)
    if isinstance(found, typer.Typer):
        return typer.main.get_command(found)
    single = typer.Typer(
        add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False, context_settings=_HELP
    )
    single.command(name, context_settings=_HELP)(found)
    return typer.main.get_command(single)


class _LazyGroup(TyperGroup):
    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return load_command(cmd_name) if cmd_name in COMMANDS else None


app = typer.Typer(
    cls=_LazyGroup,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings=_HELP,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"semcodec {semcodec.__version__}")
        raise typer.Exit


@app.callback()
def about(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Pictures sent by their meaning: words and a picture in one small file (.semc).

    Exit codes: 0 done, 1 something failed or was left out, 2 wrong usage, 3 a picture came out of damaged or truncated
    input, 130 interrupted, 4 `verify` was given another picture than the original, 5 `restore` found
    nothing to restore.
    """


def run(arguments: list[str]) -> int:
    """Runs a command line; returns the exit code."""
    try:
        app(args=arguments, prog_name="semcodec")
    except SystemExit as end:
        if end.code == ExitCode.INTERRUPTED:  # typer has caught it
            raise KeyboardInterrupt from None
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return ExitCode.OK
