"""The region layer: `Regions` of a Scene to a section and back (`semcodec.contracts.Layer`)."""

from __future__ import annotations

from dataclasses import replace

from semcodec.errors import FormatError
from semcodec.ids import LAYER_NAMES, LayerId
from semcodec.layers.regions.decode import unpack_regions
from semcodec.limits import DEFAULT_LIMITS, Limits
from semcodec.types import FileHeader, Scene, Section


class RegionLayer:
    """The words of the Scene help on both sides, so a file has them before its regions.

    `limits`: more are refused when packing; unpacking is told its own. `words_are_whole`: whether the words of the
    Scene, when unpacking, are all that the file had. If not, regions that were coded with them are refused.
    """

    id = LayerId.REGIONS
    name = LAYER_NAMES[LayerId.REGIONS]

    def __init__(self, *, limits: Limits = DEFAULT_LIMITS, words_are_whole: bool = True) -> None:
        self._limits, self._words_are_whole = limits, words_are_whole

    def pack(self, scene: Scene, header: FileHeader) -> Section | None:
        if scene.regions is None or not scene.regions.items:
            return None
        from semcodec.layers.regions.encode import pack_regions  # reading a file does not need the encoder

        table_number, payload = pack_regions(scene.regions, scene.words, limits=self._limits)
        return Section(layer=LayerId.REGIONS, model=table_number, payload=payload)

    def unpack(
        self, section: Section, header: FileHeader, scene: Scene, limits: Limits
    ) -> tuple[Scene, FormatError | None]:
        regions, problem = unpack_regions(
            section.payload,
            table_number=section.model,
            words=scene.words if self._words_are_whole else None,
            open_end=section.open_end,
            cut_short=section.cut_short,
            sized=section.sized,
            offset=section.offset,
            limits=limits,
        )
        return replace(scene, regions=regions), problem
