"""How much of a decoded picture stood in its file, and how much a network painted without having been told."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from semcodec.ids import FAMILY_NAMES
from semcodec.layers.tokens.family import find_family
from semcodec.layers.tokens.grid import grids
from semcodec.types import MISSING, Scene


@dataclass(frozen=True, slots=True)
class Provenance:
    """`num_blocks`: of tokens, over all scales of the picture. `num_painted`: how many of them were not in the file.
    `painter`: what painted, the name of a family of networks or of a generator. `repainted`: a generative model went
    over all of it, sent or not.
    """

    num_blocks: int
    num_painted: int
    painter: str
    repainted: bool = False

    @property
    def is_invented(self) -> bool:
        """Whether some of what the picture shows was never sent."""
        return self.repainted or self.num_painted > 0

    @property
    def sentence(self) -> str:
        """For people."""
        by = f"Painted by semcodec ({self.painter})"
        if not self.num_painted:
            repainted = ", and a generative model went over them" if self.repainted else ""
            return f"{by}: all of its {self.num_blocks} blocks were in the file{repainted}."
        permille = min(max((2000 * self.num_painted + self.num_blocks) // (2 * self.num_blocks), 1), 999)
        share = "100" if self.num_painted == self.num_blocks else f"{permille // 10}.{permille % 10}"
        return (
            f"{by}: {share} % of its blocks ({self.num_painted} of {self.num_blocks}) were not in the file; "
            "what they show is invented."
        )


def provenance_of(scene: Scene, painter: str | None = None) -> Provenance:
    """Of a picture painted from this Scene. A Scene without tokens is one block, not sent.

    `painter` names a generator other than the family's own networks.
    """
    pyramid = scene.tokens
    if pyramid is None:
        return Provenance(1, 1, painter or "unknown", painter is not None)
    family = find_family(pyramid.family)
    num_blocks = num_painted = 0
    for digits, grid in zip(pyramid.digits, grids(pyramid.working, family.strides, family.blocks), strict=True):
        missing_RK = digits[:, :, 0] == MISSING
        rows, cols = np.arange(0, grid.num_rows, grid.block), np.arange(0, grid.num_cols, grid.block)
        any_missing = np.logical_or.reduceat(np.logical_or.reduceat(missing_RK, rows, axis=0), cols, axis=1)
        num_blocks += grid.num_blocks
        num_painted += int(any_missing.sum())
    name = painter or FAMILY_NAMES.get(pyramid.family, f"family {pyramid.family}")
    return Provenance(num_blocks, num_painted, name, painter is not None)
