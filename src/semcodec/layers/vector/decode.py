"""A section to its vector. Decoder only."""

from __future__ import annotations

from semcodec.errors import FormatError
from semcodec.ids import VECTOR_SPACES
from semcodec.layers.vector import NUM_BYTES
from semcodec.limits import Limits
from semcodec.types import FileHeader, Scene, Section, Vector


def unpack(
    section: Section, header: FileHeader, before: Scene, limits: Limits
) -> tuple[Vector | None, FormatError | None]:
    """As `contracts.Layer` has it. A space that `ids.VECTOR_SPACES` does not have yet is no vector and no problem:
    newer writers know more.
    """
    if section.cut_short or section.model not in VECTOR_SPACES:  # (the first is a problem of the frame)
        return None, None
    num_bytes, wrong = len(section.payload), ""
    if section.open_end:
        wrong = "is marked as cut, which no vector is"
    elif num_bytes != NUM_BYTES:
        wrong = f"has {num_bytes} bytes, not {NUM_BYTES}"
    if wrong:
        message = f"the vector at offset {section.offset} {wrong}; the picture does not need it"
        return None, FormatError(message, offset=section.offset)
    levels = bytes(level for byte in section.payload for level in (byte >> 4, byte & 15))
    return Vector(section.model, levels), None
