"""A radio's package is asked for here: one sentence with the command, where it is missing."""

from __future__ import annotations

import importlib
from typing import Any

from semcodec.errors import MissingExtraError


def require(module: str, *, package: str) -> Any:
    """The imported module of an installable package, or a `MissingExtraError` with the command that installs it."""
    try:
        return importlib.import_module(module)
    except ImportError as missing:
        raise MissingExtraError(
            f"this radio needs the package '{package}': pip install {package}, or pip install 'semcodec[radio]' for all"
        ) from missing
