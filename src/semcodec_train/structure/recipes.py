"""What structure tokens are trained with."""

from __future__ import annotations

from dataclasses import dataclass, replace

from semcodec_train.common.recipes import Make, listed
from semcodec_train.structure.model import StructureSpec, StructureWidths

RECIPES: dict[str, Make] = {}


@dataclass(frozen=True, slots=True)
class StructureRecipe:
    """`structure.train`. An outline counts `1 + outlines` times; `full`: the share of maps all of whose tokens the
    decoder has.
    """

    minutes: float
    spec: StructureSpec = StructureSpec()
    widths: StructureWidths = StructureWidths()
    crop_cells: int = 128  # of a map, a multiple of 16; twice as many canvas pixels
    batch: int = 16
    outlines: float = 2.0
    full: float = 0.6
    muon_lr: float = 0.004
    adam_lr: float = 1e-3
    average: float = 0.998
    name: str = ""


@listed(RECIPES)
def structure_nano() -> StructureRecipe:
    """On a CPU core: its minutes are of the processor."""
    widths = StructureWidths(16, 32, 64, (2, 1, 1, 1))
    return StructureRecipe(minutes=1.5, widths=widths, batch=8, average=0.98)


@listed(RECIPES)
def structure_nano_gpu() -> StructureRecipe:
    """On a GPU: a wider one, many more maps a step."""
    return replace(structure_nano(), minutes=8, widths=StructureWidths(), batch=96, muon_lr=0.01, average=0.999)


@listed(RECIPES)
def structure_debug() -> StructureRecipe:
    """Seconds on one CPU core, tiny; the numbers mean nothing."""
    widths = StructureWidths(4, 8, 16, (1, 1, 1, 1))
    return replace(structure_nano(), minutes=0.02, widths=widths, crop_cells=32, batch=2)
