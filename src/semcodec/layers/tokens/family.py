"""A family: the token format of one set of networks, and the integer tables that its digits are coded with.

A family file is data, shipped in `families/`:

```text
 "SFAM"                          4 bytes
 length of the description       u32, little-endian
 description                     JSON: name, strides, levels, blocks, num_nodes and num_leaves per scale and symbol
 per scale and symbol: nodes     num_nodes times four i16: feature, threshold, low child, high child
 per scale and symbol: leaves    num_leaves times (values of the symbol) u16: frequencies that sum to 2**15
```

The symbols of a token are its length (0 to the number of its digits) and its digits. A symbol's table is found by
walking a tree of integer comparisons over its context (`context.py`): go to the low child where feature <= threshold,
else to the high one; a child below 0 is leaf `-1 - child`. The first 32 bits of the file's SHA-256 seed the checks in
the stream, so that files made with other tables are found out.
"""

from __future__ import annotations

import hashlib
import json
import sys
from array import array
from dataclasses import dataclass
from functools import lru_cache

from semcodec.entropy.tables import starts_of
from semcodec.errors import UnknownFamilyError
from semcodec.ids import WITHDRAWN_FAMILIES
from semcodec.layers.shipped import FAMILY_TABLES, numbers_of, open_table
from semcodec.layers.tokens.context import num_features

MAGIC = b"SFAM"
Node = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class SymbolModel:
    """The tree of one symbol and the cumulative frequencies at its leaves."""

    nodes: tuple[Node, ...]
    starts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Family:
    """`strides`, `levels`, `blocks` (tokens along a block's side) and `models` have one entry per scale, coarse to
    fine. `models[scale]` is that of a token's length, then those of its digits.
    """

    id: int
    name: str
    strides: tuple[int, ...]
    levels: tuple[tuple[int, ...], ...]
    blocks: tuple[int, ...]
    models: tuple[tuple[SymbolModel, ...], ...]
    seed: int

    @property
    def num_scales(self) -> int:
        return len(self.strides)


@lru_cache(maxsize=8)
def find_family(number: int) -> Family:
    """Raises `UnknownFamilyError` for a number that this build has no tables of."""
    if number in WITHDRAWN_FAMILIES:
        raise UnknownFamilyError(
            f"the tokens are of draft family {number} ({WITHDRAWN_FAMILIES[number]}), which was withdrawn: encode the "
            "picture again, or paint it with the semcodec that wrote it; the words can be read without it"
        )
    file = FAMILY_TABLES.get(number)
    if file is None:
        have = numbers_of(FAMILY_TABLES)
        raise UnknownFamilyError(
            f"the tokens are of family {number}, which this build does not have ({have}): "
            "install a newer semcodec; the words can be read without it"
        )
    return parse_family(open_table(file)[:], number)


def parse_family(data: bytes, number: int) -> Family:
    """A family file's content. These files are our own: a bad one is a broken installation, so this asserts."""
    assert data[: len(MAGIC)] == MAGIC, "a family file begins with SFAM"
    length = int.from_bytes(data[4:8], "little")
    about = json.loads(data[8 : 8 + length])
    at = 8 + length
    models = []
    for scale, levels in enumerate(about["levels"]):
        symbols = []
        for symbol, count in enumerate((len(levels) + 1, *levels)):
            num_nodes, num_leaves = about["num_nodes"][scale][symbol], about["num_leaves"][scale][symbol]
            flat = _integers("h", data[at : at + 8 * num_nodes])
            at += 8 * num_nodes
            nodes = tuple((flat[n], flat[n + 1], flat[n + 2], flat[n + 3]) for n in range(0, len(flat), 4))
            freqs = _integers("H", data[at : at + 2 * num_leaves * count])
            at += 2 * num_leaves * count
            starts = tuple(starts_of(freqs[leaf * count : (leaf + 1) * count]) for leaf in range(num_leaves))
            assert all(0 <= node[0] < num_features(about["levels"]) for node in nodes)
            symbols.append(SymbolModel(nodes, starts))
        models.append(tuple(symbols))
    assert at == len(data), "a family file ends after its last leaf"
    return Family(
        id=number,
        name=about["name"],
        strides=tuple(about["strides"]),
        levels=tuple(map(tuple, about["levels"])),
        blocks=tuple(about["blocks"]),
        models=tuple(models),
        seed=int.from_bytes(hashlib.sha256(data).digest()[:4], "big"),
    )


def _integers(kind: str, data: bytes) -> array[int]:
    values = array(kind, data)
    if sys.byteorder == "big":
        values.byteswap()
    return values
