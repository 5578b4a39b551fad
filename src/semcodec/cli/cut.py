"""`semcodec cut`: the same picture in fewer bytes, without a network."""

from __future__ import annotations

from typing import Annotated

import typer

from semcodec.cli.exits import ExitCode, say, sentence
from semcodec.cli.streams import STANDARD, input_name, read_input, write_output
from semcodec.errors import SemcodecError


def cut(
    source: Annotated[str, typer.Argument(metavar="INPUT", help="A .semc file; - is stdin.")],
    target: Annotated[str, typer.Argument(metavar="OUTPUT", help="The file to write; - is stdout.")],
    num_bytes: Annotated[int, typer.Option("--bytes", min=1, help="The most bytes that the new file may have.")],
) -> None:
    """Shorten a file, without a network.

    What comes out is a whole file: its picture is softer, its words are kept.
    """
    name = input_name(source)
    try:
        from semcodec import api
        from semcodec.files import refuse_same_file

        if STANDARD not in (source, target):
            refuse_same_file(source, target)
        whole = read_input(source)
        data = api.cut(whole, bytes=num_bytes)
        write_output(target, data)
    except (SemcodecError, OSError) as exc:
        say(sentence(name, exc))
        raise typer.Exit(ExitCode.FAILURE) from exc
