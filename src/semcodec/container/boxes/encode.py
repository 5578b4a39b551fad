"""What belongs to a picture to its boxes. Encoder only."""

from __future__ import annotations

import zlib

from semcodec.container.boxes import CODING_OF, FIELD_OF, HASH_BYTES, base_name
from semcodec.ids import BOXES, BoxCoding, LayerId
from semcodec.types import Link, Metadata, Section


def pack_boxes(metadata: Metadata) -> list[Section]:
    """The boxes in the order of a file; those that are None or empty are left out."""
    sections = []
    for layer in BOXES:
        if layer == LayerId.LINK:
            payload = _pack_link(metadata.link) if metadata.link is not None else b""
        else:
            plain: bytes = getattr(metadata, FIELD_OF[layer]) or b""
            payload = zlib.compress(plain, 9) if plain and CODING_OF[layer] == BoxCoding.ZLIB else plain
        if payload:
            sections.append(Section(layer, CODING_OF[layer], payload))
    return sections


def _pack_link(link: Link) -> bytes:
    name = link.name.encode("utf-8")
    assert len(link.sha256) == HASH_BYTES, "a SHA-256 has 32 bytes"
    assert link.name == base_name(link.name), "a link's name is made by `base_name`"
    return link.sha256 + bytes([len(name)]) + name
