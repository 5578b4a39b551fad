"""Recipes: what is trained, on what, how long. A recipe is a function; each has a `_debug` twin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from semcodec_train.tokenizer import DRAFT_SPEC, FEW_DIGITS_SPEC, PyramidSpec, Widths

SOFT_WHILE_COARSE = (0.4, 0.4, 0.6, 0.85, 1.0, 1.0)


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
    perceptual_share: tuple[float, ...] = (1.0,) * 6  # of `perceptual`, by how many scales were received (0 to 5)
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
    target_bits: tuple[float, ...] | None = None  # per token of each scale (`rate.py`); None: bits cost nothing
    adversary: dict[str, Any] = field(default_factory=dict)  # of `Adversary`, where a stage is adversarial
    seed: int = 2026
    log_every: int = 100


def tokenizer_nano() -> TokenizerRecipe:
    """The first embedded tokenizer, nano-draft-1: an hour on two CPU cores."""
    fine = Stage(256, 8, 0, 0, half_judge=0.2, usage=0.02, odd_sizes=0.2, final_share=0.6)
    return TokenizerRecipe(
        stages=(
            Stage(128, 16, 100_000, 12, final_share=0.5, usage=0.02),
            replace(fine, num_steps=1_600, max_minutes=25, muon_lr=0.006, perceptual=0.6, half_judge=0.5),
            replace(fine, num_steps=2_200, max_minutes=27, muon_lr=0.0036, perceptual=2.0, final_share=0.02),
        ),
        spec=DRAFT_SPEC,
        widths=Widths(decoder_blocks=(1, 1, 2, 4)),
    )


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
        stages=(first, replace(first, size_px=256, batch=6, max_minutes=28, muon_lr=0.005)),
        spec=FEW_DIGITS_SPEC,
        target_bits=(12.0, 11.0, 10.0, 8.5, 5.5),
    )


def tokenizer_many_digits() -> TokenizerRecipe:
    """The embedded tokenizer, nano-draft-2, from `tokenizer_few_digits`: room for three times as many digits. One CPU
    core.
    """
    first = Stage(
        256,
        6,
        100_000,
        36,
        muon_lr=0.006,
        final_share=0.6,
        perceptual=1.6,
        half_judge=0.5,
        perceptual_share=SOFT_WHILE_COARSE,
        last_scale=(1.0, 2.0, 4.0, 7.0, 7.0),
        odd_sizes=0.15,
    )
    return TokenizerRecipe(
        stages=(first, replace(first, batch=8, max_minutes=30, muon_lr=0.0036, final_share=0.02)),
        target_bits=(13.0, 11.0, 10.0, 8.5, 5.5),
    )


def tokenizer_debug() -> TokenizerRecipe:
    """A minute on one CPU core, tiny; the numbers mean nothing."""
    return replace(
        tokenizer_many_digits(),
        widths=Widths(deep=16, at8=16, at4=8),
        stages=(
            Stage(128, 2, 4, 60, bf16=False),
            Stage(128, 2, 4, 60, odd_sizes=1.0, bf16=False, adversarial=0.05),
        ),
        adversary={"patch_widths": (8, 8), "head_width": 8},
        target_bits=(12.0, 11.0, 10.0, 8.5, 5.5),
        log_every=2,
    )


TOKENIZER_RECIPES: dict[str, Callable[[], TokenizerRecipe]] = {
    "tokenizer_nano": tokenizer_nano,
    "tokenizer_few_digits": tokenizer_few_digits,
    "tokenizer_many_digits": tokenizer_many_digits,
    "tokenizer_debug": tokenizer_debug,
}


@dataclass(frozen=True, slots=True)
class PainterLoraRecipe:
    """LoRA for a diffusion painter (`painter_lora.py`). `batch` is per process; steps are of the optimiser.

    `max_bytes` are the smallest and the largest file of a crop, drawn evenly in their logarithm. `targets` are the
    layers that are adapted, by the ends of their names. `words`: how often a photo's caption (photo.txt) is given.
    """

    size_px: int = 512
    batch: int = 4
    accumulate: int = 4
    num_steps: int = 4_000
    lr: float = 1e-4
    warm_up_steps: int = 100
    rank: int = 16
    targets: tuple[str, ...] = ("to_q", "to_k", "to_v", "to_out.0")
    max_bytes: tuple[int, int] = (100, 6_000)
    words: float = 0.8
    precision: str = "bf16"  # accelerate's: no, fp16, bf16
    spare_memory: bool = True  # activations are computed twice instead of kept
    seed: int = 2026
    log_every: int = 50
    save_every: int = 500


def painter_lora() -> PainterLoraRecipe:
    """A Stable Diffusion or SDXL painter learns to repair this codec's pictures. Not run on real weights yet."""
    return PainterLoraRecipe()


def painter_lora_debug() -> PainterLoraRecipe:
    """Half a minute on one CPU core with a tiny painter of random weights; the numbers mean nothing."""
    return replace(
        painter_lora(),
        size_px=128,
        batch=2,
        accumulate=1,
        num_steps=30,
        lr=2e-2,
        warm_up_steps=2,
        rank=4,
        targets=("to_q", "to_k", "to_v", "to_out.0", "conv1", "conv2", "conv_in", "conv_out"),
        max_bytes=(60, 600),
        precision="no",
        spare_memory=False,
        log_every=5,
        save_every=10,
    )


PAINTER_LORA_RECIPES: dict[str, Callable[[], PainterLoraRecipe]] = {
    "painter_lora": painter_lora,
    "painter_lora_debug": painter_lora_debug,
}
