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
    from semcodec.encoding import encode, encode_with
    from semcodec.errors import SemcodecError
    from semcodec.extractors.guess import Description, Guess
    from semcodec.file.cutting import cut
    from semcodec.file.inspecting import info
    from semcodec.file.packets import join, split
    from semcodec.file.reading import read, read_metadata, read_words, tokens
    from semcodec.file.requests import missing
    from semcodec.limits import Limits
    from semcodec.loading.dataset import SemcDataset
    from semcodec.loading.handlers import numpy_handler, torch_handler
    from semcodec.loading.reading import imread, imwrite, open
    from semcodec.metadata.provenance import Provenance
    from semcodec.models import Models, ModelSettings
    from semcodec.opening import describe, open_describer, open_painter
    from semcodec.options import EncodeOptions, PaintOptions
    from semcodec.painting import Painting, decode, decode_structure, paint, render
    from semcodec.progressive import decode_progressive
    from semcodec.restoring import Restored, restore
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

# Where each name lives.
_HOMES = {
    "semcodec.encoding": "encode encode_with",
    "semcodec.errors": "SemcodecError",
    "semcodec.extractors.guess": "Description Guess",
    "semcodec.file.cutting": "cut",
    "semcodec.file.inspecting": "info",
    "semcodec.file.packets": "join split",
    "semcodec.file.reading": "read read_metadata read_words tokens",
    "semcodec.file.requests": "missing",
    "semcodec.limits": "Limits",
    "semcodec.loading.dataset": "SemcDataset",
    "semcodec.loading.handlers": "numpy_handler torch_handler",
    "semcodec.loading.reading": "imread imwrite open",
    "semcodec.metadata.provenance": "Provenance",
    "semcodec.models": "Models ModelSettings",
    "semcodec.opening": "describe open_describer open_painter",
    "semcodec.options": "EncodeOptions PaintOptions",
    "semcodec.painting": "Painting decode decode_structure paint render",
    "semcodec.progressive": "decode_progressive",
    "semcodec.restoring": "Restored restore",
    "semcodec.types": "Encoded FileInfo Joined Link Metadata Reading Region Regions Scene Size TokenPyramid Words",
}

__all__ = [
    "Description",
    "EncodeOptions",
    "Encoded",
    "FileInfo",
    "Guess",
    "Joined",
    "Limits",
    "Link",
    "Metadata",
    "ModelSettings",
    "Models",
    "PaintOptions",
    "Painting",
    "Provenance",
    "Reading",
    "Region",
    "Regions",
    "Restored",
    "Scene",
    "SemcDataset",
    "SemcodecError",
    "Size",
    "TokenPyramid",
    "Words",
    "cut",
    "decode",
    "decode_progressive",
    "decode_structure",
    "describe",
    "encode",
    "encode_with",
    "imread",
    "imwrite",
    "info",
    "join",
    "missing",
    "numpy_handler",
    "open",
    "open_describer",
    "open_painter",
    "paint",
    "read",
    "read_metadata",
    "read_words",
    "render",
    "restore",
    "split",
    "tokens",
    "torch_handler",
]


def __getattr__(name: str) -> object:
    for home, names in _HOMES.items():
        if name in names.split():
            import_together(home)  # (a fork in another thread must not see the half of it)
            return getattr(importlib.import_module(home), name)
    raise AttributeError(f"module 'semcodec' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
