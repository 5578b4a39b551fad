"""`semcodec verify`: whether a picture is the one that a file was made from. Reads neither, it compares hashes."""

from __future__ import annotations

from typing import Annotated

import typer

from semcodec.cli.exits import ExitCode, say, sentence
from semcodec.cli.paths import no_empty_names
from semcodec.cli.streams import input_name, put, read_input
from semcodec.errors import SemcodecError


def verify(
    file: Annotated[
        str,
        typer.Argument(metavar="FILE", help="A .semc file made with --link; - is stdin.", callback=no_empty_names),
    ],
    original: Annotated[
        str, typer.Argument(metavar="ORIGINAL", help="The picture in question; - is stdin.", callback=no_empty_names)
    ],
) -> None:
    """Check that ORIGINAL is, byte for byte, the picture that FILE was made from.

    Exit codes: 0 it is; 4 it is another file; 1 it cannot be told, since FILE has no link or something cannot be read.
    """
    raise typer.Exit(_verify(file, original))


def _verify(file: str, original: str) -> ExitCode:
    import semcodec
    from semcodec.layers.text.show import escape_for_display

    name = input_name(file)
    try:
        metadata = semcodec.read_metadata(read_input(file))
        link = metadata.link
        if link is None:
            why = f"{metadata.problems[0]}" if metadata.problems else "it was made without --link"
            say(f"{name}: does not say which picture it was made from: {why}")
            return ExitCode.FAILURE
        name = input_name(original)
        same = link.matches(read_input(original))
    except (SemcodecError, OSError) as exc:
        say(sentence(name, exc))
        return ExitCode.FAILURE
    meant = f" ({escape_for_display(link.name)}, SHA-256 {link.sha256.hex()})"
    verdict = "is the original" if same else "is not the original"
    put(f"{input_name(original)}: {verdict} of {input_name(file)}{meant}\n")
    return ExitCode.OK if same else ExitCode.DIFFERENT
