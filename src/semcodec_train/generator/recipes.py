"""What the generator is trained with."""

from __future__ import annotations

from dataclasses import dataclass, replace

from semcodec_train.common.recipes import Make, listed
from semcodec_train.generator.model import GeneratorSize, Masking

RECIPES: dict[str, Make] = {}


@dataclass(frozen=True, slots=True)
class GeneratorRecipe:
    """The generator (`generator.train`). Minutes are of processor time; a `batch` is of pictures of 384 x 256."""

    size: GeneratorSize = GeneratorSize()
    masking: Masking = Masking()
    batch: int = 16
    num_steps: int = 100_000
    minutes: float = 43
    muon_lr: float = 0.01
    adam_lr: float = 1e-3
    decay_from: float = 0.5  # of the progress: the learning rates are even before, and fall in a straight line after
    final_share: float = 0.02
    keep: float = 0.995  # of the average, at each step
    scale_weights: tuple[float, ...] = (1.0, 1.0, 0.7, 0.5, 0.3)  # of a nat per token, coarse to fine
    auxiliary: float = 0.05
    no_words: float = 0.15
    no_edges: float = 0.4
    finest: float = 0.4  # how often the finest scale is learnt, too: half of the work, and seldom drawn in use
    people: float = 0.5  # how often people's words are given instead of the describer's
    most_words: int = 2_500
    least_words: int = 3  # a word of the vocabulary is in n texts
    bf16: bool = True
    seed: int = 2026
    log_every: int = 25
    judge_every: int = 200
    name: str = ""


@listed(RECIPES)
def anchored_nano() -> GeneratorRecipe:
    """The generator, on one core. (anchored-nano-1 was told the mean slope of each cell in the place of outlines.)"""
    return GeneratorRecipe()


@listed(RECIPES)
def anchored_nano_outlined() -> GeneratorRecipe:
    """The generator of anchored-nano-2: goes on from anchored-nano-1 (`--init` its package), and learns to follow
    outlines.
    """
    return replace(anchored_nano(), minutes=30, muon_lr=0.005, adam_lr=5e-4, decay_from=0.4, no_edges=0.35, finest=0.25)


@listed(RECIPES)
def anchored_debug() -> GeneratorRecipe:
    """Seconds on one CPU core, tiny; the numbers mean nothing."""
    return replace(
        anchored_nano(),
        size=GeneratorSize(
            widths=(16, 16, 16, 16, 16), blocks=(2, 1, 1, 1, 1), word_width=16, word_layers=1, heads=2, forget=0.0
        ),
        batch=2,
        num_steps=6,
        least_words=1,
        finest=1.0,
        bf16=False,
        log_every=2,
        judge_every=3,
    )
