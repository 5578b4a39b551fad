"""The grid of colours as a section: the `Layer` contract."""

from __future__ import annotations

from dataclasses import replace

from semcodec.container.header import working_size
from semcodec.errors import FormatError
from semcodec.ids import LAYER_NAMES, PIXEL_CODING, LayerId
from semcodec.layers.pixels.decode import unpack_pixels
from semcodec.limits import Limits
from semcodec.types import FileHeader, Scene, Section


class PixelLayer:
    """Satisfies `contracts.Layer`."""

    id = LayerId.PIXELS
    name = LAYER_NAMES[LayerId.PIXELS]

    def pack(self, scene: Scene, header: FileHeader) -> Section | None:
        """The grid has the header's working size, and all its cells."""
        grid = scene.pixels
        if grid is None:
            return None
        working = working_size(header)
        assert grid.known_RK.all() and grid.known_RK.shape == (working.height_px, working.width_px)
        from semcodec.layers.pixels.encode import pack_pixels  # reading a file does not need the encoder

        payload = pack_pixels(grid.colours_RKC, grid.num_levels)
        assert payload is not None, "without a ceiling there is a payload"
        return Section(self.id, PIXEL_CODING, payload)

    def unpack(
        self, section: Section, header: FileHeader, scene: Scene, limits: Limits
    ) -> tuple[Scene, FormatError | None]:
        grid, problem = unpack_pixels(section, header)
        return replace(scene, pixels=grid), problem
