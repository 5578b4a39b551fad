"""`semcodec info` as typer knows it. The work is in `info_text`, which does without typer."""

from __future__ import annotations

from typing import Annotated

import typer

from semcodec.cli.info_text import show_info
from semcodec.cli.limits import MaxPixels, chosen_limits
from semcodec.cli.paths import no_empty_names


def info(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="Files to describe; - is stdin.", callback=no_empty_names)
    ],
    json: Annotated[
        bool, typer.Option("--json", help="One JSON object; for several files, a list of them in their order.")
    ] = False,
    alt: Annotated[
        bool, typer.Option("--alt", help="Only a line of alt text; a machine's words are marked as a guess.")
    ] = False,
    max_pixels: MaxPixels = None,
) -> None:
    """Tell what files hold: words, sizes, bytes by layer, family. No network is loaded."""
    if alt and json:
        raise typer.BadParameter("--alt is a line of text, --json an object; give one")
    if alt:
        from semcodec.cli.alt_text import show_alt

        raise typer.Exit(show_alt(files, limits=chosen_limits(max_pixels)))
    raise typer.Exit(show_info(files, as_json=json, limits=chosen_limits(max_pixels)))
