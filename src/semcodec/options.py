"""What can be asked of the two directions: frozen, picklable, checked when they are made."""

from __future__ import annotations

from dataclasses import dataclass

from semcodec.ids import Origin
from semcodec.limits import DEFAULT_LIMITS, Limits

TYPE_CHECKING = False  # type checkers take it as true; importing typing costs 3 ms
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from fractions import Fraction

    from semcodec.contracts import Extractor, Painter
    from semcodec.types import Link, Pixels, Regions, Roi, Size

    Bytes = bytes  # (a field of this name hides the type)
    Distance = Callable[[Pixels, Pixels], float]
    Times = Sequence[float]  # between two pictures: 0 is the first, 1 the last
    Rate = Fraction  # frames a second

PROFILES = ("anchor", "text", "structure", "scalable")
PICTURES = ("auto", "tokens", "base")
MAX_EFFORT = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodeOptions:
    """What `encode` is asked for; its arguments, whose meaning stands there.

    Raises:
        ValueError: a value that is none, or two that exclude each other.
    """

    profile: str = "anchor"
    bytes: int | None = None
    quality: float | None = None
    bpp: float | None = None
    caption: str | None = None
    language: str = "und"
    origin: str = "human"
    effort: int = 5
    picture: str = "auto"
    describe: bool = False
    regions: Regions | bool | None = None
    vector: bool | None = False
    structure: int | None = None
    describer: Extractor | None = None
    painter: Painter | None = None
    tries: int = 1
    distance: Distance | None = None
    boxed: bool = False
    strip: bool = False
    exif: Bytes | None = None
    icc_profile: Bytes | None = None
    xmp: Bytes | None = None
    link: Link | None = None
    limits: Limits = DEFAULT_LIMITS

    def __post_init__(self) -> None:
        if self.profile not in PROFILES:
            raise ValueError(f"profile {self.profile!r} is none of {', '.join(PROFILES)}")
        if self.profile == "text" and (self.quality is not None or self.bpp is not None):
            raise ValueError(f"profile {self.profile!r} sends words alone; quality and bpp are about tokens")
        if self.profile == "text" and self.regions is True:
            raise ValueError(
                f"profile {self.profile!r} sends a caption alone; give regions themselves to send them, too"
            )
        if sum(wish is not None for wish in (self.bytes, self.quality, self.bpp)) > 1:
            raise ValueError("bytes, quality and bpp exclude each other; give one")
        if not 1 <= self.effort <= MAX_EFFORT:
            raise ValueError(f"effort {self.effort} is not within 1..{MAX_EFFORT}")
        if self.structure is not None and self.structure < 1:
            raise ValueError(f"structure {self.structure} is no number of bytes; give 1 or more (40 to 400 tell much)")
        if self.picture not in PICTURES:
            raise ValueError(f"picture {self.picture!r} is none of {', '.join(PICTURES)}")
        if self.origin.upper() not in Origin.__members__:
            raise ValueError(f"origin {self.origin!r} is neither 'human' nor 'machine'")
        if self.boxed and self.strip:
            raise ValueError("boxed keeps what strip leaves out; give one")
        if self.caption is not None and self.describer is not None:
            raise ValueError("a caption and a describer exclude each other; give one")

    @property
    def sends_picture(self) -> bool:
        """Whether the file is to have a picture, not words and outlines alone."""
        return self.profile not in ("text", "structure")

    @property
    def is_outlined(self) -> bool:
        """Whether outlines are all that is sent of the picture."""
        return self.profile == "structure"

    @property
    def has_all_layers(self) -> bool:
        """Whether words and outlines are sent whatever the picture loses by it."""
        return self.profile == "scalable"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaintOptions:
    """How a picture is painted; the arguments of `decode`, whose meaning stands there. `alpha`: whether the file's
    transparency is unpacked. `label`: whether a band below says what arrived, and what was made of it.
    """

    painter: Painter | None = None
    size: Size | None = None
    seed: int | None = None
    invent: bool | None = None
    fast: bool = False
    restore: bool = True
    roi: Roi | None = None
    alpha: bool = True
    label: bool = False
    layers: Collection[str] | None = None
    limits: Limits = DEFAULT_LIMITS
