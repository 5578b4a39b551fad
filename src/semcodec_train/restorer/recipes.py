"""What the restorer is trained with."""

from __future__ import annotations

from dataclasses import dataclass, replace

from semcodec_train.common.recipes import Make, listed
from semcodec_train.restorer.model import RestorerSize

RECIPES: dict[str, Make] = {}


@dataclass(frozen=True, slots=True)
class RestorerRecipe:
    """`restorer.train`. `minutes` are the whole training's; the rate `lr` falls along a cosine to `final_share` of
    it. `tokens_share` of the crops are decoded from tokens, the others from bases. What follows `final_share` are the
    weights of the losses; `adversary` 0 leaves the discriminator out. `average` is how much of the averaged weights a
    step keeps.
    """

    minutes: float
    size: RestorerSize = RestorerSize()
    crop_px: int = 192  # a multiple of 96, the window of lattices
    batch: int = 8
    tokens_share: float = 0.25
    lr: float = 3e-4
    final_share: float = 0.05
    pixels: float = 4.0
    coarse: float = 8.0  # squared error of means of 8x8 px: colours and flat areas
    lpips: float = 1.0
    mobilenet: float = 0.6
    efficientnet: float = 0.4
    lattice: float = 20.0
    held: float = 0.05  # features beyond `train.HELD_BELOW`
    adversary: float = 0.0
    adversary_lr: float = 2e-4
    average: float = 0.998
    name: str = ""


@listed(RECIPES)
def restorer_nano() -> RestorerRecipe:
    """The first stage of the embedded restorer."""
    return RestorerRecipe(minutes=40, final_share=0.4)


@listed(RECIPES)
def restorer_nano_sharp() -> RestorerRecipe:
    """The embedded restorer: goes on from `restorer_nano`, against a discriminator; networks count for more."""
    return replace(
        restorer_nano(),
        minutes=69,
        tokens_share=0.22,
        lr=2e-4,
        final_share=0.02,
        pixels=2.5,
        coarse=4.0,
        lpips=1.5,
        mobilenet=0.8,
        adversary=0.03,
    )


@listed(RECIPES)
def restorer_nano_longer() -> RestorerRecipe:
    """From `restorer_nano_sharp`: LPIPS and MobileNetV2 count for more, the average is longer."""
    return replace(restorer_nano_sharp(), minutes=82, lr=1e-4, lpips=1.8, mobilenet=1.1, average=0.999)


@listed(RECIPES)
def restorer_debug() -> RestorerRecipe:
    """Seconds on one CPU core, tiny; the numbers mean nothing."""
    size = RestorerSize(widths=(4, 6, 8), blocks=(1, 1, 1), half=4, last=2)
    return replace(restorer_nano_sharp(), minutes=0.02, size=size, batch=2, crop_px=96)
