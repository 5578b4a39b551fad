"""A section to its structure tokens. Any prefix of a stream gives the tokens that its bytes settle. Decoder only."""

from __future__ import annotations

from semcodec.errors import FormatError
from semcodec.ids import STRUCTURE_FAMILIES
from semcodec.layers.structure import canvas_of
from semcodec.layers.structure.family import find_structure_family
from semcodec.layers.tokens.decode import as_pyramid, read_section
from semcodec.limits import Limits
from semcodec.types import FileHeader, Scene, Section, TokenPyramid


def unpack(
    section: Section, header: FileHeader, before: Scene, limits: Limits
) -> tuple[TokenPyramid | None, FormatError | None]:
    """As `contracts.Layer` has it. A family that `ids.STRUCTURE_FAMILIES` does not have yet is no structure and no
    problem: newer writers know more.
    """
    if section.model not in STRUCTURE_FAMILIES:
        return None, None
    family, canvas = find_structure_family(section.model), canvas_of(header.size)
    decoded, all_grids = read_section(section, canvas, family, limits, called="stream of outlines")
    return as_pyramid(decoded, family, canvas, all_grids, num_bytes=len(section.payload)), decoded.problem
