"""semcodec: pictures sent by their meaning, in tens to thousands of bytes.

    encoded = semcodec.encode(image, bytes=1000, caption="two dogs run on a beach")
    picture_HWC = semcodec.decode(encoded.data)
    semcodec.read_words(encoded.data).text

Names are imported when they are first used, so that `import semcodec` costs next to nothing.
"""

from __future__ import annotations

import importlib

from semcodec.forks import import_together

TYPE_CHECKING = False  # type checkers take it as true; importing typing would cost `info` 3 ms
if TYPE_CHECKING:
    from semcodec.api import (
        cut,
        decode,
        describe,
        encode,
        info,
        join,
        open_describer,
        open_painter,
        read,
        read_metadata,
        read_words,
        render,
        split,
        tokens,
    )
    from semcodec.errors import SemcodecError
    from semcodec.extractors.guess import Description, Guess
    from semcodec.limits import Limits
    from semcodec.progressive import decode_progressive
    from semcodec.types import (
        Encoded,
        FileInfo,
        Joined,
        Link,
        Metadata,
        Reading,
        Region,
        Regions,
        Scene,
        Size,
        TokenPyramid,
        Words,
    )

__version__ = "0.1.0"

_HOMES = {
    "semcodec.api": (
        "cut",
        "decode",
        "describe",
        "encode",
        "info",
        "join",
        "open_describer",
        "open_painter",
        "read",
        "read_metadata",
        "read_words",
        "render",
        "split",
        "tokens",
    ),
    "semcodec.errors": ("SemcodecError",),
    "semcodec.extractors.guess": ("Description", "Guess"),
    "semcodec.limits": ("Limits",),
    "semcodec.progressive": ("decode_progressive",),
    "semcodec.types": (
        "Encoded",
        "FileInfo",
        "Joined",
        "Link",
        "Metadata",
        "Reading",
        "Region",
        "Regions",
        "Scene",
        "Size",
        "TokenPyramid",
        "Words",
    ),
}

__all__ = [
    "Description",
    "Encoded",
    "FileInfo",
    "Guess",
    "Joined",
    "Limits",
    "Link",
    "Metadata",
    "Reading",
    "Region",
    "Regions",
    "Scene",
    "SemcodecError",
    "Size",
    "TokenPyramid",
    "Words",
    "cut",
    "decode",
    "decode_progressive",
    "describe",
    "encode",
    "info",
    "join",
    "open_describer",
    "open_painter",
    "read",
    "read_metadata",
    "read_words",
    "render",
    "split",
    "tokens",
]


def __getattr__(name: str) -> object:
    for home, names in _HOMES.items():
        if name in names:
            import_together(home)  # (a fork in another thread must not see the half of it)
            return getattr(importlib.import_module(home), name)
    raise AttributeError(f"module 'semcodec' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
