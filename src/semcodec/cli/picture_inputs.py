"""Picture files as inputs: how large they are shown, and what to install for kinds that cannot be read here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from semcodec.cli.streams import read_input

if TYPE_CHECKING:
    from semcodec.types import Size


def size_of_picture(path: str) -> Size | None:
    """As it is shown; None where that cannot be told."""
    from semcodec.pictures.formats import upright_size

    try:
        return upright_size(read_input(path))
    except OSError:  # to work on it will say so
        return None


def cure(kind: str) -> str:
    """What to install for a kind of picture, in brackets."""
    from semcodec.pictures.formats import cure_of

    return f" ({cure_of(kind)})"
