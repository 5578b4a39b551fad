"""The painter of small grids: their colours as they are, enlarged where the picture is larger. No network.

Shapes: R, K = rows, columns of cells; C = 3 (RGB).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from semcodec.errors import NoPictureError
from semcodec.layers.pixels.decode import fill_gaps
from semcodec.pictures import resized_part
from semcodec.types import Scene, Size

if TYPE_CHECKING:
    from semcodec.types import Pixels, Roi


class PixelPainter:
    """Satisfies `contracts.PartPainter`. It has no randomness: every seed paints the same picture."""

    name = "pixels"
    keeps_tokens = True

    def render(self, scene: Scene, *, size: Size | None = None, seed: int = 0) -> Pixels:
        """Raises `NoPictureError` for a Scene without a grid."""
        size = size or scene.size
        return self.render_part(scene, (0, 0, size.width_px, size.height_px), size=size, seed=seed)

    def render_part(self, scene: Scene, roi: Roi, *, size: Size | None = None, seed: int = 0) -> Pixels:
        """`roi` lies inside of `size`."""
        if scene.pixels is None:
            raise NoPictureError()
        whole_RKC = fill_gaps(scene.pixels)

        def part_of(part: Roi) -> Pixels:
            left, top, width_px, height_px = part
            return whole_RKC[top : top + height_px, left : left + width_px]

        num_rows, num_cols, _ = whole_RKC.shape
        return resized_part(part_of, Size(num_cols, num_rows), size or scene.size, roi)
