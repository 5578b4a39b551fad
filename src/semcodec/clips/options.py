"""What can be asked of clips, in either direction: frozen, picklable, checked when they are made."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from semcodec.limits import DEFAULT_LIMITS, Limits
from semcodec.options import MAX_EFFORT

if TYPE_CHECKING:
    from semcodec.contracts import Interpolator, Painter, VideoPainter

MODES = ("it2v", "tt2v", "stills")
PICTURES = ("auto", "keys", "base")
DEFAULT_BPP = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipOptions:
    """What `clips.encode` is asked for; its arguments, whose meaning stands there.

    Raises:
        ValueError: a value that is none, or two that exclude each other.
    """

    bytes: int | None = None
    kbps: float | None = None
    bpp: float | None = None
    effort: int = 5
    describe: bool = True
    picture: str = "auto"
    limits: Limits = DEFAULT_LIMITS

    def __post_init__(self) -> None:
        if sum(wish is not None for wish in (self.bytes, self.kbps, self.bpp)) > 1:
            raise ValueError("bytes, kbps and bpp exclude each other; give one")
        if not 1 <= self.effort <= MAX_EFFORT:
            raise ValueError(f"effort {self.effort} is not within 1..{MAX_EFFORT}")
        if self.picture not in PICTURES:
            raise ValueError(f"picture {self.picture!r} is none of {', '.join(PICTURES)}")
        for name, wish in (("bytes", self.bytes), ("kbps", self.kbps), ("bpp", self.bpp)):
            if wish is not None and not 0 < wish < math.inf:
                raise ValueError(f"{name} {wish} is not above 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayOptions:
    """How a clip is decoded; the arguments of `clips.decode`, whose meaning stands there."""

    mode: str = "it2v"
    interpolator: Interpolator | None = None
    painter: Painter | VideoPainter | None = None
    seed: int | None = None
    restore: bool = True
    limits: Limits = DEFAULT_LIMITS

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise ValueError(f"mode {self.mode!r} is none of {', '.join(MODES)}")
