"""Pillow without its warnings, which are global to the process."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from semcodec.layers.text.show import escape_for_display

_PILLOW = threading.RLock()


@contextmanager
def quiet_pillow() -> Iterator[None]:
    """Pillow's warnings and its size guard are global to the process: one picture at a time, and all put back."""
    with _PILLOW, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def reason(exc: Exception) -> str:
    """Why somebody else's code failed, to stand in a sentence. It may quote a stranger's bytes."""
    return escape_for_display(" ".join(str(exc).split())).rstrip(".") or type(exc).__name__
