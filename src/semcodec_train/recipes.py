"""Recipes: what is trained, on what, how long. A recipe is a function; each has a `_debug` twin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from semcodec_train.anchored_diffusion import GeneratorSize, Masking
from semcodec_train.describer import EncoderSize, WriterSize
from semcodec_train.restorer import RestorerSize
from semcodec_train.tokenizer import DRAFT_SPEC, FEW_DIGITS_SPEC, MANY_DIGITS_SPEC, PyramidSpec, Widths

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
    """nano-draft-2, from `tokenizer_few_digits`: room for three times as many digits. One CPU core."""
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
        spec=MANY_DIGITS_SPEC,
        target_bits=(13.0, 11.0, 10.0, 8.5, 5.5),
    )


def tokenizer_fidelity() -> TokenizerRecipe:
    """From `tokenizer_many_digits`: the squared error counts sixty times as much; the coarse scales come last."""
    first = Stage(
        256,
        8,
        100_000,
        12,
        muon_lr=0.005,
        final_share=0.3,
        l1=0.0,
        mse=30.0,
        perceptual=1.6,
        half_judge=0.5,
        perceptual_share=SOFT_WHILE_COARSE,
        last_scale=(1.0, 2.0, 4.0, 7.0, 7.0),
        odd_sizes=0.15,
    )
    return TokenizerRecipe(
        stages=(first, replace(first, max_minutes=10, muon_lr=0.004, last_scale=(2.0, 8.0, 6.0, 2.0, 2.0))),
        spec=MANY_DIGITS_SPEC,
        target_bits=(13.0, 11.0, 10.0, 8.5, 5.5),
    )


def tokenizer_residues() -> TokenizerRecipe:
    """The embedded tokenizer, from `tokenizer_fidelity`: strides 32, 16 and 8 code residues by block transforms. The
    judge's word counts for more in each stage.
    """
    first = Stage(
        256,
        8,
        100_000,
        20,
        muon_lr=0.005,
        final_share=0.9,
        l1=0.0,
        mse=30.0,
        perceptual=1.6,
        half_judge=0.5,
        perceptual_share=SOFT_WHILE_COARSE,
        last_scale=(1.0, 2.0, 4.0, 7.0, 7.0),
        odd_sizes=0.15,
    )
    second = replace(first, max_minutes=25, muon_lr=0.0045, final_share=0.6, mse=8.0, perceptual=2.0)
    third = replace(second, max_minutes=29, muon_lr=0.003, final_share=0.02, mse=2.0, perceptual=2.5, half_judge=0.4)
    fourth = replace(third, max_minutes=40, muon_lr=0.002, final_share=0.37)
    fifth = replace(fourth, max_minutes=28, muon_lr=0.0008, adam_lr=2.4e-4, final_share=0.02, recognition=0.03)
    return TokenizerRecipe(
        stages=(first, second, third, fourth, fifth),
        target_bits=(14.0, 12.0),
        first_price=0.002,
        log_every=50,
    )


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


TOKENIZER_RECIPES: dict[str, Callable[[], TokenizerRecipe]] = {
    "tokenizer_nano": tokenizer_nano,
    "tokenizer_few_digits": tokenizer_few_digits,
    "tokenizer_many_digits": tokenizer_many_digits,
    "tokenizer_fidelity": tokenizer_fidelity,
    "tokenizer_residues": tokenizer_residues,
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


@dataclass(frozen=True, slots=True)
class DistilRecipe:
    """The describer's image encoder (`distil.py`). `sizes` are (share of the training, pixels of a view)."""

    size: EncoderSize = EncoderSize()
    words: str = "describer_nano"  # the recipe of the words that will be said
    batch: int = 48
    num_steps: int = 100_000
    max_minutes: float = 16.5  # of processor time
    sizes: tuple[tuple[float, int], ...] = ((0.8, 128), (1.0, 224))
    small_share: float = 0.25  # of a batch: pictures of 64 pixels
    alone: tuple[float, float] = (0.1, 0.35)  # from when on parts see pictures on their own, and when all of them
    muon_lr: float = 0.03
    adam_lr: float = 1e-3
    final_share: float = 0.02
    bf16: bool = True
    seed: int = 2026
    log_every: int = 50

    def alone_at(self, progress: float) -> float:
        first, last = self.alone
        return min(1.0, max(0.0, (progress - first) / (last - first)))

    def size_at(self, progress: float) -> int:
        return next(size_px for end, size_px in self.sizes if progress < end or end >= 1)


