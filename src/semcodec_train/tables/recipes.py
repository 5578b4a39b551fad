"""How tables of words and regions are counted and fitted."""

from __future__ import annotations

from dataclasses import dataclass, replace

from semcodec.layers.text.history import WORD_BITS


@dataclass(frozen=True)
class Prune:
    """A context is kept if it was seen `min_context` times; a follower in it, if seen `min_follower` times.

    Dropping followers by what they gain over the component below instead cost more at the same size (1.284 bits a
    character, not 1.272): what is left of a context then looks too sure.
    """

    min_context: int = 1
    min_follower: int = 1


@dataclass(frozen=True)
class TraceRecipe:
    width: int = 128
    num_epochs: int = 12
    batch: int = 256
    dropout: float = 0.3
    peak_rate: float = 3e-3
    seed: int = 0


@dataclass(frozen=True)
class TableRecipe:
    min_word_count: int = 2
    max_words: int = (1 << WORD_BITS) - 3
    topic_share: int = 200  # a word rarer than 1 in that many tokens can be a topic
    word_prunes: tuple[Prune, ...] = (Prune(), Prune(2), Prune(6), Prune(3, 2), Prune(1, 2), Prune(6))
    char_prunes: tuple[Prune, ...] = (Prune(), Prune(), Prune(2), Prune(2), Prune())
    held_out_of_256: int = 26
    node_share: int = 600  # a decision taken at least once in that many has mixing weights of its own
    num_fit_steps: int = 110
    trace: TraceRecipe = TraceRecipe()


@dataclass(frozen=True)
class RegionRecipe:
    held_out_of_256: int = 64
    num_fit_steps: int = 80
    node_share: int = 400
    boxed_weight: int = 6  # a picture with boxes counts as that many with phrases cut out of captions
    phrase_prunes: tuple[Prune, ...] = (Prune(), Prune(2), Prune(3, 2))


def trace_debug() -> TraceRecipe:
    """A second, for tests; the numbers mean nothing."""
    return replace(TraceRecipe(), width=4, num_epochs=1)


def table_debug() -> TableRecipe:
    """Seconds, for tests; the numbers mean nothing."""
    return replace(TableRecipe(), num_fit_steps=3, held_out_of_256=64, trace=trace_debug())


def region_debug() -> RegionRecipe:
    """Seconds, for tests; the numbers mean nothing."""
    return replace(RegionRecipe(), num_fit_steps=3)
