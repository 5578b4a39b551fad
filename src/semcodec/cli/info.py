"""`semcodec info` as typer knows it. The work is in `info_text`, which does without typer."""

from __future__ import annotations

from typing import Annotated

import typer

from semcodec.cli.info_text import show_info


def info(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Files to describe; - is stdin.")],
    json: Annotated[
        bool, typer.Option("--json", help="One JSON object; for several files, a list of them in their order.")
    ] = False,
) -> None:
    """Tell what files hold: words, sizes, bytes by layer, family. No network is loaded."""
    raise typer.Exit(show_info(files, as_json=json))
