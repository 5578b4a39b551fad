"""The nouns of the library. Plain frozen data; this module imports numpy for type checkers alone.

Shapes: H, W = pixels; C = 3 (RGB); R, K = token rows, columns; D = digits of a token.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from semcodec.ids import LAYER_NAMES, LayerId, Origin

TYPE_CHECKING = False  # type checkers take it as true; importing typing would cost `info` 3 ms
if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from semcodec.errors import FormatError

    Pixels = NDArray[np.uint8]  # (H, W, 3), sRGB
    Digits = NDArray[np.uint8]  # (R, K, D)

Roi = tuple[int, int, int, int]  # a region of interest: left, top, width, height in pixels of the picture as shown
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
class Region:
    """A part of a picture in words.

    Its box counts in 64ths of the picture's sides, all numbers 0..63: it begins at column `x`, row `y`, and is `w + 1`
    columns wide and `h + 1` rows high, so that no box is empty. It ends inside: `x + w` and `y + h` are at most 63.
    """

    x: int
    y: int
    w: int
    h: int
    phrase: str

    @property
    def area(self) -> int:
        """In cells, of which a picture has 64 x 64."""
        return (self.w + 1) * (self.h + 1)


@dataclass(frozen=True, slots=True)
class Regions:
    """Parts of a picture, whose phrases share a language (BCP-47, "und": not said) and an origin.

    A file keeps them by falling area; those of one area in the order given.
    """

    items: tuple[Region, ...]
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
    """The digits of all scales, coarse to fine; `MISSING` in every digit of a token that is not in the file.

    `num_bytes`: how many bytes of the file they were read from; 0 where they were read from none.
    """

    family: int
    working: Size
    digits: tuple[Digits, ...]
    num_bytes: int = 0


@dataclass(frozen=True, slots=True)
class BasePicture:
    """A small AV1 still, without what stands around it in a file (`semcodec.layers.base.av1`).

    `coded` is its size in pixels, which is enlarged to the shown one. `tools` are the bits of its sequence header
    (`layers.base.av1.Tool`), `frame` the content of its one OBU_FRAME. `offset`: of its section in the file.
    """

    coded: Size
    tools: int
    frame: bytes
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class PixelGrid:
    """A small grid of colours, enlarged where the picture is larger. Each channel has `num_levels` levels.

    `colours_RKC` is (R, K, 3) uint8 sRGB; `known_RK` is (R, K) bool: whether the cell is in the file.
    """

    num_levels: int
    colours_RKC: Pixels
    known_RK: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class PainterHint:
    """The painter that an encoder tried, and which of its seeds came nearest to the original. Only ever a hint.

    `name` is as its hub has it, `revision` the first 7 hex digits of the commit ("": not said). `seed` was the best of
    `num_tries`; read from a file, that is the power of two at or above the number that was tried.
    """

    name: str
    revision: str = ""
    seed: int = 0
    num_tries: int = 1

    def means(self, name: str, revision: str) -> bool:
        """Whether a painter of this name and (whole or shortened) revision is the one that was tried."""
        return name == self.name and (not self.revision or revision[: len(self.revision)] == self.revision)


@dataclass(frozen=True, slots=True)
class Vector:
    """What a picture shows, in numbers that a search compares with those of words and of other pictures.

    `levels` are 64 numbers of 0..15, a byte each. `space` is a number of `ids.VECTOR_SPACES`: who made them. Vectors of
    two spaces say nothing to each other.
    """

    space: int
    levels: bytes


@dataclass(frozen=True, slots=True)
class Scene:
    """What a file says. The meeting point of the exact and the approximate half; every part may be absent.

    `structure` are the digits of outlines, which a network draws: `edges`, (H, W) uint8, 255 on an outline, of any size
    (`Models.with_edges`). No layer sends edges themselves.
    """

    size: Size
    words: Words | None = None
    tokens: TokenPyramid | None = None
    edges: NDArray[np.uint8] | None = None
    painter: PainterHint | None = None
    regions: Regions | None = None
    base: BasePicture | None = None
    pixels: PixelGrid | None = None
    vector: Vector | None = None
    structure: TokenPyramid | None = None

    @property
    def has_tokens(self) -> bool:
        """Whether there is a token at all."""
        return self.tokens is not None and bool((self.tokens.digits[0] != MISSING).any())


@dataclass(frozen=True, slots=True)
class Link:
    """Which file a picture was made from: the SHA-256 of its bytes, and its name without folders ("": not said)."""

    sha256: bytes
    name: str = ""

    @classmethod
    def to(cls, original: bytes, name: str = "") -> Link:
        """The link to a file of these bytes."""
        import hashlib

        return cls(hashlib.sha256(original).digest(), name)

    def matches(self, original: bytes) -> bool:
        """Whether these are the bytes of the original. Its name plays no part."""
        return self == Link.to(original, self.name)


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the boxes of a file hold beside its picture; None: it has no such box, or a damaged one.

    `alpha` is a WebP file of grey pixels: how opaque the picture is. `icc_profile` is for RGB: the colours that the
    picture came in and is written back in (the pixels of the file itself are sRGB). `exif` is a TIFF stream that begins
    with "II*" or "MM", its orientation 1. `xmp` is a packet as it stands in a JPEG file.
    """

    alpha: bytes | None = None
    link: Link | None = None
    icc_profile: bytes | None = None
    exif: bytes | None = None
    xmp: bytes | None = None
    problems: tuple[FormatError, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """A file that was read: its Scene as far as the bytes go, and what was wrong with them (empty: nothing).

    `problems` are those of the picture, the words and the frame; what is wrong with the boxes alone stands in
    `metadata.problems`. `packets`: how many arrived and how many there are, where it was joined from packets.
    `num_bytes`: of the file, or of the packets that were used; 0 where it was not counted.
    """

    scene: Scene
    header: FileHeader
    problems: tuple[FormatError, ...] = ()
    metadata: Metadata = field(default_factory=Metadata)
    packets: tuple[int, int] | None = None
    num_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Encoded:
    """A finished file. `bytes_by_layer` maps "text", "tokens" or "pixels" and the names of boxes to bytes of payload:
    ends and flush are counted, framing is not. `described` is a sentence about what the embedded describer said, and
    why it is in the file or not; empty where it was not asked.
    """

    data: bytes
    bytes_by_layer: Mapping[str, int]
    notes: tuple[str, ...] = ()  # sentences for the user: conversions, what was dropped
    described: str = ""


@dataclass(frozen=True, slots=True)
class LayerInfo:
    """How much of a file is a layer's."""

    name: str
    num_bytes: int


@dataclass(frozen=True, slots=True)
class Prefix:
    """What the first bytes of a file give. From `num_bytes` on. `gives`: "words"; "outlines" and "soft
    picture", which sharpen with each byte that follows; "picture", which is there whole or not at all.
    """

    num_bytes: int
    gives: str


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
    boxes: tuple[LayerInfo, ...] = ()
    link: Link | None = None
    painter: PainterHint | None = None
    regions: Regions | None = None
    prefixes: tuple[Prefix, ...] = ()
    vector: Vector | None = None

    @property
    def profile(self) -> str | None:
        """What it sends: "anchor" is words and a picture, "structure" words and outlines, "text" words alone; None is
        none of these."""
        if any(map(self.has, (LayerId.TOKENS, LayerId.BASE, LayerId.PIXELS))):
            return "anchor"
        if self.words is None:
            return None
        return "structure" if self.has(LayerId.STRUCTURE) else "text"

    def has(self, layer: LayerId) -> bool:
        return any(found.name == LAYER_NAMES[layer] for found in self.layers)


class Fate(enum.Enum):
    """What became of a packet that was to be joined."""

    USED = "used"
    DUPLICATE = "duplicate"
    FOREIGN = "foreign"  # of another file
    DAMAGED = "damaged"
    NO_PACKET = "no packet"
    SPARE = "spare"  # a repair packet that was not needed, or is not enough


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reason` is a sentence; empty for a packet that was used."""

    fate: Fate
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Joined:
    """What a file's packets say together.

    `reading.scene` has every token that arrived. `data` is a file of the blocks that are whole and have all their
    parents: what a .semc can hold. `missing` are the numbers of packets that did not arrive, as (first, last) of each
    range; `verdicts` has an entry for every packet that was given. `repaired` are the numbers of those that did not
    arrive either, and that repair packets gave.
    """

    reading: Reading
    data: bytes
    file_id: int
    num_packets: int
    missing: tuple[tuple[int, int], ...]
    verdicts: tuple[Verdict, ...]
    repaired: tuple[int, ...] = ()

    @property
    def num_missing(self) -> int:
        return sum(last + 1 - first for first, last in self.missing)
