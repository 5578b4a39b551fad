"""The painter of frames that were decoded elsewhere: those of base clips, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from semcodec.painters.told import video_told
from semcodec.pictures import resized_part
from semcodec.types import Scene, Size

if TYPE_CHECKING:
    from semcodec.types import Pixels, Roi


class FramePainter:
    """Satisfies `RestorablePainter`. `decoded_HWC` is the frame to paint, of the coded size; it is set from outside."""

    name = "av1"
    is_decoder = True
    keeps_tokens = True
    decoded_HWC: Pixels

    def __init__(self, coded: Size, quantizer: int | None) -> None:
        """`quantizer`: of the key frame, where it says it."""
        self._coded, self._quantizer = coded, quantizer

    def render(self, scene: Scene, *, size: Size | None = None, seed: int = 0) -> Pixels:
        size = size or scene.size
        return self.render_part(scene, (0, 0, size.width_px, size.height_px), size=size, seed=seed)

    def render_part(self, scene: Scene, roi: Roi, *, size: Size | None = None, seed: int = 0) -> Pixels:
        """`roi` lies inside of `size`."""

        def part_of(part: Roi) -> Pixels:
            left, top, width_px, height_px = part
            return self.decoded_HWC[top : top + height_px, left : left + width_px]

        return resized_part(part_of, self._coded, size or scene.size, roi, softly=True)

    def own_size(self, scene: Scene) -> Size:
        return self._coded

    def condition(self, scene: Scene, size: Size, least_and_most: tuple[float, float]) -> tuple[float, float]:
        return video_told(self._coded, self._quantizer, size)
