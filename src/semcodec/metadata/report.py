"""What `decode --report json` says of a picture that was painted: docs/report.md describes it, key by key.

Keys are added to, never renamed; SCHEMA counts up if one ever changes its meaning.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from semcodec.container.header import working_size
from semcodec.metadata.objects import words_object

if TYPE_CHECKING:
    from semcodec.metadata.provenance import Provenance
    from semcodec.types import Pixels, Reading

SCHEMA = 1


def report_of(
    reading: Reading, provenance: Provenance, image_HWC: Pixels, warnings: Sequence[Warning] = ()
) -> dict[str, Any]:
    """Numbers, strings, lists and dictionaries alone: what JSON can hold."""
    words, packets = reading.scene.words, provenance.packets
    return {
        "width_px": reading.scene.size.width_px,
        "height_px": reading.scene.size.height_px,
        "output_width_px": image_HWC.shape[1],
        "output_height_px": image_HWC.shape[0],
        "bytes": provenance.num_bytes,
        "packets": None if packets is None else {"received": packets[0], "all": packets[1]},
        "is_whole": not reading.problems and (packets is None or packets[0] == packets[1]),
        "is_invented": provenance.is_invented,
        "painter": provenance.painter,
        "restorer": provenance.restorer,
        "repainted": provenance.repainted,
        "from_words": provenance.from_words,
        "along_outlines": provenance.along_outlines,
        "blocks": {"all": provenance.num_blocks, "not_sent": provenance.num_painted},
        "shares": {name: round(share, 6) for name, share in provenance.shares.items()},
        "mask": _mask(reading, provenance.parts_RK.shape, provenance.runs),
        "words": None if words is None else words_object(words),
        "label": provenance.label,
        "sentence": provenance.sentence,
        "warnings": [str(warning) for warning in warnings],
    }


def _mask(reading: Reading, rows_cols: tuple[int, ...], runs: str) -> dict[str, Any]:
    """Which block is what. Blocks are squares of the picture as it was coded; their sides are told in the picture as
    the file shows it.
    """
    from semcodec.metadata.provenance import PART_PX, Part  # (numpy: `semcodec clip info` does without)

    scene, (rows, cols) = reading.scene, rows_cols
    if scene.pixels is not None or (scene.base is None and scene.tokens is None):
        sides = (scene.size.width_px / max(cols, 1), scene.size.height_px / max(rows, 1))
    else:
        coded = working_size(reading.header) if scene.base is None else scene.base.coded
        sides = (PART_PX * scene.size.width_px / coded.width_px, PART_PX * scene.size.height_px / coded.height_px)
    return {
        "columns": cols,
        "rows": rows,
        "block_px": [round(side, 4) for side in sides],
        "letters": {part.name[0].lower(): part.name.lower() for part in Part},
        "runs": runs,
    }
