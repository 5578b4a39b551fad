"""The base picture as a section: the `Layer` contract."""

from __future__ import annotations

from dataclasses import replace

from semcodec.container.header import working_size
from semcodec.errors import FormatError
from semcodec.ids import LAYER_NAMES, LayerId
from semcodec.layers.base.decode import unpack_base
from semcodec.layers.base.encode import pack_base
from semcodec.limits import Limits
from semcodec.types import FileHeader, Scene, Section


class BaseLayer:
    """Satisfies `contracts.Layer`. A prefix of its payload gives nothing."""

    id = LayerId.BASE
    name = LAYER_NAMES[LayerId.BASE]

    def pack(self, scene: Scene, header: FileHeader) -> Section | None:
        """The header's working size must be the coded size of the base."""
        if scene.base is None:
            return None
        assert scene.base.coded == working_size(header), "a base is coded at the working size"
        return pack_base(scene.base)

    def unpack(
        self, section: Section, header: FileHeader, scene: Scene, limits: Limits
    ) -> tuple[Scene, FormatError | None]:
        base, problem = unpack_base(section, header, limits)
        return replace(scene, base=base), problem
