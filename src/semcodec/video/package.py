"""PyAV, where it is installed."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from semcodec.errors import MissingExtraError


def pyav() -> Any:
    """The package `av`. Raises `MissingExtraError`."""
    try:
        return import_module("av")
    except ImportError as exc:
        raise MissingExtraError("videos need 'av', which is not installed: pip install 'semcodec[video]'") from exc


def reason(exc: BaseException) -> str:
    """Why FFmpeg refuses, to stand in a sentence."""
    said = getattr(exc, "strerror", None) or str(exc) or type(exc).__name__
    return " ".join(str(said).split()).rstrip(".")
