"""What `scripts/conformance.py` puts into `conformance/`: a chapter is a function that yields `Case`s."""

from __future__ import annotations

from conformance_files import (
    base,
    boxes,
    clips,
    good,
    malformed,
    packets,
    painter,
    pixels,
    regions,
    structure,
    vector,
)

CHAPTERS = {
    "good": (
        good.pictures,
        good.sizes,
        good.frames,
        good.the_encoders_own,
        good.words,
        regions.good,
        pixels.good,
        painter.hints,
        vector.good,
        structure.good,
        boxes.good,
        base.good,
    ),
    "malformed": (
        malformed.headers,
        malformed.grids,
        malformed.sections,
        malformed.cuts,
        malformed.words,
        malformed.tokens,
        regions.malformed,
        pixels.malformed,
        painter.damaged_hints,
        vector.malformed,
        structure.malformed,
        boxes.malformed,
        base.malformed,
    ),
}
CLIP_CHAPTERS = (clips.good, clips.malformed)
PACKET_CHAPTERS = (packets.good, packets.hostile)
