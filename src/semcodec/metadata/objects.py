"""What is said of a file, for machines: numbers, strings, lists and dictionaries alone, as JSON has them.

The command line and the service say the same. Keys are added to, never renamed. Loads neither numpy nor typing.
"""

from __future__ import annotations

from semcodec.ids import VECTOR_SPACES
from semcodec.layers.catalog import group_of
from semcodec.types import FileInfo, PainterHint, Regions, Vector, Words


def info_object(info: FileInfo) -> dict[str, object]:
    """All that `semcodec.info` says."""
    return {
        "bytes": info.num_bytes,
        "bits_per_pixel": bits_per_pixel(info),
        "width_px": info.size.width_px,
        "height_px": info.size.height_px,
        "working_width_px": info.working.width_px,
        "working_height_px": info.working.height_px,
        "format_version": info.version,
        "profile": info.profile,
        "family": info.family,
        "words": None if info.words is None else words_object(info.words),
        "regions": None if info.regions is None else regions_object(info.regions),
        "layers": [
            {"name": layer.name, "bytes": layer.num_bytes, "group": group_of(layer.name)} for layer in info.layers
        ],
        "boxes": [{"name": box.name, "bytes": box.num_bytes} for box in info.boxes],
        "original": None if info.link is None else {"name": info.link.name, "sha256": info.link.sha256.hex()},
        "painter": None if info.painter is None else painter_object(info.painter),
        "vector": None if info.vector is None else vector_object(info.vector),
        "prefixes": [{"bytes": prefix.num_bytes, "gives": prefix.gives} for prefix in info.prefixes],
        "warnings": list(info.warnings),
    }


def bits_per_pixel(info: FileInfo) -> float:
    return 8 * info.num_bytes / (info.size.width_px * info.size.height_px)


def words_object(words: Words) -> dict[str, object]:
    return {"text": words.text, "language": words.language, "origin": words.origin.name.lower()}


def regions_object(regions: Regions) -> dict[str, object]:
    """Boxes count in 64ths of the picture's sides; one is `w + 1` wide and `h + 1` high."""
    return {
        "language": regions.language,
        "origin": regions.origin.name.lower(),
        "items": [
            {"x": region.x, "y": region.y, "w": region.w, "h": region.h, "phrase": region.phrase}
            for region in regions.items
        ],
    }


def painter_object(hint: PainterHint) -> dict[str, object]:
    return {"name": hint.name, "revision": hint.revision or None, "seed": hint.seed, "tries": hint.num_tries}


def vector_object(vector: Vector) -> dict[str, object]:
    """64 levels of 0 to 15, and the name of the space in which alone they can be compared."""
    return {"space": VECTOR_SPACES[vector.space], "levels": list(vector.levels)}