def describer_encoder() -> DistilRecipe:
    """The encoder of words-nano-1."""
    return DistilRecipe()


DEBUG_ENCODER = EncoderSize((8, 8, 8, 16, 16), (0, 1, 0), (8, 8, 8), 16)


def describer_encoder_debug() -> DistilRecipe:
    """Seconds on one CPU core, tiny; the numbers mean nothing."""
    return replace(
        describer_encoder(),
        size=DEBUG_ENCODER,
        batch=4,
        num_steps=6,
        sizes=((1.0, 64),),
        bf16=False,
        log_every=2,
    )


DISTIL_RECIPES: dict[str, Callable[[], DistilRecipe]] = {
    "describer_encoder": describer_encoder,
    "describer_encoder_debug": describer_encoder_debug,
}


@dataclass(frozen=True, slots=True)
class DescriberRecipe:
    """The describer's words (`train_describer.py`). Minutes are of processor time."""

    encoder: EncoderSize = EncoderSize()
    writer: WriterSize = WriterSize()
    image_px: int = 224
    max_words: int = 20  # of a caption
    num_choose: int = 80  # captioned pictures that stop the training early
    lambdas: tuple[float, ...] = (0.0, 0.002, 0.005, 0.01)  # what a bit costs, per rate token, in units of CIDEr-D
    least_words: int = 5  # a word of the vocabulary is in so many sentences
    least_concepts: int = 6  # a concept was said of so many pictures
    sensitivity: tuple[float, float] = (0.8, 2.2)  # d' of detectors that are made up; a real one has about 1
    language_batch: int = 128
    language_steps: int = 1_400  # three times through the sentences
    language_minutes: float = 5.5
    concept_epochs: int = 30  # 20 to 40 are alike on pictures for choosing
    concept_folds: int = 5
    num_views: int = 3  # of each picture: whole, flipped, crops
    tagged_every: int = 3  # pictures with tags alone: every so many is used
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


def describer_nano() -> DescriberRecipe:
    """The words of words-nano-1."""
    return DescriberRecipe()


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


DESCRIBER_RECIPES: dict[str, Callable[[], DescriberRecipe]] = {
    "describer_nano": describer_nano,
    "describer_debug": describer_debug,
}


@dataclass(frozen=True, slots=True)
class SelfCriticalRecipe:
    """Captions worth their bits (`self_critical.py`)."""

    n: int | None = 4  # tokens that share an advantage; None: all of a caption
    rollouts: int = 0  # drawn ones; 0: one of the likeliest words
    batch: int = 20  # pictures
    samples: int = 2  # drawn captions of each
    num_steps: int = 50
    lr: float = 3e-4
    judge_every: int = 10


def self_critical_4() -> SelfCriticalRecipe:
    """Four words share an advantage; the writer of words-nano-1."""
    return SelfCriticalRecipe()


def self_critical_1() -> SelfCriticalRecipe:
    """Each word has its own."""
    return replace(self_critical_4(), n=1)


def self_critical_all() -> SelfCriticalRecipe:
    """The whole caption against the greedy one."""
    return replace(self_critical_4(), n=None)


def self_critical_debug() -> SelfCriticalRecipe:
    """Seconds on one CPU core; the numbers mean nothing."""
    return replace(self_critical_4(), batch=4, num_steps=6, judge_every=3, lr=1e-3)


SELF_CRITICAL_RECIPES: dict[str, Callable[[], SelfCriticalRecipe]] = {
    "self_critical_1": self_critical_1,
    "self_critical_4": self_critical_4,
    "self_critical_all": self_critical_all,
    "self_critical_debug": self_critical_debug,
}


