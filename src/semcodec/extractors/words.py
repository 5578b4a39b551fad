"""Words about a picture, by the embedded describer: a caption, keywords, or regions and what is in them.

With the little that it learned from, it is often wrong. So everything comes with how sure it is, and what goes into a
Scene is only what it is sure enough of, marked as a machine's.

Shapes: H, W = pixels; C = 3 (RGB); P = places of the picture, F = features of each.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from semcodec.extractors.guess import Description, Guess
from semcodec.extractors.plain import plain_sentences
from semcodec.ids import Origin
from semcodec.layers.regions.fit import within_bits
from semcodec.layers.text.encode import pack_words
from semcodec.nets.describer import TASKS, DescriberNets, Floats, Vocabulary
from semcodec.nets.sayings import Grammar, Saying, chances_of_words, likeliest, surest
from semcodec.pictures import squeezed
from semcodec.types import Region, Regions, Scene, Words

if TYPE_CHECKING:
    from semcodec.types import Pixels


MOST_KEYWORDS = 4


class WordsExtractor:
    """Satisfies `contracts.Extractor`. Calls are safe from several threads."""

    def __init__(
        self, nets: DescriberNets, *, tasks: Collection[str] = ("caption",), max_bits: int | None = None
    ) -> None:
        """
        Args:
            tasks: what `extract` looks for: "caption" or "keywords" become the Scene's words, "regions" its regions.
            max_bits: what words, and what regions, may cost in the file; None: what they cost.
        """
        if not tasks or not set(tasks) <= set(TASKS) or {"caption", "keywords"} <= set(tasks):
            raise ValueError(f"tasks {tuple(tasks)}: regions, and at most one of caption and keywords")
        self._nets, self._tasks, self._max_bits = nets, tuple(tasks), max_bits

    def extract(self, image_HWC: Pixels, scene: Scene) -> Scene:
        features_1PF = self.see(image_HWC)
        for task in set(self._tasks) - {"regions"}:
            guess = self.words(features_1PF, task=task, max_bits=self._max_bits)
            if guess is not None and guess.is_sure and isinstance(guess.said, Words):
                scene = replace(scene, words=guess.said)
        if "regions" in self._tasks:
            found = self.sure_regions(self.regions(features_1PF), scene.words, self._max_bits)
            scene = replace(scene, regions=found)
        return scene

    def describe(self, image_HWC: Pixels, *, tasks: Collection[str] = TASKS, seen: Floats | None = None) -> Description:
        """What it says to each of these, sure or not, whatever it costs. `seen`: what `see` gave of the picture."""
        features_1PF = self.see(image_HWC) if seen is None else seen
        return Description(
            caption=self.words(features_1PF, task="caption") if "caption" in tasks else None,
            keywords=self.words(features_1PF, task="keywords") if "keywords" in tasks else None,
            regions=self.regions(features_1PF) if "regions" in tasks else (),
        )

    def see(self, image_HWC: Pixels) -> Floats:
        """(H, W, 3) uint8 -> (1, P, F), what the other methods speak of."""
        return self._nets.see(squeezed(image_HWC, self._nets.vocabulary.image_px))

    def words(self, features_1PF: Floats, *, task: str = "caption", max_bits: int | None = None) -> Guess | None:
        """A caption or keywords of at most `max_bits`, sure or not; None if there are none so short.

        The network is asked at several rates, and what it is surest of is taken of those that are not too dear: nothing
        is cut. A caption that is not sure gives way to a plain sentence of what is surely there.
        """
        written = self.written(features_1PF, task=task, max_bits=max_bits)
        if task != "caption" or (written is not None and written.is_sure):
            return written
        return self._plain(features_1PF, max_bits) or written

    def written(self, features_1PF: Floats, *, task: str = "caption", max_bits: int | None = None) -> Guess | None:
        """The same in the network's own words alone, sure or not."""
        vocabulary = self._nets.vocabulary
        if task == "keywords" and vocabulary.evidence:
            return self._keywords(features_1PF, max_bits)
        if task not in vocabulary.task:
            return None
        for saying, score in surest(self._nets, features_1PF, task=task):
            text = vocabulary.text_of(list(saying.tokens), task=task)
            words = Words(text, vocabulary.language, Origin.MACHINE)
            if not text or (max_bits is not None and coded_bits(words) > max_bits):
                continue
            # (words that never came to their end are not trusted, however likely each was)
            confidence = vocabulary.confidence_of(score, task=task) if saying.ended else 0.0
            return Guess(words, confidence, vocabulary.thresholds.get(task, 0.0))
        return None

    def _plain(self, features_1PF: Floats, max_bits: int | None) -> Guess | None:
        """As many of the things and places that are surely there as fit."""
        vocabulary = self._nets.vocabulary
        if vocabulary.kinds is None:
            return None
        chances_K = vocabulary.kinds.chances(vocabulary.told(features_1PF))
        for text, confidence in plain_sentences(vocabulary.kinds, chances_K):
            words = Words(text, vocabulary.language, Origin.MACHINE)
            if max_bits is None or coded_bits(words) <= max_bits:
                return Guess(words, confidence, vocabulary.kinds.enough)
        return None

    def _keywords(self, features_1PF: Floats, max_bits: int | None) -> Guess | None:
        """The things that it is sure to see, the surest first, as many as fit; else the likeliest one."""
        vocabulary = self._nets.vocabulary
        threshold = vocabulary.thresholds.get("keywords", 0.0)
        seen = [
            (vocabulary.words[token].strip(), vocabulary.confidence_of(odds, task="keywords"))
            for token, odds in vocabulary.things_seen(features_1PF, most=MOST_KEYWORDS)
        ]
        num_sure = sum(confidence >= threshold for _, confidence in seen)
        for num in range(max(1, num_sure), 0, -1):
            words = Words(", ".join(name for name, _ in seen[:num]), vocabulary.language, Origin.MACHINE)
            if max_bits is None or coded_bits(words) <= max_bits:
                return Guess(words, seen[num - 1][1], threshold)
        return None

    @property
    def vocabulary(self) -> Vocabulary:
        return self._nets.vocabulary

    def likely(self, image_HWC: Pixels, *, most: int) -> list[tuple[int, float]]:
        """The words that a caption of the picture is likeliest to use, by their numbers in the vocabulary, and how
        likely: at most `most`, the likeliest first.
        """
        chances_V = chances_of_words(self._nets, self.see(image_HWC))
        chances_V[self.vocabulary.end] = 0
        best = np.argsort(-chances_V, kind="stable")[:most]
        return [(int(number), float(chances_V[number])) for number in best if chances_V[number] > 0]

    def regions(self, features_1PF: Floats) -> tuple[Guess, ...]:
        """What is where, in the network's order (large ones first), sure or not. Each is as sure as its phrase."""
        vocabulary = self._nets.vocabulary
        if "regions" not in vocabulary.task:
            return ()
        saying = likeliest(self._nets, features_1PF, task="regions", rate=vocabulary.default_rate)
        threshold = vocabulary.thresholds.get("regions", 0.0)
        return tuple(
            Guess(
                Region(x, y, min(w, 63 - x), min(h, 63 - y), vocabulary.text_of(tokens, task="regions")),
                vocabulary.confidence_of(score + vocabulary.evidence_for(tokens, features_1PF), task="regions"),
                threshold,
            )
            for (x, y, w, h), tokens, score in _parts(saying, Grammar(vocabulary, "regions"), vocabulary)
        )

    def sure_regions(
        self, guesses: tuple[Guess, ...], words: Words | None, max_bits: int | None = None
    ) -> Regions | None:
        """What is sure enough for a file, without the smallest that do not fit into `max_bits` beside the words."""
        items = tuple(guess.said for guess in guesses if guess.is_sure and isinstance(guess.said, Region))
        if not items:
            return None
        found = Regions(items, self._nets.vocabulary.language, Origin.MACHINE)
        return found if max_bits is None else within_bits(found, words, max_bits=max_bits)


def coded_bits(words: Words) -> int:
    """What words cost in a file, without the head of their section."""
    return 8 * len(pack_words(words).payload)


def _parts(
    saying: Saying, grammar: Grammar, vocabulary: Vocabulary
) -> Iterator[tuple[tuple[int, int, int, int], list[int], float]]:
    """The boxes of a sequence, the tokens of their phrases, and the mean log-probability of these.

    A last phrase that was cut off is left out: half of it may say something else.
    """
    said = zip(saying.tokens, saying.log_probabilities, strict=False)  # (the log-probability of the end is left over)
    runs = [list(run) for _, run in groupby(said, key=lambda token_and_log: grammar.is_coordinate(token_and_log[0]))]
    if not saying.ended:
        runs = runs[: (len(runs) - 1) // 2 * 2]
    for box, phrase in zip(runs[::2], runs[1::2], strict=True):
        x, y, w, h = (token - vocabulary.box for token, _ in box)
        tokens = [token for token, _ in phrase]
        if vocabulary.text_of(tokens, task="regions"):
            yield (x, y, w, h), tokens, sum(log for _, log in phrase) / len(phrase)
