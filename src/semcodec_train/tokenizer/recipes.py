"""What the tokenizer is trained with: five recipes, each going on from the weights of the one before."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from semcodec_train.common.recipes import Make, listed
from semcodec_train.tokenizer.model import DRAFT_SPEC, FEW_DIGITS_SPEC, MANY_DIGITS_SPEC, PyramidSpec, Widths

RECIPES: dict[str, Make] = {}
SOFT_WHILE_COARSE = (0.4, 0.4, 0.6, 0.85, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Stage:
    """A stretch of training at one crop size. Loss weights are per unit of each mean loss."""

    size_px: int
    batch: int
    num_steps: int
    minutes: float
    muon_lr: float = 0.01  # 0.03 was 0.5 dB worse after 90 seconds
    adam_lr: float = 6e-4
    final_share: float = 0.02  # of the learning rates, at the end of the stage
    l1: float = 1.0
    mse: float = 0.5
    perceptual: float = 0.0
    half_judge: float = 0.0  # how often the judge looks at half resolution, a quarter of its cost
    perceptual_share: tuple[float, ...] = (1.0,) * 6  # of `perceptual`, by how many scales were received (0 to 5)
    recognition: float = 0.0  # of the divergence between what the judge takes picture and painting for, in nats
    adversarial: float = 0.0
    adversarial_share: tuple[float, ...] = (0.0, 0.0, 0.2, 0.6, 1.0, 1.0)  # as `perceptual_share`
    usage: float = 0.0
    full: float = 0.2  # how often nothing is missing
    last_scale: tuple[float, ...] | None = None  # how often each scale is the last that is received; None: evenly
    odd_sizes: float = 0.0  # how often the picture ends inside the crop
    bf16: bool = True


@dataclass(frozen=True, slots=True)
class TokenizerRecipe:
    stages: tuple[Stage, ...]
    spec: PyramidSpec = PyramidSpec()
    widths: Widths = Widths()
    target_bits: tuple[float, ...] | None = None  # per token of each learned scale (`rate.py`); None: bits are free
    first_price: float = 0.004  # of a bit
    fit_crops: int = 480  # that the block transforms are fitted to
    adversary: dict[str, Any] = field(default_factory=dict)  # of `Adversary`, where a stage is adversarial
    seed: int = 2026
    log_every: int = 100
    name: str = ""

    def lasting(self, minutes: float) -> TokenizerRecipe:
        """The same in other minutes, which its stages share as before."""
        share = minutes / sum(stage.minutes for stage in self.stages)
        return replace(self, stages=tuple(replace(stage, minutes=stage.minutes * share) for stage in self.stages))


@listed(RECIPES)
def tokenizer_nano() -> TokenizerRecipe:
    """The first embedded tokenizer, nano-draft-1: an hour on two CPU cores."""
    fine = Stage(256, 8, 0, 0, half_judge=0.2, usage=0.02, odd_sizes=0.2, final_share=0.6)
    return TokenizerRecipe(
        stages=(
            Stage(128, 16, 100_000, 12, final_share=0.5, usage=0.02),
            replace(fine, num_steps=1_600, minutes=25, muon_lr=0.006, perceptual=0.6, half_judge=0.5),
            replace(fine, num_steps=2_200, minutes=27, muon_lr=0.0036, perceptual=2.0, final_share=0.02),
        ),
        spec=DRAFT_SPEC,
        widths=Widths(decoder_blocks=(1, 1, 2, 4)),
    )


@listed(RECIPES)
def tokenizer_few_digits() -> TokenizerRecipe:
    """From `tokenizer_nano`: digits that are paid for, still 4 or 5 a token. 20 minutes at 128 pixels, 28 at 256."""
    first = Stage(
        128,
        24,
        100_000,
        20,
        muon_lr=0.008,
        final_share=0.5,
        perceptual=1.6,
        half_judge=0.5,
        perceptual_share=SOFT_WHILE_COARSE,
        odd_sizes=0.15,
    )
    return TokenizerRecipe(
        stages=(first, replace(first, size_px=256, batch=6, minutes=28, muon_lr=0.005)),
        spec=FEW_DIGITS_SPEC,
        target_bits=(12.0, 11.0, 10.0, 8.5, 5.5),
    )


@listed(RECIPES)
def tokenizer_many_digits() -> TokenizerRecipe:
    """nano-draft-2, from `tokenizer_few_digits`: room for three times as many digits. One CPU core."""
    before = tokenizer_few_digits()
    fine_last = (1.0, 2.0, 4.0, 7.0, 7.0)
    first = replace(before.stages[-1], minutes=36, muon_lr=0.006, final_share=0.6, last_scale=fine_last)
    return replace(
        before,
        stages=(first, replace(first, batch=8, minutes=30, muon_lr=0.0036, final_share=0.02)),
        spec=MANY_DIGITS_SPEC,
        target_bits=(13.0, 11.0, 10.0, 8.5, 5.5),
    )


@listed(RECIPES)
def tokenizer_fidelity() -> TokenizerRecipe:
    """From `tokenizer_many_digits`: the squared error counts sixty times as much; the coarse scales come last."""
    before = tokenizer_many_digits()
    first = replace(before.stages[-1], minutes=12, muon_lr=0.005, final_share=0.3, l1=0.0, mse=30.0)
    second = replace(first, minutes=10, muon_lr=0.004, last_scale=(2.0, 8.0, 6.0, 2.0, 2.0))
    return replace(before, stages=(first, second))


@listed(RECIPES)
def tokenizer_residues() -> TokenizerRecipe:
    """The embedded tokenizer, from `tokenizer_fidelity`: strides 32, 16 and 8 code residues by block transforms. The
    judge's word counts for more in each stage.
    """
    first = replace(tokenizer_fidelity().stages[0], minutes=20, final_share=0.9)
    second = replace(first, minutes=25, muon_lr=0.0045, final_share=0.6, mse=8.0, perceptual=2.0)
    third = replace(second, minutes=29, muon_lr=0.003, final_share=0.02, mse=2.0, perceptual=2.5, half_judge=0.4)
    fourth = replace(third, minutes=40, muon_lr=0.002, final_share=0.37)
    fifth = replace(fourth, minutes=28, muon_lr=0.0008, adam_lr=2.4e-4, final_share=0.02, recognition=0.03)
    return TokenizerRecipe(
        stages=(first, second, third, fourth, fifth),
        target_bits=(14.0, 12.0),
        first_price=0.002,
        log_every=50,
    )


@listed(RECIPES)
def tokenizer_debug() -> TokenizerRecipe:
    """A minute on one CPU core, tiny; the numbers mean nothing."""
    return replace(
        tokenizer_residues(),
        widths=Widths(deep=16, at8=16, at4=8),
        stages=(
            Stage(128, 2, 4, 60, bf16=False),
            Stage(128, 2, 4, 60, odd_sizes=1.0, bf16=False, adversarial=0.05),
        ),
        adversary={"patch_widths": (8, 8), "head_width": 8},
        fit_crops=4,
        log_every=2,
    )
