"""The painter of base pictures: decoded at the coded size, then enlarged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from semcodec.errors import NoPictureError
from semcodec.painters.told import base_told
from semcodec.pictures import decoded_base, resized_part
from semcodec.types import Scene, Size

if TYPE_CHECKING:
    from semcodec.types import Pixels, Roi


class BasePainter:
    """Satisfies `RestorablePainter`. It has no randomness: every seed paints the same picture."""

    name = "av1"
    is_decoder = True
    keeps_tokens = True  # (all that was sent is shown as it was sent)

    def render(self, scene: Scene, *, size: Size | None = None, seed: int = 0) -> Pixels:
        """Raises `NoPictureError` for a Scene without a base, `MissingAvifError`, `DamagedError`."""
        size = size or scene.size
        return self.render_part(scene, (0, 0, size.width_px, size.height_px), size=size, seed=seed)

    def render_part(self, scene: Scene, roi: Roi, *, size: Size | None = None, seed: int = 0) -> Pixels:
        """`roi` lies inside of `size`. The base is decoded whole (it is small), and enlarged where it is wanted."""
        base = scene.base
        if base is None:
            raise NoPictureError()
        coded_HWC = decoded_base(base)

        def part_of(part: Roi) -> Pixels:
            left, top, width_px, height_px = part
            return coded_HWC[top : top + height_px, left : left + width_px]

        return resized_part(part_of, base.coded, size or scene.size, roi, softly=True)

    def own_size(self, scene: Scene) -> Size:
        """The coded size. Raises `NoPictureError` for a Scene without a base."""
        if scene.base is None:
            raise NoPictureError()
        return scene.base.coded

    def condition(self, scene: Scene, size: Size, least_and_most: tuple[float, float]) -> tuple[float, float]:
        """As `RestorablePainter` has it. What its bits are does not matter: it says how fine it is."""
        assert scene.base is not None, "a Scene without a base is not painted"
        return base_told(scene.base, size)
