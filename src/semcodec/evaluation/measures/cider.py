"""CIDEr-D: how much a caption shares with what people said of the same picture (Vedantam et al., CVPR 2015, section 6).

A caption becomes four vectors, of its 1-, 2-, 3- and 4-grams: counts, weighted by how rare the n-gram is among the
pictures of a large collection (log of pictures over pictures that it was said of). The score with one reference is
the cosine, in which no n-gram counts more often than the reference has it, times a Gaussian of the difference in
length; the mean over references and the four lengths, times 10. As in the authors' code, lengths are counted in
bigrams.

Words are what `words_of` makes of a text: lower case, without punctuation.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

MAX_N = 4
SIGMA = 6.0  # of the Gaussian, in words
SCALE = 10.0

NGram = tuple[str, ...]

_WORD = re.compile(r"[^\W_]+(?:[-.][^\W_]+)*|'[a-z]+")


def words_of(text: str) -> list[str]:
    """ "A man's T-shirt." -> a, man, 's, t-shirt."""
    return _WORD.findall(text.lower().replace("\u2019", "'"))


def ngrams_of(words: Sequence[str]) -> Counter[NGram]:
    return Counter(tuple(words[first : first + n]) for n in range(1, MAX_N + 1) for first in range(len(words) - n + 1))


class Counts(Protocol):
    """Of how many pictures an n-gram was said; 0 for one that never was. A `Counter` is one."""

    def __getitem__(self, ngram: NGram, /) -> int: ...


@dataclass(frozen=True, slots=True)
class DocumentFrequencies:
    """Of how many of `num_pictures` each n-gram was said."""

    counts: Counts
    num_pictures: int

    @classmethod
    def count(cls, captions: Iterable[Sequence[Sequence[str]]]) -> DocumentFrequencies:
        """`captions`: of each picture, its captions, as words."""
        counts: Counter[NGram] = Counter()
        num_pictures = 0
        for references in captions:
            counts.update({ngram for words in references for ngram in ngrams_of(words)})
            num_pictures += 1
        return cls(counts, num_pictures)


@dataclass(frozen=True, slots=True)
class Vectors:
    """A caption, ready to be compared."""

    weights: tuple[dict[NGram, float], ...]  # by n
    norms: tuple[float, ...]
    num_bigrams: int


class CiderD:
    """Scores captions against references that are made ready once (`references`)."""

    def __init__(self, frequencies: DocumentFrequencies) -> None:
        self._counts = frequencies.counts
        self._log_num = math.log(frequencies.num_pictures)

    def references(self, captions: Iterable[Sequence[str]]) -> list[Vectors]:
        return [self._vectors(words) for words in captions]

    def score(self, words: Sequence[str], references: Sequence[Vectors]) -> float:
        """0 to 10 (1 is good: most people's captions of one picture differ)."""
        mine = self._vectors(words)
        total = 0.0
        for theirs in references:
            penalty = math.exp(-((mine.num_bigrams - theirs.num_bigrams) ** 2) / (2 * SIGMA**2))
            for weights, norm, other, other_norm in zip(
                mine.weights, mine.norms, theirs.weights, theirs.norms, strict=True
            ):
                if norm and other_norm:
                    shared = sum(min(weights[ngram], other[ngram]) * other[ngram] for ngram in weights.keys() & other)
                    total += penalty * shared / (norm * other_norm)
        return SCALE * total / (MAX_N * len(references))

    def _vectors(self, words: Sequence[str]) -> Vectors:
        weights: tuple[dict[NGram, float], ...] = tuple({} for _ in range(MAX_N))
        for ngram, count in ngrams_of(words).items():
            weights[len(ngram) - 1][ngram] = count * (self._log_num - math.log(max(1, self._counts[ngram])))
        norms = tuple(math.sqrt(sum(weight * weight for weight in part.values())) for part in weights)
        return Vectors(weights, norms, max(0, len(words) - 1))
