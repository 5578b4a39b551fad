"""What structure tokens are trained with."""

from __future__ import annotations

from dataclasses import dataclass, replace

from semcodec_train.common.recipes import Make, listed
from semcodec_train.structure.model import StructureSpec, StructureWidths

RECIPES: dict[str, Make] = {}


@dataclass(frozen=True, slots=True)
class StructureRecipe:
    """`structure.train`. `targets`: bits a token of stride 16 (all scales together) that the encoder is to spend where
    it is told to spend little (0) and much (1); the price of a bit follows. Of a picture of 768x512, whose canvas has
    704 such tokens, 1 bit is 88 bytes.
    """

    minutes: float
    spec: StructureSpec = StructureSpec()
    widths: StructureWidths = StructureWidths()
    crop_cells: int = 128  # of a map, a multiple of 16; twice as many canvas pixels
    batch: int = 16
    targets: tuple[float, float] = (0.35, 5.0)
    outlines: float = 2.0
    full: float = 0.6  # the share of maps all of whose tokens the decoder has
    muon_lr: float = 0.01
    adam_lr: float = 1e-3
    average: float = 0.998
    name: str = ""


@listed(RECIPES)
def structure_nano() -> StructureRecipe:
    """On a CPU core: its minutes are of the processor. (0.1 s a step.)"""
    widths = StructureWidths(16, 32, 80, (0, 1, 1, 1), (1, 1, 2, 2))
    return StructureRecipe(minutes=6, widths=widths, batch=8)


@listed(RECIPES)
def structure_nano_gpu() -> StructureRecipe:
    """On a GPU: a wider one, many more maps a step."""
    return replace(structure_nano(), minutes=12, widths=StructureWidths(), batch=96, average=0.999)


@listed(RECIPES)
def structure_debug() -> StructureRecipe:
    """Seconds on one CPU core, tiny; the numbers mean nothing."""
    widths = StructureWidths(4, 8, 16, (0, 1, 1, 1), (1, 1, 1, 1))
    return replace(structure_nano(), minutes=0.02, widths=widths, crop_cells=32, batch=2)
