"""A vector to its section. Encoder only."""

from __future__ import annotations

from semcodec.ids import LayerId
from semcodec.layers.vector import NUM_LEVELS
from semcodec.types import Section, Vector


def pack_vector(vector: Vector) -> Section:
    levels = vector.levels
    assert len(levels) == NUM_LEVELS and max(levels) < 16, "an embedder makes 64 levels of 4 bits"
    payload = bytes(high << 4 | low for high, low in zip(levels[::2], levels[1::2], strict=True))
    return Section(LayerId.VECTOR, vector.space, payload)
