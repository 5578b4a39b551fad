"""What a foundation model's painter is tuned with."""

from __future__ import annotations

from dataclasses import dataclass, replace

from semcodec_train.common.recipes import Make, listed

RECIPES: dict[str, Make] = {}


@dataclass(frozen=True, slots=True)
class PainterLoraRecipe:
    """LoRA for a diffusion painter (`lora.train`). `batch` is per process; steps are of the optimiser.

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
    name: str = ""


@listed(RECIPES)
def painter_lora() -> PainterLoraRecipe:
    """A Stable Diffusion or SDXL painter learns to repair this codec's pictures. Not run on real weights yet."""
    return PainterLoraRecipe()


@listed(RECIPES)
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
