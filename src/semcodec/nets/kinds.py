"""Kinds of things, and how likely a picture shows each: what the describer's plain sentences are made of.

Two witnesses are heard. A detector says how likely captions are to use each of a kind's words, and a network that tells
the classes of ImageNet apart says how likely those are that belong to it. How far each is believed was fitted on
pictures that the detector had not learned from.

Shapes: O = what the features tell behind the memory: log-odds of words, then chances of classes; K = kinds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

MOST_ODDS = 7.0  # log-odds of either witness; more is not believed


@dataclass(frozen=True, slots=True)
class Kind:
    """`say`: "a dog", or, of a place, "on grass". `words`: where the log-odds of its words stand among what is told.
    `classes`: numbers of its classes, (first, last) each. `fit`: what the log-odds of the words, those of the classes,
    and one count.
    """

    say: str
    words: tuple[int, ...]
    classes: tuple[tuple[int, int], ...]
    fit: tuple[float, float, float]
    is_place: bool = False

    def shares_with(self, other: Kind) -> bool:
        """Whether both may be the same thing: a word, or a class that speaks for both, belongs to both."""
        if set(self.words) & set(other.words):
            return True
        if min(self.fit[1], other.fit[1]) <= 0:
            return False
        return any(a <= d and c <= b for a, b in self.classes for c, d in other.classes)


@dataclass(frozen=True, slots=True)
class Kinds:
    """`classes_from`: where the chances of classes begin. A kind is said from a chance of `enough` on; beside it, from
    `beside` on.
    """

    all: tuple[Kind, ...]
    classes_from: int
    enough: float
    beside: float

    def chances(self, told_O: Floats) -> Floats:
        """(K,), 0..1: how likely the picture shows each kind."""
        return np.asarray(chances_of(self.all, told_O[None], self.classes_from)[0])


def chances_of(kinds: Sequence[Kind], told_NO: Floats, classes_from: int) -> Floats:
    """(N, K), of N pictures."""
    fits_K3 = np.array([kind.fit for kind in kinds])
    words_NK, classes_NK = witnesses(kinds, told_NO, classes_from)
    odds_NK = words_NK * fits_K3[:, 0] + classes_NK * fits_K3[:, 1] + fits_K3[:, 2]
    return np.asarray(1 / (1 + np.exp(-odds_NK)))


def witnesses(kinds: Sequence[Kind], told_NO: Floats, classes_from: int) -> tuple[Floats, Floats]:
    """Two of (N, K): the log-odds that one of a kind's words is used, and that one of its classes is there; 0 where it
    has no words, or no classes.
    """
    told_NO = np.nan_to_num(told_NO.astype(np.float64))
    unused_NO = 1 / (1 + np.exp(np.clip(told_NO[:, :classes_from], -30, 30)))
    sums_NC = np.cumsum(np.pad(told_NO[:, classes_from:], ((0, 0), (1, 0))), axis=1)
    words_NK, classes_NK = np.zeros((2, len(told_NO), len(kinds)))
    named = [at for at, kind in enumerate(kinds) if kind.words]
    classed = [at for at, kind in enumerate(kinds) if kind.classes]
    if named:
        places, begins = _laid_out([kinds[at].words for at in named])
        words_NK[:, named] = _log_odds(1 - np.multiply.reduceat(unused_NO[:, places], begins, axis=1))
    if classed:
        parts, begins = _laid_out([kinds[at].classes for at in classed])
        chances = sums_NC[:, parts[:, 1] + 1] - sums_NC[:, parts[:, 0]]
        classes_NK[:, classed] = _log_odds(np.add.reduceat(chances, begins, axis=1))
    return words_NK, classes_NK


def _laid_out(lists: Sequence[Sequence[Any]]) -> tuple[NDArray[np.int64], list[int]]:
    """One behind the other, and where each begins."""
    begins = np.cumsum([0, *map(len, lists)])[:-1]
    return np.array([one for each in lists for one in each]), begins.tolist()


def _log_odds(chance_N: Floats) -> Floats:
    chance_N = np.clip(chance_N, 1e-9, 1 - 1e-9)
    return np.asarray(np.clip(np.log(chance_N / (1 - chance_N)), -MOST_ODDS, MOST_ODDS))


def kinds_of(facts: dict[str, Any]) -> Kinds | None:
    """The kinds in `words.json`; None if there are none. Raises KeyError, TypeError, ValueError."""
    about = facts.get("kinds")
    if not about:
        return None
    found = tuple(
        Kind(
            one["say"],
            tuple(one["words"]),
            tuple((first, last) for first, last in one["classes"]),
            tuple(about["fits"][one["fit"]]),
            one["fit"] == "place",
        )
        for one in about["list"]
    )
    return Kinds(found, about["classes_from"], about["enough"], about["beside"])
