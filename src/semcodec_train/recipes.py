"""Recipes: what is trained, on what, how long. A recipe is a function; each has a `_debug` twin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from semcodec_train.tokenizer import PyramidSpec, Widths


@dataclass(frozen=True, slots=True)
class Stage:
    """A stretch of training at one crop size. Loss weights are per unit of each mean loss."""

    size_px: int
    batch: int
    num_steps: int
    max_minutes: float
    muon_lr: float = 0.01  # 0.03 was 0.5 dB worse after 90 seconds
    adam_lr: float = 6e-4
    final_share: float = 0.02  # of the learning rates, at the end of the stage
    l1: float = 1.0
    mse: float = 0.5
    perceptual: float = 0.0
    half_judge: float = 0.0  # how often the judge looks at half resolution, a quarter of its cost
    usage: float = 0.02
    full: float = 0.2  # how often nothing is missing
    odd_sizes: float = 0.0  # how often the picture ends inside the crop
    bf16: bool = True


@dataclass(frozen=True, slots=True)
class TokenizerRecipe:
    stages: tuple[Stage, ...]
    spec: PyramidSpec = PyramidSpec()
    widths: Widths = Widths()
    seed: int = 2026
    log_every: int = 100


def tokenizer_nano() -> TokenizerRecipe:
    """The first embedded tokenizer, nano-draft-1: an hour on two CPU cores."""
    return TokenizerRecipe(
        stages=(
            Stage(128, 16, 100_000, 12, final_share=0.5),
            Stage(256, 8, 1_600, 25, muon_lr=0.006, perceptual=0.6, half_judge=0.5, odd_sizes=0.2, final_share=0.6),
            Stage(256, 8, 2_200, 27, muon_lr=0.0036, perceptual=2.0, half_judge=0.2, odd_sizes=0.2),
        )
    )


def tokenizer_debug() -> TokenizerRecipe:
    """A minute on one CPU core, tiny; the numbers mean nothing."""
    return replace(
        tokenizer_nano(),
        widths=Widths(deep=16, at8=16, at4=8),
        stages=(
            Stage(128, 2, 4, 1, bf16=False),
            Stage(128, 2, 4, 1, odd_sizes=1.0, bf16=False),
        ),
        log_every=2,
    )


TOKENIZER_RECIPES: dict[str, Callable[[], TokenizerRecipe]] = {
    "tokenizer_nano": tokenizer_nano,
    "tokenizer_debug": tokenizer_debug,
}
