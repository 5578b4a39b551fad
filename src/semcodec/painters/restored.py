"""A painter whose pictures a network finishes: what the file's picture layer gives, enlarged and restored.

The restorer is no part of what a file means. The encoder never sees it, files name none, and another one changes no
byte: it is the last step before a picture is shown.

Shapes: H, W = pixels; C = 3 (RGB).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from semcodec.contracts import PartPainter
from semcodec.nets.restorer import Condition, RestorerNets
from semcodec.pictures import resized_part
from semcodec.types import Scene, Size

if TYPE_CHECKING:
    from semcodec.contracts import Painter
    from semcodec.types import Pixels, Roi

LEAST_SIDE_PX = 16  # of what is restored, where as much is shown


@runtime_checkable
class RestorablePainter(PartPainter, Protocol):
    """A painter whose pictures the restorer knows: it was trained on such ones."""

    def own_size(self, scene: Scene) -> Size:
        """The size that it paints at, before the picture is enlarged to the one that is shown."""

    def condition(self, scene: Scene, size: Size, least_and_most: tuple[float, float]) -> Condition:
        """What the restorer is told of the picture, which it restores at `size` (`painters.told`).

        `least_and_most`: bits per pixel that it was trained for.
        """


def with_restorer(painter: Painter, found: tuple[str, RestorerNets] | None) -> Painter:
    """The painter, with the restorer of this name behind it where there is one that knows its pictures."""
    if found is None or not isinstance(painter, RestorablePainter):
        return painter
    name, nets = found
    return RestoredPainter(painter, nets, restorer=name)


class RestoredPainter:
    """Satisfies `contracts.PartPainter`. `painter` paints, `nets` restore; `restorer` is their name."""

    keeps_tokens = True

    def __init__(self, painter: RestorablePainter, nets: RestorerNets, *, restorer: str) -> None:
        self.painter, self.name, self.revision = painter, painter.name, getattr(painter, "revision", "")
        self.is_decoder = getattr(painter, "is_decoder", False)
        self.follows_edges = getattr(painter, "follows_edges", False)
        self.restorer, self._nets = restorer, nets

    def render(self, scene: Scene, *, size: Size | None = None, seed: int = 0) -> Pixels:
        """Raises what its painter does."""
        size = size or scene.size
        return self.render_part(scene, (0, 0, size.width_px, size.height_px), size=size, seed=seed)

    def render_part(self, scene: Scene, roi: Roi, *, size: Size | None = None, seed: int = 0) -> Pixels:
        """`roi` lies inside of `size`. It paints and restores what of the whole picture can be felt there."""
        about = self._nets.about
        own = self.painter.own_size(scene)
        goal = restored_size(own, scene.size, about.max_pixels)
        condition = self.painter.condition(scene, goal, about.bits_per_pixel)

        def restored(part: Roi) -> Pixels:
            left, top, width_px, height_px = part
            near = _around(part, goal, about.reach_px, about.multiple)
            enlarged_HWC = enlarged_part(self.painter, scene, own, goal, near, seed=seed)
            image_HWC = self._nets.restore(enlarged_HWC, condition)
            top, left = top - near[1], left - near[0]
            return image_HWC[top : top + height_px, left : left + width_px]

        return resized_part(restored, goal, size or scene.size, roi)


def enlarged_part(
    painter: RestorablePainter, scene: Scene, own: Size, goal: Size, part: Roi, *, seed: int = 0
) -> Pixels:
    """A part of what the restorer is given: the picture at its own size, enlarged without ringing."""
    return resized_part(lambda roi: painter.render_part(scene, roi, size=own, seed=seed), own, goal, part, softly=True)


def restored_size(own: Size, shown: Size, max_pixels: int) -> Size:
    """The size that a picture is restored at: the shown one, or for large pictures the larger of `max_pixels` and its
    own, in the shown shape. It is enlarged from there.
    """
    num_shown, num_own = shown.width_px * shown.height_px, own.width_px * own.height_px
    if num_shown <= max(max_pixels, num_own):
        return shown
    if num_own >= max_pixels:
        return own
    scale = math.sqrt(max_pixels / num_shown)
    return Size(*(max(min(side, LEAST_SIDE_PX), round(side * scale)) for side in (shown.width_px, shown.height_px)))


def _around(part: Roi, size: Size, reach_px: int, multiple: int) -> Roi:
    """A part with what it depends on, in whole multiples as far as the picture goes."""
    left, top, width_px, height_px = part
    first_col, first_row = (max(0, at - reach_px) // multiple * multiple for at in (left, top))
    end_col = min(size.width_px, -(-(left + width_px + reach_px) // multiple) * multiple)
    end_row = min(size.height_px, -(-(top + height_px + reach_px) // multiple) * multiple)
    return first_col, first_row, end_col - first_col, end_row - first_row