@dataclass(frozen=True, slots=True)
class AnchoredRecipe:
    """The generator (`train_anchored.py`). Minutes are of processor time; a `batch` is of pictures of 384 x 256."""

    size: GeneratorSize = GeneratorSize()
    masking: Masking = Masking()
    batch: int = 16
    num_steps: int = 100_000
    max_minutes: float = 43
    muon_lr: float = 0.01
    adam_lr: float = 1e-3
    decay_from: float = 0.5  # of the progress: the learning rates are even before, and fall in a straight line after
    final_share: float = 0.02
    keep: float = 0.995  # of the average, at each step
    scale_weights: tuple[float, ...] = (1.0, 1.0, 0.7, 0.5, 0.3)  # of a nat per token, coarse to fine
    auxiliary: float = 0.05
    no_words: float = 0.15
    no_edges: float = 0.7
    finest: float = 0.4  # how often the finest scale is learnt, too: half of the work, and seldom drawn in use
    people: float = 0.5  # how often people's words are given instead of the describer's
    most_words: int = 2_500
    least_words: int = 3  # a word of the vocabulary is in so many texts
    bf16: bool = True
    seed: int = 2026
    log_every: int = 25
    judge_every: int = 200


def anchored_nano() -> AnchoredRecipe:
    """The generator of anchored-nano-1, which had 13 of these minutes on tokens of the draft before family 1, and
    went on from there (`--init`).
    """
    return AnchoredRecipe()


def anchored_debug() -> AnchoredRecipe:
    """Seconds on one CPU core, tiny; the numbers mean nothing."""
    return replace(
        anchored_nano(),
        size=GeneratorSize(
            widths=(16, 16, 16, 16, 16), blocks=(2, 1, 1, 1, 1), word_width=16, word_layers=1, heads=2, max_words=24
        ),
        batch=2,
        num_steps=6,
        least_words=1,
        finest=1.0,
        bf16=False,
        log_every=2,
        judge_every=3,
    )


ANCHORED_RECIPES: dict[str, Callable[[], AnchoredRecipe]] = {
    "anchored_nano": anchored_nano,
    "anchored_debug": anchored_debug,
}


@dataclass(frozen=True, slots=True)
class RestorerRecipe:
    """`train_restorer.py`. `minutes` are the whole training's; the rate `lr` falls along a cosine to `final_share` of
    it. `tokens_share` of the crops are decoded from tokens, the others from bases. What follows `final_share` are the
    weights of the losses; `adversary` 0 leaves the discriminator out. `average` is how much of the averaged weights a
    step keeps.
    """

    minutes: float
    size: RestorerSize = RestorerSize()
    crop_px: int = 192  # a multiple of 96, the window of lattices
    batch: int = 8
    tokens_share: float = 0.25
    lr: float = 3e-4
    final_share: float = 0.05
    pixels: float = 4.0
    coarse: float = 8.0  # squared error of means of 8x8 px: colours and flat areas
    lpips: float = 1.0
    mobilenet: float = 0.6
    efficientnet: float = 0.4
    lattice: float = 20.0
    adversary: float = 0.0
    adversary_lr: float = 2e-4
    average: float = 0.998


def restorer_nano() -> RestorerRecipe:
    """The first stage of the embedded restorer."""
    return RestorerRecipe(minutes=40, final_share=0.4)


def restorer_nano_sharp() -> RestorerRecipe:
    """The embedded restorer: goes on from `restorer_nano`, against a discriminator; networks count for more."""
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


def restorer_debug() -> RestorerRecipe:
    """Seconds on one CPU core, tiny; the numbers mean nothing."""
    size = RestorerSize(widths=(4, 6, 8), blocks=(1, 1, 1), half=4, last=2)
    return replace(restorer_nano_sharp(), minutes=0.02, size=size, batch=2, crop_px=96)


RESTORER_RECIPES: dict[str, Callable[[], RestorerRecipe]] = {
    recipe.__name__: recipe for recipe in (restorer_nano, restorer_nano_sharp, restorer_debug)
}
