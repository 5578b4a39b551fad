"""A section to its base picture, whole or not at all. Decoder only.

Promises:
1. Bytes that are cut or damaged give no picture: the check is over all of them, and over the coded size.
2. Its size is asked of the limits before anybody decodes it.
"""

from __future__ import annotations

from semcodec.container.header import working_size
from semcodec.errors import DamagedError, FormatError, TruncatedError, UnknownBaseError
from semcodec.ids import BaseCoding
from semcodec.layers.base.av1 import ALL_TOOLS
from semcodec.layers.base.check import HEAD_BYTES, check_of
from semcodec.layers.base.obus import MAX_SIDE_PX
from semcodec.limits import Limits
from semcodec.types import BasePicture, FileHeader, Scene, Section


def unpack(
    section: Section, header: FileHeader, before: Scene, limits: Limits
) -> tuple[BasePicture | None, FormatError | None]:
    """The base, or what is wrong with it; neither where the file ends inside of it, which the frame says. Raises
    `LimitError`.
    """
    at, payload, coded = section.offset, section.payload, working_size(header)
    if section.model != BaseCoding.AV1:
        return None, UnknownBaseError(
            f"base coding {section.model} is unknown to this build (section at offset {at})", offset=at
        )
    if section.open_end:
        return None, DamagedError(f"the base at offset {at} is marked as cut, which no base is", offset=at)
    if max(coded.width_px, coded.height_px) > MAX_SIDE_PX:
        return None, DamagedError(
            f"the base at offset {at} would be of {coded} pixels: {MAX_SIDE_PX} a side is the most", offset=at
        )
    num_pixels = coded.width_px * coded.height_px
    limits.ask("max_working_pixels", num_pixels, f"the base has {num_pixels} pixels, {coded}", offset=at)
    if section.cut_short:
        return None, None
    end = at + len(payload)
    if len(payload) <= HEAD_BYTES:
        return None, TruncatedError(f"the base at offset {at} ends early, at offset {end}", offset=end)
    if payload[0] & ~ALL_TOOLS:
        return None, DamagedError(f"the base at offset {at} asks for tools that there are not", offset=at)
    base = BasePicture(coded, payload[0], payload[HEAD_BYTES:], at)
    if payload[1:HEAD_BYTES] == check_of(base):
        return base, None
    if section.sized:
        return None, DamagedError(f"the base at offset {at} is damaged: its check does not hold", offset=at)
    return None, TruncatedError(
        f"the base at offset {at} is not whole at offset {end}: the file is cut short or damaged", offset=end
    )
