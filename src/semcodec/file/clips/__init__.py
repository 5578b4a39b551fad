"""Clips: what the records of a .semv file say. Frames count from 0."""

from __future__ import annotations

from dataclasses import dataclass, field

from semcodec.container.clips import ClipHeader
from semcodec.ids import Blend

TYPE_CHECKING = False  # type checkers take it as true; importing typing would cost `info` 3 ms
if TYPE_CHECKING:
    from semcodec.errors import FormatError, LimitError
    from semcodec.types import Size, Words

PAN_UNIT = ZOOM_UNIT = 4096  # to a width or height; to a doubling
TURN_UNIT = 65536  # to a whole turn
MOST_PAN, MOST_ZOOM, MOST_TURN = 16 * PAN_UNIT, 8 * ZOOM_UNIT, TURN_UNIT


@dataclass(frozen=True, slots=True)
class Camera:
    """How the whole picture moves from the first to the last frame of a span: a similarity about its centre.

    What is at p (from the centre, in pixels) comes to rest at S R p + t. t is `pan_x` 4096ths of the picture's width to
    the right and `pan_y` 4096ths of its height down; S enlarges by 2 to the power of `zoom` / 4096; R turns clockwise
    by `turn` 65536ths of a whole turn. (So a camera that pans right has a negative `pan_x`.) In between each number
    grows evenly with time.
    """

    pan_x: int = 0
    pan_y: int = 0
    zoom: int = 0
    turn: int = 0


@dataclass(frozen=True, slots=True)
class KeyFrame:
    """A whole still file (.semc), shown at a frame. `cut_short`: the clip's file ends inside it.

    `offset`: where the still file begins in the clip's file.
    """

    frame: int
    still: bytes
    cut_short: bool = field(default=False, compare=False)
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Motion:
    """What happens from frame `first` to frame `last`, both of them in the clip."""

    first: int
    last: int
    blend: Blend = Blend.MOVED
    camera: Camera | None = None
    words: Words | None = None


@dataclass(frozen=True, slots=True)
class Shot:
    """A new shot begins with this frame: nothing is interpolated from the one before it."""

    frame: int


@dataclass(frozen=True, slots=True)
class BaseClip:
    """A piece of video at a reduced size, without what stands around it in a file.

    Its n-th picture is shown at frame `first + n * every`; there are `num_frames` of them. `coded` is its size in
    pixels, which is enlarged to the clip's. `tools`: the bits of its sequence header, as its coding has them. `units`:
    one for each picture, or fewer where the file ends early. `offset`: of its payload in the file.
    """

    first: int
    num_frames: int
    every: int
    coding: int
    coded: Size
    tools: bytes
    units: tuple[bytes, ...]
    offset: int = field(default=0, compare=False)

    @property
    def last(self) -> int:
        """The frame of its last picture, were it whole."""
        return self.first + (self.num_frames - 1) * self.every


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip that was read, as far as its bytes go, and what was wrong with them (empty: nothing).

    Key frames, motions, shots and base clips are each in the order of their frames. `others`: records of unknown kinds.
    """

    header: ClipHeader
    key_frames: tuple[KeyFrame, ...] = ()
    motions: tuple[Motion, ...] = ()
    shots: tuple[Shot, ...] = ()
    base_clips: tuple[BaseClip, ...] = ()
    others: int = 0
    problems: tuple[FormatError | LimitError, ...] = ()
    num_bytes: int = 0

    def shot_starts(self) -> tuple[int, ...]:
        """The first frame of each shot; 0 is always one."""
        return tuple(sorted({0, *(shot.frame for shot in self.shots)}))
