"""Outlines in fewer bytes: as tokens are shortened (`layers/tokens/shorten.py`). No network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from semcodec.errors import UnknownFamilyError
from semcodec.layers.structure import canvas_of
from semcodec.layers.structure.family import find_structure_family
from semcodec.layers.tokens.shorten import AnyBytes, Blocks

if TYPE_CHECKING:
    from semcodec.contracts import Shortener
    from semcodec.limits import Limits
    from semcodec.types import FileHeader, Roi, Section


def open_shortener(section: Section, header: FileHeader, limits: Limits, roi: Roi | None) -> Shortener:
    """Raises `FormatError` for a damaged stream, and for one of an unknown family where there is a `roi`."""
    try:
        family = find_structure_family(section.model)
    except UnknownFamilyError:
        if roi is not None:
            raise
        return AnyBytes(section, header)
    return Blocks(section, header, canvas_of(header.size), family, limits, roi)
