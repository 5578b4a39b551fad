"""What the embedder is trained with."""

from __future__ import annotations

from dataclasses import dataclass, replace

from semcodec_train.common.recipes import Make, listed

RECIPES: dict[str, Make] = {}


@dataclass(frozen=True, slots=True)
class EmbedderRecipe:
    """`embedder.train`. Batches are of pictures and of sentences whose pictures are made up; `made_up_weight` is how
    much more these count. `sensitivity`: d' of the detectors that are made up. `named` is how far a concept's word
    begins along its concept.
    """

    steps: int = 600
    minutes: float | None = None
    pictures: int = 128
    sentences: int = 256
    made_up_weight: float = 3.0
    sensitivity: tuple[float, float] = (1.0, 3.0)
    pictures_share: float = 0.3  # of the loss: which picture's words are these, beside which words' picture is this
    named: float = 0.15
    lr: float = 1e-3
    decay: float = 0.3
    seed: int = 2026
    name: str = ""


@listed(RECIPES)
def embedder_nano() -> EmbedderRecipe:
    """vector-nano-1."""
    return EmbedderRecipe()


@listed(RECIPES)
def embedder_debug() -> EmbedderRecipe:
    """A second on one CPU core; the numbers mean nothing."""
    return replace(embedder_nano(), steps=40, pictures=8, sentences=8, lr=1e-2)
