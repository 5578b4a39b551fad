"""The nouns of the library. Plain frozen data; this module imports numpy for type checkers alone.

Shapes: H, W = pixels; C = 3 (RGB); R, K = token rows, columns; D = digits of a token.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from semcodec.ids import Origin

TYPE_CHECKING = False  # type checkers take it as true; importing typing would cost `info` 3 ms
if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from semcodec.errors import FormatError

    Pixels = NDArray[np.uint8]  # (H, W, 3), sRGB
    Digits = NDArray[np.uint8]  # (R, K, D)

MISSING = 255  # in a digit array: this token is not in the file


@dataclass(frozen=True, slots=True)
class Size:
    """Pixels along the sides of a picture."""

    width_px: int
    height_px: int

    def __str__(self) -> str:
        return f"{self.width_px}x{self.height_px}"


@dataclass(frozen=True, slots=True)
class Words:
    """A sentence about the picture. `language` is a BCP-47 tag ("und": not said)."""

    text: str
    language: str = "und"
    origin: Origin = Origin.HUMAN


@dataclass(frozen=True, slots=True)
class FileHeader:
    """Display size in pixels, and the step that leads from it to the working size (`semcodec.container.header`)."""

    size: Size
    step: int = 0


@dataclass(frozen=True, slots=True)
class Section:
    """A layer's bytes in a file. `model` numbers what it was coded with: a text table, a family of token networks.

    `open_end`: the payload was cut on purpose and may end after any symbol. `cut_short`: the file ends inside it.
    `sized`: the file says how long it is, and it is that long. `offset`: where the payload begins in the file.
    """

    layer: int
    model: int
    payload: bytes
    open_end: bool = False
    cut_short: bool = False
    sized: bool = False
    offset: int = 0


@dataclass(frozen=True, slots=True)
class TokenPyramid:
    """The digits of all scales, coarse to fine; `MISSING` in every digit of a token that is not in the file."""

    family: int
    working: Size
    digits: tuple[Digits, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """What a file says. The meeting point of the exact and the approximate half; every part may be absent."""

    size: Size
    words: Words | None = None
    tokens: TokenPyramid | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A file that was read: its Scene as far as the bytes go, and what was wrong with them (empty: nothing)."""

    scene: Scene
    header: FileHeader
    problems: tuple[FormatError, ...] = ()


@dataclass(frozen=True, slots=True)
class Encoded:
    """A finished file. `bytes_by_layer` maps "text", "tokens" to payload bytes, ends and flush counted, framing not."""

    data: bytes
    bytes_by_layer: Mapping[str, int]
    notes: tuple[str, ...] = ()  # sentences for the user: conversions, what was dropped


@dataclass(frozen=True, slots=True)
class LayerInfo:
    """How much of a file is a layer's."""

    name: str
    num_bytes: int


@dataclass(frozen=True, slots=True)
class FileInfo:
    """What can be said of a file without decoding its picture."""

    size: Size
    working: Size
    num_bytes: int
    version: int
    layers: tuple[LayerInfo, ...]
    words: Words | None = None
    family: str | None = None
    warnings: tuple[str, ...] = field(default_factory=tuple)
