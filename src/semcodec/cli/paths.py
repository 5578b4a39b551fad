"""Names of files and folders as they are typed: what every command asks of them before it does anything."""

from __future__ import annotations

from typing import TypeVar

import typer

Names = TypeVar("Names", str, list[str], None)


def no_empty_names(names: Names) -> Names:
    """For typer. A variable of a script that was not set is no name, and above all not that of the current folder."""
    if names == "" or (isinstance(names, list) and "" in names):
        raise typer.BadParameter("an empty name; was a variable not set? (. is the current folder)")
    return names
