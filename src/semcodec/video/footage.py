"""What is filmed: frames at their times, from video files (PyAV) and from animated pictures (Pillow).

Promises
1. Frames come out uint8 (H, W, 3) sRGB, upright, with square pixels, one at a time: memory does not grow with length.
2. What had to be done to them, and what is lost, is a sentence in `notes`; what is wrong with the file, in `damage`.
   What could be read of a damaged file is given.
3. Whatever is wrong with a file is one `VideoError` or `LimitError`. No address that a file names is opened.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Protocol

from semcodec.types import Size

if TYPE_CHECKING:
    from semcodec.types import Pixels

Frame = tuple[Fraction, "Pixels"]  # when it is shown, in seconds from the first one, and what it shows


@dataclass(slots=True)
class Told:
    """Sentences about a file, each once."""

    notes: list[str] = field(default_factory=list)
    damage: list[str] = field(default_factory=list)

    def note(self, sentence: str) -> None:
        if sentence not in self.notes:
            self.notes.append(sentence)

    def damaged(self, sentence: str) -> None:
        if sentence not in self.damage:
            self.damage.append(sentence)


class Footage(Protocol):
    """A video that was opened. `size` is that of its upright frames with square pixels, `rate` its frames a second.

    `num_frames`: how many there may be; None: it is not said. Reading frames adds to `told`.
    """

    size: Size
    rate: Fraction
    num_frames: int | None
    told: Told

    def frames(self, size: Size | None = None) -> Iterator[Frame]:
        """From the first one on, however often it is asked; `size`: shrunk to it. Raises `VideoError` where not one
        can be read, `LimitError`.
        """


LONGEST_GAP_S = 60  # between two frames; what is longer is taken for times that jump


def evenly(frames: Iterator[Frame], rate: Fraction, told: Told) -> Iterator[Pixels]:
    """One frame for each turn of a constant rate: those that come late are awaited (the one before is shown again),
    those that come too soon are left out. A sentence says how many.
    """
    num_shown = num_repeated = num_left_out = 0
    skipped, before = Fraction(0), None
    for time, image_HWC in frames:
        turn = round((time - skipped) * rate)
        if not num_shown <= turn <= num_shown + LONGEST_GAP_S * rate and (turn > num_shown or turn < num_shown - rate):
            told.note("its times jump by more than a minute, or backwards: the gap was left out")
            skipped, turn = time - num_shown / rate, num_shown
        if turn < num_shown:
            num_left_out += 1
            continue
        while num_shown < turn and before is not None:
            num_shown, num_repeated = num_shown + 1, num_repeated + 1
            yield before
        yield image_HWC
        num_shown, before = num_shown + 1, image_HWC
    if num_repeated or num_left_out:
        per_second = f"{float(rate):.4g}"
        told.note(
            f"its frames come at varying times: {per_second} a second were taken ({num_repeated} shown again, "
            f"{num_left_out} left out)"
        )
