"""What the outliner is trained with."""

from __future__ import annotations

from dataclasses import dataclass, replace

from semcodec_train.common.recipes import Make, listed

RECIPES: dict[str, Make] = {}


@dataclass(frozen=True, slots=True)
class OutlinerRecipe:
    """`outliner.train`. `people`: the share of crops that people drew on. `lr` is that of what is new; the picture
    network, which was trained before, goes at `backbone_share` of it. An outline counts `1 + outlines` times.
    """

    minutes: float
    width: int = 32
    crop_px: int = 224
    batch: int = 8
    people: float = 0.5
    lr: float = 2e-3
    backbone_share: float = 0.15
    outlines: float = 2.0
    coarser: float = 0.3  # the weight of the maps at strides 4, 8 and 16
    average: float = 0.995
    name: str = ""


@listed(RECIPES)
def outliner_nano() -> OutlinerRecipe:
    """On a CPU core: its minutes are of the processor."""
    return OutlinerRecipe(minutes=16)


@listed(RECIPES)
def outliner_nano_gpu() -> OutlinerRecipe:
    """On a GPU, many more pictures a step."""
    return replace(outliner_nano(), minutes=8, batch=48, lr=3e-3, crop_px=320, average=0.998)


@listed(RECIPES)
def outliner_debug() -> OutlinerRecipe:
    """Seconds on one CPU core, tiny; the numbers mean nothing."""
    return replace(outliner_nano(), minutes=0.02, width=4, crop_px=64, batch=2)
