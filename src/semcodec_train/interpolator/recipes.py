"""What the interpolator is trained with."""

from __future__ import annotations

from dataclasses import dataclass

from semcodec_train.common.recipes import Make, listed
from semcodec_train.interpolator.model import InterpolatorSize

RECIPES: dict[str, Make] = {}


@dataclass(frozen=True, slots=True)
class InterpolatorRecipe:
    """`interpolator.train`. `minutes` are the whole training's; the rate `lr` falls along a cosine to `final_share` of
    it. `batch` crops of `crop_px` a step, `layers_share` of them moving photographs, whose layers move at most `reach`
    sides; `distances` of frames of clips. In the first `motion_share` of the time the motion of photographs is learned
    and nothing else: steps are three times as short. `heights_px`: clips are there at each of these heights. What
    follows `final_share` are the weights of the losses. `average` is how much of the averaged weights a step keeps.
    """

    minutes: float
    size: InterpolatorSize = InterpolatorSize()
    crop_px: int = 256
    batch: int = 4
    layers_share: float = 0.5
    reach: float = 0.3
    distances: tuple[int, int] = (2, 16)
    motion_share: float = 0.1
    heights_px: tuple[int, ...] = (480, 340, 256)
    most_photos: int | None = None
    lr: float = 4e-4
    final_share: float = 0.03
    pixels: float = 1.0
    merged: float = 0.6  # pixels, before the U-Net
    edges: float = 0.6
    lpips: float = 0.8
    flow: float = 0.3  # motion of layered photographs
    unlike: float = 0.3  # frames along the motion between them
    average: float = 0.998
    name: str = ""


@listed(RECIPES)
def interpolator_nano() -> InterpolatorRecipe:
    """On a core of a CPU: hours."""
    return InterpolatorRecipe(
        minutes=100,
        batch=3,
        crop_px=192,
        heights_px=(480, 256),
        layers_share=0.34,
        motion_share=0.65,
        most_photos=900,
        lr=8e-4,
        average=0.99,
    )


@listed(RECIPES)
def interpolator_wide() -> InterpolatorRecipe:
    """On a GPU, from the weights of `interpolator_nano` or from none."""
    return InterpolatorRecipe(
        minutes=16, batch=40, crop_px=320, heights_px=(480, 400, 330), lr=8e-4, final_share=0.02, average=0.999
    )


@listed(RECIPES)
def interpolator_debug() -> InterpolatorRecipe:
    """Seconds on one CPU core, tiny; the numbers mean nothing."""
    size = InterpolatorSize(
        features=(4, 6, 8, 8, 8), matched=4, radii=(1, 1, 1), flow=8, widths=(8, 8), blocks=(1, 1, 2, 1), half=4, last=2
    )
    return InterpolatorRecipe(minutes=0.02, size=size, batch=2, crop_px=96, heights_px=(128,), most_photos=4)


TUNE_RECIPES: dict[str, Make] = {}


@dataclass(frozen=True, slots=True)
class TuneRecipe:
    """`interpolator.tune`. As `InterpolatorRecipe`; `most_distance`: frames between two painted ones."""

    minutes: float
    crop_px: int = 256
    batch: int = 4
    most_distance: int = 16
    lr: float = 1e-3
    final_share: float = 0.02
    pixels: float = 1.0
    merged: float = 0.3
    edges: float = 0.6
    lpips: float = 0.7
    average: float = 0.99
    name: str = ""


@listed(TUNE_RECIPES)
def tuned_nano() -> TuneRecipe:
    """On a core of a CPU."""
    return TuneRecipe(minutes=20, batch=2)


@listed(TUNE_RECIPES)
def tuned_wide() -> TuneRecipe:
    """On a GPU."""
    return TuneRecipe(minutes=1.5, batch=48, average=0.995)


@listed(TUNE_RECIPES)
def tuned_debug() -> TuneRecipe:
    """Seconds on one CPU core; the numbers mean nothing."""
    return TuneRecipe(minutes=0.01, crop_px=96, batch=2)
