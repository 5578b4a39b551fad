"""What a video painter films between two pictures of a clip.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from semcodec.interpolators.plain import faded
from semcodec.types import Size

if TYPE_CHECKING:
    from fractions import Fraction

    from semcodec.contracts import VideoPainter
    from semcodec.options import Times
    from semcodec.types import Pixels

_MEETS_FROM = 0.5  # where it begins to turn into the last picture, which few models can be told


class Filmed:
    """Satisfies `contracts.Interpolator`. A film begins at the first picture. It need not end at the last one: in its
    second half it fades into that.
    """

    def __init__(self, painter: VideoPainter, rate: Fraction, *, seed: int = 0, prompt: str = "") -> None:
        """`rate`: frames a second of what is asked for; `prompt`: the words of it."""
        self.name = painter.name
        self._painter, self._rate, self._seed, self._prompt = painter, rate, seed, prompt

    def told(self, prompt: str) -> Filmed:
        """The same, of other words."""
        return Filmed(self._painter, self._rate, seed=self._seed, prompt=prompt)

    def between(self, first_HWC: Pixels, last_HWC: Pixels, times: Times) -> Iterator[Pixels]:
        """As `contracts.Interpolator` has it. `times` lie evenly, as those of all frames between two do."""
        height, width = first_HWC.shape[:2]
        film = self._painter.film(
            self._prompt,
            Size(width, height),
            len(times) + 2,
            self._rate,
            first_HWC=first_HWC,
            last_HWC=last_HWC,
            seed=self._seed,
        )
        for image_HWC, time in zip(list(film)[1:-1], times, strict=True):
            share = max(0.0, (time - _MEETS_FROM) / (1 - _MEETS_FROM))
            yield faded(image_HWC, last_HWC, share)
