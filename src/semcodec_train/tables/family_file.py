"""A family's tables to the file that `semcodec.layers.tokens.family` reads, and describes."""

from __future__ import annotations

import json

from semcodec.entropy.tables import TOTAL
from semcodec.layers.tokens.family import MAGIC, Node


def family_bytes(
    name: str,
    strides: tuple[int, ...],
    levels: tuple[tuple[int, ...], ...],
    blocks: tuple[int, ...],
    nodes: list[list[list[Node]]],
    leaves: list[list[list[list[int]]]],
) -> bytes:
    """The file that `parse_family` reads. `nodes` and `leaves` are per scale and symbol; a leaf is its frequencies."""
    about = {
        "name": name,
        "strides": strides,
        "levels": levels,
        "blocks": blocks,
        "num_nodes": [[len(tree) for tree in scale] for scale in nodes],
        "num_leaves": [[len(tables) for tables in scale] for scale in leaves],
    }
    text = json.dumps(about, separators=(",", ":"), sort_keys=True).encode()
    out = bytearray(MAGIC + len(text).to_bytes(4, "little") + text)
    for scale_nodes, scale_leaves in zip(nodes, leaves, strict=True):
        for tree, tables in zip(scale_nodes, scale_leaves, strict=True):
            for node in tree:
                out += b"".join(value.to_bytes(2, "little", signed=True) for value in node)
            for freqs in tables:
                assert sum(freqs) == TOTAL
                out += b"".join(freq.to_bytes(2, "little") for freq in freqs)
    return bytes(out)
