"""Structure tokens to their section. Encoder only."""

from __future__ import annotations

from semcodec.ids import LayerId
from semcodec.layers.structure.family import find_structure_family
from semcodec.layers.tokens.encode import encode_pyramid
from semcodec.types import Section, TokenPyramid


def pack_structure(pyramid: TokenPyramid, *, max_bytes: int | None = None) -> Section | None:
    """Whole scales, coarse to fine; with `max_bytes`, as many blocks as that many bytes of payload hold. None: no
    block.
    """
    encoded = encode_pyramid(pyramid, find_structure_family(pyramid.family), max_bytes=max_bytes)
    return Section(LayerId.STRUCTURE, pyramid.family, encoded.payload) if encoded.num_blocks else None
