"""What the describer is trained with: its words, and words that are worth their bits."""

from __future__ import annotations

from dataclasses import dataclass, replace

from semcodec_train.common.recipes import Make, listed
from semcodec_train.describer.model import Doubt, WriterSize

DESCRIBERS: dict[str, Make] = {}
SELF_CRITICAL: dict[str, Make] = {}


@dataclass(frozen=True, slots=True)
class DescriberRecipe:
    """The describer's words (`describer.train`). Minutes are of processor time."""

    writer: WriterSize = WriterSize()
    doubt: Doubt = Doubt()
    image_px: int = 256
    max_words: int = 20  # of a caption
    num_choose: int = 80  # captioned pictures that stop the training early
    lambdas: tuple[float, ...] = (0.0, 0.002, 0.005, 0.01)  # what a bit costs, per rate token, in units of CIDEr-D
    least_words: int = 5  # a word of the vocabulary is in n sentences
    least_concepts: int = 6  # a concept was said of n pictures
    least_named: int = 20  # or is the word of a class, and in the sentences about n pictures
    sensitivity: tuple[float, float] = (1.0, 3.0)  # d' of detectors that are made up
    language_batch: int = 128
    language_steps: int = 1_400  # three times through the sentences
    language_minutes: float = 2.4
    concept_epochs: int = 20
    concept_folds: int = 5
    num_views: int = 4  # of each picture: whole, flipped, crops
    tagged_every: int = 6  # pictures with tags alone: every nth is used
    labelled_each: int = 3  # pictures of a class of Caltech-101
    pictures_batch: int = 64
    pictures_steps: int = 1_000
    pictures_minutes: float = 3.0
    pictures_muon_lr: float = 0.006
    pictures_adam_lr: float = 6e-4
    blind: float = 0.15  # how often a batch sees concepts only
    rehearsal: float = 0.2  # how often sentences without pictures are learnt beside
    uncaptioned: float = 0.12  # how often a picture without captions is drawn, beside one with them
    smoothing: float = 0.05
    judge_every: int = 50
    judged_rate: int = 2  # whose captions stop the training early
    muon_lr: float = 0.02
    adam_lr: float = 2e-3
    bf16: bool = True
    seed: int = 2026
    log_every: int = 50
    name: str = ""

    def lasting(self, minutes: float) -> DescriberRecipe:
        """The same in other minutes, which language and pictures share as before."""
        share = minutes / (self.language_minutes + self.pictures_minutes)
        return replace(
            self, language_minutes=self.language_minutes * share, pictures_minutes=self.pictures_minutes * share
        )


@listed(DESCRIBERS)
def describer_lite2() -> DescriberRecipe:
    """The words of words-nano-2."""
    return DescriberRecipe()


@listed(DESCRIBERS)
def describer_debug() -> DescriberRecipe:
    """Seconds on one CPU core, tiny; the numbers mean nothing."""
    return replace(
        describer_lite2(),
        writer=WriterSize(width=16, heads=2, layers=1, hidden=16, concepts_seen=2, concept_hidden=8),
        image_px=64,
        max_words=8,
        num_choose=4,
        lambdas=(0.0, 0.01),
        judged_rate=1,
        least_words=1,
        least_concepts=1,
        least_named=1,
        language_batch=8,
        language_steps=60,
        concept_epochs=3,
        concept_folds=2,
        num_views=3,
        pictures_batch=8,
        pictures_steps=40,
        judge_every=20,
        bf16=False,
        log_every=20,
    )


@dataclass(frozen=True, slots=True)
class SelfCriticalRecipe:
    """Captions worth their bits (`describer.self_critical`)."""

    n: int | None = 4  # tokens that share an advantage; None: all of a caption
    rollouts: int = 0  # drawn ones; 0: one of the likeliest words
    batch: int = 20  # pictures
    samples: int = 2  # drawn captions of each
    num_steps: int = 50
    minutes: float | None = None
    lr: float = 1.5e-4
    judge_every: int = 10
    name: str = ""


@listed(SELF_CRITICAL)
def self_critical_4() -> SelfCriticalRecipe:
    """Four words share an advantage."""
    return SelfCriticalRecipe()


@listed(SELF_CRITICAL)
def self_critical_1() -> SelfCriticalRecipe:
    """Each word has its own."""
    return replace(self_critical_4(), n=1)


@listed(SELF_CRITICAL)
def self_critical_all() -> SelfCriticalRecipe:
    """The whole caption against the greedy one."""
    return replace(self_critical_4(), n=None)


@listed(SELF_CRITICAL)
def self_critical_debug() -> SelfCriticalRecipe:
    """Seconds on one CPU core; the numbers mean nothing."""
    return replace(self_critical_4(), batch=4, num_steps=6, judge_every=3, lr=1e-3)
