"""`semcodec scene`: all that a file says, for machines."""

from __future__ import annotations

from typing import Annotated

import typer

from semcodec.cli.limits import MaxPixels, chosen_limits
from semcodec.cli.paths import no_empty_names
from semcodec.cli.scene_json import show_scenes


def scene(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...", help="Files to read, folders of packets; - is stdin.", callback=no_empty_names
        ),
    ],
    max_pixels: MaxPixels = None,
) -> None:
    """Print everything that files say: sizes, words, every digit of every token, and what is wrong.

    One line of JSON for each file, or for the packets of a folder. No network is loaded. conformance/README.md
    describes the form.
    """
    raise typer.Exit(show_scenes(files, chosen_limits(max_pixels)))
