"""The text layer: `Words` of a Scene to a section and back (`semcodec.contracts.Layer`)."""

from __future__ import annotations

from dataclasses import replace

from semcodec.errors import FormatError
from semcodec.ids import LAYER_NAMES, LayerId
from semcodec.layers.text.decode import unpack_words
from semcodec.limits import DEFAULT_LIMITS, Limits
from semcodec.types import FileHeader, Scene, Section


class TextLayer:
    """`max_chars`: more are refused when packing; unpacking is told its limits."""

    id = LayerId.TEXT
    name = LAYER_NAMES[LayerId.TEXT]

    def __init__(self, *, max_chars: int = DEFAULT_LIMITS.max_caption_chars) -> None:
        self._max_chars = max_chars

    def pack(self, scene: Scene, header: FileHeader) -> Section | None:
        if scene.words is None:
            return None
        from semcodec.layers.text.encode import pack_words  # reading a file does not need the encoder (it imports re)

        table_number, payload = pack_words(scene.words, max_chars=self._max_chars)
        return Section(layer=LayerId.TEXT, model=table_number, payload=payload)

    def unpack(
        self, section: Section, header: FileHeader, scene: Scene, limits: Limits
    ) -> tuple[Scene, FormatError | None]:
        words, problem = unpack_words(
            section.payload,
            table_number=section.model,
            open_end=section.open_end,
            cut_short=section.cut_short,
            sized=section.sized,
            offset=section.offset,
            limits=limits,
        )
        return replace(scene, words=words), problem
