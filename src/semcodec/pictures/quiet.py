"""Pillow without what is global to the process: its size guard is not asked, and nothing of it is set.

`Image.MAX_IMAGE_PIXELS` and the filters of `warnings` belong to whoever runs the process, and to all its threads. So
pictures are opened past the guard, with limits of our own; what Pillow warns of goes the way that its user chose.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Collection
from typing import TYPE_CHECKING

from semcodec.forks import importing
from semcodec.layers.text.show import escape_for_display

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile


def open_image(data: bytes, formats: Collection[str] | None = None) -> ImageFile:
    """`PIL.Image.open` of the bytes of a file, whatever size its header names: ask `Limits` before its pixels.

    Raises `PIL.UnidentifiedImageError`, and whatever a plugin raises at a damaged file.
    """
    from PIL import Image, UnidentifiedImageError

    tried: set[str] = set()
    for load_plugins in (Image.preinit, Image.init):  # the usual ones, then all
        with importing:
            load_plugins()
        for name in [name for name in Image.ID if name not in tried]:
            tried.add(name)
            if formats is not None and name not in formats:
                continue
            factory, accept = Image.OPEN[name]
            try:
                accepted = accept is None or accept(data[:16])
                if accepted and not isinstance(accepted, str):  # (a string says what Pillow was built without)
                    return factory(io.BytesIO(data), "")
            except (SyntaxError, IndexError, TypeError, struct.error):
                continue
    raise UnidentifiedImageError("no plugin knows it")


def reason(exc: Exception) -> str:
    """Why somebody else's code failed, to stand in a sentence. It may quote a stranger's bytes."""
    return escape_for_display(" ".join(str(exc).split())).rstrip(".") or type(exc).__name__
