"""What the restorer is trained with."""

from __future__ import annotations

from dataclasses import dataclass, replace

from semcodec_train.common.recipes import Make, listed
from semcodec_train.restorer.model import RestorerSize

RECIPES: dict[str, Make] = {}


@dataclass(frozen=True, slots=True)
class RestorerRecipe:
    """`restorer.train`. `minutes` are the whole training's; the rate `lr` falls along a cosine to `final_share` of
    it. `tokens_share` of the crops are decoded from tokens, `ordinary_share` by ordinary codecs, the others from bases.
    What follows `final_share` are the weights of the losses; `adversary` and `meaning` 0 leave those out. `average` is
    how much of the averaged weights a step keeps.
    """

    minutes: float
    size: RestorerSize = RestorerSize()
    crop_px: int = 192  # a multiple of 96, the window of lattices
    batch: int = 8
    tokens_share: float = 0.25
    ordinary_share: float = 0.0
    lr: float = 3e-4
    final_share: float = 0.05
    pixels: float = 4.0
    coarse: float = 8.0  # squared error of means of 8x8 px: colours and flat areas
    lpips: float = 1.0
    mobilenet: float = 0.6
    efficientnet: float = 0.4
    meaning: float = 0.0  # what a describer sees: `losses.Meaning`
    lattice: float = 20.0
    flat: float = 0.0  # lattices in flat areas: `losses.lattices_over`
    held: float = 0.05  # features beyond `losses.HELD_BELOW`
    adversary: float = 0.0
    adversary_lr: float = 2e-4
    average: float = 0.998
    decay: float = 0.0  # of the weights, per rate
    relit: bool = False  # `resident.ResidentPairs`: five thousand photographs are soon known by heart
    in_turn: bool = False  # MobileNetV2 judges one step, what a describer sees the next, each twice as heavy
    name: str = ""

    def shares(self) -> dict[str, float]:
        """Of the crops, by what decoded them: those that there are any of, together 1."""
        base = 1 - self.tokens_share - self.ordinary_share
        shares = {"base": base, "tokens": self.tokens_share, "ordinary": self.ordinary_share}
        return {source: share for source, share in shares.items() if share > 0}


@listed(RECIPES)
def restorer_nano() -> RestorerRecipe:
    """The first stage of every restorer."""
    return RestorerRecipe(minutes=40, final_share=0.4)


@listed(RECIPES)
def restorer_nano_sharp() -> RestorerRecipe:
    """Goes on from `restorer_nano`, against a discriminator; networks count for more."""
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
def restorer_nano_ordinary() -> RestorerRecipe:
    """From `restorer_nano_sharp` or `restorer_nano_longer`: ordinary codecs too."""
    told = replace(restorer_nano_longer().size, conditions=4)
    return replace(restorer_nano_longer(), minutes=90, size=told, tokens_share=0.15, ordinary_share=0.4, lr=1.2e-4)


@listed(RECIPES)
def restorer_wide() -> RestorerRecipe:
    """A wider one, on a GPU: goes on from `restorer_nano_ordinary`."""
    size = RestorerSize(widths=(80, 128, 192), blocks=(4, 7, 9), half=48, last=24, conditions=4)
    return replace(
        restorer_nano_ordinary(),
        minutes=14,
        size=size,
        batch=144,
        tokens_share=0.12,
        ordinary_share=0.3,
        lr=4e-4,
        final_share=0.4,
        mobilenet=1.3,
        efficientnet=0.7,
        adversary=0.04,
    )


@listed(RECIPES)
def restorer_wide_end() -> RestorerRecipe:
    """The end of `restorer_wide`, at falling rates."""
    return replace(restorer_wide(), minutes=6, lr=1.6e-4, final_share=0.01)


@listed(RECIPES)
def restorer_wide_meaning() -> RestorerRecipe:
    """The embedded restorer: `restorer_wide_end` with consistency; what a describer sees of a restored picture counts.

    (Beside the other end of the same training it has less squared error.)
    """
    return replace(restorer_wide_end(), meaning=0.5)


@listed(RECIPES)
def restorer_wide_tokens() -> RestorerRecipe:
    """From `restorer_wide_meaning`, on a CPU: most of what it has not seen, tokens (drawn ones too), and against
    lattices in flat areas. What came of it is not shipped: it has no lattices left, and 2 % more DISTS.
    """
    return replace(
        restorer_wide_meaning(),
        minutes=74,
        batch=6,
        lr=5e-5,
        final_share=0.02,
        tokens_share=0.4,
        ordinary_share=0.15,
        meaning=0.0,
        flat=0.08,
    )


@listed(RECIPES)
def restorer_wide_relit() -> RestorerRecipe:
    """From `restorer_wide_meaning`, on a GPU, with photographs that it cannot know by heart: varied, turned, relit;
    frames of clips beside them. More of the tokens, drawn ones too.
    """
    return replace(
        restorer_wide_meaning(),
        minutes=17,
        lr=3e-4,
        final_share=0.01,
        tokens_share=0.22,
        ordinary_share=0.2,
        lpips=2.2,
        mobilenet=1.5,
        meaning=0.4,
        adversary=0.03,
        decay=0.05,
        relit=True,
        in_turn=True,
    )


@listed(RECIPES)
def restorer_debug() -> RestorerRecipe:
    """Seconds on one CPU core, tiny; the numbers mean nothing."""
    size = RestorerSize(widths=(4, 6, 8), blocks=(1, 1, 1), half=4, last=2)
    return replace(restorer_nano_sharp(), minutes=0.02, size=size, batch=2, crop_px=96)


@listed(RECIPES)
def restorer_wide_debug() -> RestorerRecipe:
    """Seconds, from `restorer_debug`: wider, told four numbers, with ordinary codecs and what a describer sees."""
    size = RestorerSize(widths=(6, 8, 8), blocks=(1, 2, 1), half=6, last=4, conditions=4)
    return replace(restorer_debug(), size=size, ordinary_share=0.4, meaning=0.5, flat=0.1)
