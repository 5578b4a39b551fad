"""`--max-pixels` and `SEMCODEC_LIMITS`: how a command is told to trust a file more, or less, than the defaults do."""

from __future__ import annotations

import os
from dataclasses import fields, replace
from typing import Annotated

import typer

from semcodec.limits import DEFAULT_LIMITS, Limits

VARIABLE = "SEMCODEC_LIMITS"

MaxPixels = Annotated[
    int | None,
    typer.Option("--max-pixels", min=1, help="Refuse larger pictures. The other limits: docs/limits.md."),
]


def chosen_limits(max_pixels: int | None) -> Limits:
    """The defaults, changed by `SEMCODEC_LIMITS=max_pixels=1000000,max_sections=9`, changed by `--max-pixels`."""
    values = _values_of(os.environ.get(VARIABLE, ""))
    if max_pixels is not None:
        values["max_pixels"] = max_pixels
    return replace(DEFAULT_LIMITS, **values)


def _values_of(text: str) -> dict[str, int]:
    known = [field.name for field in fields(Limits)]
    values = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, number = (piece.strip() for piece in part.partition("="))
        if name not in known or not (number.isascii() and number.isdigit()):
            raise typer.BadParameter(f"{VARIABLE}: {part!r} is not NAME=NUMBER with a NAME of {', '.join(known)}")
        values[name] = int(number)
    return values
