"""What the describer is trained with: its image encoder, its words, and words that are worth their bits."""

from __future__ import annotations

from dataclasses import dataclass, replace

from semcodec_train.common.recipes import Make, listed
from semcodec_train.describer.model import EncoderSize, WriterSize

ENCODERS: dict[str, Make] = {}
DESCRIBERS: dict[str, Make] = {}
SELF_CRITICAL: dict[str, Make] = {}


@dataclass(frozen=True, slots=True)
class DistilRecipe:
    """The describer's image encoder (`describer.distil`). `sizes` are (share of the training, pixels of a view)."""

    size: EncoderSize = EncoderSize()
    words: str = "describer_nano"  # the recipe of the words that will be said
    batch: int = 48
    num_steps: int = 100_000
    minutes: float = 16.5  # of processor time
    sizes: tuple[tuple[float, int], ...] = ((0.8, 128), (1.0, 224))
    small_share: float = 0.25  # of a batch: pictures of 64 pixels
    alone: tuple[float, float] = (0.1, 0.35)  # from when on parts see pictures on their own, and when all of them
    muon_lr: float = 0.03
    adam_lr: float = 1e-3
    final_share: float = 0.02
    bf16: bool = True
    seed: int = 2026
    log_every: int = 50
    name: str = ""

    def alone_at(self, progress: float) -> float:
        first, last = self.alone
        return min(1.0, max(0.0, (progress - first) / (last - first)))

    def size_at(self, progress: float) -> int:
        return next(size_px for end, size_px in self.sizes if progress < end or end >= 1)


@listed(ENCODERS)
def describer_encoder() -> DistilRecipe:
    """The encoder of words-nano-1."""
    return DistilRecipe()


DEBUG_ENCODER = EncoderSize((8, 8, 8, 16, 16), (0, 1, 0), (8, 8, 8), 16)


@listed(ENCODERS)
def describer_encoder_debug() -> DistilRecipe:
    """Seconds on one CPU core, tiny; the numbers mean nothing."""
    return replace(
        describer_encoder(),
        size=DEBUG_ENCODER,
        words="describer_debug",
        batch=4,
        num_steps=6,
        sizes=((1.0, 64),),
        bf16=False,
        log_every=2,
    )


@dataclass(frozen=True, slots=True)
class DescriberRecipe:
    """The describer's words (`describer.train`). Minutes are of processor time."""

    encoder: EncoderSize = EncoderSize()
    writer: WriterSize = WriterSize()
    image_px: int = 224
    max_words: int = 20  # of a caption
    num_choose: int = 80  # captioned pictures that stop the training early
    lambdas: tuple[float, ...] = (0.0, 0.002, 0.005, 0.01)  # what a bit costs, per rate token, in units of CIDEr-D
    least_words: int = 5  # a word of the vocabulary is in n sentences
    least_concepts: int = 6  # a concept was said of n pictures
    sensitivity: tuple[float, float] = (0.8, 2.2)  # d' of detectors that are made up; a real one has about 1
    language_batch: int = 128
    language_steps: int = 1_400  # three times through the sentences
    language_minutes: float = 5.5
    concept_epochs: int = 30  # 20 to 40 are alike on pictures for choosing
    concept_folds: int = 5
    num_views: int = 3  # of each picture: whole, flipped, crops
    tagged_every: int = 3  # pictures with tags alone: every nth is used
    pictures_batch: int = 64
    pictures_steps: int = 800
    pictures_minutes: float = 3.5
    pictures_muon_lr: float = 0.006
    pictures_adam_lr: float = 6e-4
    blind: float = 0.15  # how often a batch sees concepts only
    rehearsal: float = 0.2  # how often sentences without pictures are learnt beside
    smoothing: float = 0.05
    judge_every: int = 50
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
def describer_nano() -> DescriberRecipe:
    """The words of words-nano-1."""
    return DescriberRecipe()


@listed(DESCRIBERS)
def describer_debug() -> DescriberRecipe:
    """Seconds on one CPU core, tiny; the numbers mean nothing."""
    return replace(
        describer_nano(),
        encoder=DEBUG_ENCODER,
        writer=WriterSize(width=16, heads=2, layers=1, hidden=16, concepts_seen=2, concept_hidden=8),
        image_px=64,
        max_words=8,
        num_choose=4,
        lambdas=(0.0, 0.01),
        least_words=1,
        least_concepts=1,
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
    lr: float = 3e-4
    judge_every: int = 10
    name: str = ""


@listed(SELF_CRITICAL)
def self_critical_4() -> SelfCriticalRecipe:
    """Four words share an advantage; the writer of words-nano-1."""
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
