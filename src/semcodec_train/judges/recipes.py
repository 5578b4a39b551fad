"""What the second judge is trained with."""

from __future__ import annotations

from dataclasses import dataclass, replace

from semcodec_train.common.recipes import Make, listed

RECIPES: dict[str, Make] = {}


@dataclass(frozen=True, slots=True)
class JudgeRecipe:
    """`widths`: channels at stride 2, 4, 8, 16. Small pictures for the first part of the training: half the cost."""

    widths: tuple[int, ...] = (24, 64, 128, 224)
    num_epochs: int = 24
    minutes: float | None = None  # fewer epochs where these are over before
    batch: int = 128
    peak_lr: float = 0.15
    weight_decay: float = 5e-4
    small_px: int = 48
    small_share: float = 0.6
    seed: int = 7
    name: str = ""


@listed(RECIPES)
def judge2_tiny() -> JudgeRecipe:
    """The committed one."""
    return JudgeRecipe()


@listed(RECIPES)
def judge2_debug() -> JudgeRecipe:
    """Seconds; the numbers mean nothing."""
    return replace(judge2_tiny(), widths=(8, 8, 8, 8), num_epochs=1, batch=8)
