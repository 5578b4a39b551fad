"""The embedded describer's graphs: a picture to features, features and a beginning to the next word.

Its package is a folder or mapping of `image.onnx`, the graphs of `writing.py` and `words.json`, which names the
vocabulary and what its numbers mean.

Shapes: H = W = `image_px` pixels; C = 3 (RGB); P = places of the picture, F = features of each; N = beginnings that are
gone on with, T = tokens of each; V = vocabulary.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from semcodec.errors import WeightsError
from semcodec.nets.facts import read_facts
from semcodec.nets.graphs import Graphs
from semcodec.nets.kinds import Kinds, kinds_of
from semcodec.nets.writing import NEXT, StepByStep, WholeSequences, Writing

if TYPE_CHECKING:
    from semcodec.types import Pixels

Floats = NDArray[np.floating[Any]]

TASKS = ("caption", "keywords", "regions")
NUM_COORDINATES = 64
NEVER = -5.0  # log-odds


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the numbers of a describer mean (`words.json`).

    Attributes:
        words: the text of each number, with its space in front; the numbers below have none.
        task: prompt tokens by task. `rates`: prompt tokens that ask for few bits, the fewest last; `default_rate` is
            the place in it to begin with.
        end: the token that ends a sequence. `box`: the first of 64 coordinates. `never`: tokens that are not said.
        image_px: side of the picture that the network sees. `max_tokens`: the longest sequence, prompt included.
        beam: beginnings that are kept at a time, by task. `thresholds`: how sure it has to be, by task, 0..1.
        calibration: by task, rising points (mean log-probability of a token, how often such words are right); without
            points the geometric mean of the probabilities stands for it.
        sentence: tasks whose text is a sentence, with a capital and a full stop.
        evidence: of tokens that name things and places: where the log-odds that a caption uses them stand among the
            features, counted from the place `evidence_from` on. `things`: those whose least counts for how sure words
            are, and how much (`evidence_weight`). `kinds`: of things that plain sentences name, or None.
        places: how many of the places that a picture becomes the word network looks at; None: at all.
    """

    words: tuple[str, ...]
    task: Mapping[str, int]
    rates: tuple[int, ...]
    default_rate: int
    end: int
    box: int
    never: frozenset[int]
    image_px: int
    max_tokens: int
    language: str
    beam: Mapping[str, int]
    thresholds: Mapping[str, float]
    calibration: Mapping[str, tuple[tuple[float, float], ...]]
    sentence: frozenset[str]
    evidence: Mapping[int, int]
    evidence_from: int
    things: frozenset[int]
    evidence_weight: float
    kinds: Kinds | None = None
    places: int | None = None

    def text_of(self, tokens: list[int], *, task: str) -> str:
        """The words of a sequence as they are shown; "" for none."""
        text = " ".join("".join(self.words[token] for token in tokens).split())
        if not text or task not in self.sentence:
            return text
        return text[0].upper() + text[1:] + ("" if text[-1] in ".!?" else ".")

    def told(self, features_1PF: Floats) -> Floats:
        """What stands behind the places of a picture: log-odds of words, then chances of classes."""
        return np.asarray(features_1PF[0, self.evidence_from :].reshape(-1))

    def things_seen(self, features_1PF: Floats, *, most: int) -> list[tuple[int, float]]:
        """Tokens that name the likeliest things and the log-odds of each, the likeliest first; of one and many ("dog",
        "dogs") the likelier alone.
        """
        odds = self.told(features_1PF)
        found: list[tuple[int, float]] = []
        names: set[str] = set()
        for token, place in sorted(self.evidence.items(), key=lambda item: -float(odds[item[1]])):
            name = self.words[token].strip().removesuffix("s")
            if name not in names and len(found) < most:
                names.add(name)
                found.append((token, float(odds[place])))
        return found

    def evidence_for(self, tokens: Iterable[int], features_1PF: Floats) -> float:
        """What the picture itself says for these words: log-odds of the least likely thing that they name, weighted;
        those of something that is surely not there, where they name nothing.
        """
        if not self.evidence_weight:
            return 0.0
        odds = self.told(features_1PF)
        least = min((float(odds[self.evidence[token]]) for token in tokens if token in self.things), default=NEVER)
        return self.evidence_weight * max(least, NEVER)

    def confidence_of(self, mean_log_probability: float, *, task: str) -> float:
        """0..1: how often words that are as likely as these are right."""
        points = self.calibration.get(task)
        if not points:
            return float(np.exp(mean_log_probability))
        scores, shares = ([point[axis] for point in points] for axis in (0, 1))
        return float(np.interp(mean_log_probability, scores, shares))


def vocabulary_of(facts: dict[str, Any]) -> Vocabulary:
    """The content of `words.json`. Raises KeyError, TypeError, ValueError."""
    specials = facts["specials"]
    calibration = {task: tuple(map(tuple, points)) for task, points in facts.get("calibration", {}).items()}
    # (a threshold without a calibration is a mean log-probability, as the score is)
    thresholds = {
        task: float(threshold if task in calibration else np.exp(threshold))
        for task, threshold in facts["confidence"].items()
    }
    return Vocabulary(
        words=tuple(facts["vocabulary"]),
        task={task: specials[task] for task in TASKS if task in specials},
        rates=tuple(specials["lambda"]),
        default_rate=facts["default_lambda"],
        end=specials["end"],
        box=specials["box"],
        never=frozenset(specials.get("never", ())),
        image_px=facts["image_px"],
        max_tokens=facts["max_tokens"],
        language=facts.get("language", "en"),
        beam=facts.get("beam", {}),
        thresholds=thresholds,
        calibration=calibration,
        evidence={int(token): place for token, place in facts.get("evidence", {}).items()},
        evidence_from=facts.get("evidence_from", 0),
        things=frozenset(facts.get("things", ())),
        evidence_weight=facts.get("evidence_weight", 0.0),
        kinds=kinds_of(facts),
        places=facts.get("places"),
        sentence=frozenset(task for task, case in facts.get("case", {}).items() if case == "sentence"),
    )


class DescriberNets:
    """Opens each graph when it is first used. Calls are safe from several threads."""

    def __init__(self, files: Mapping[str, Path], *, threads: int | None = None) -> None:
        """`files`: file name -> file. Raises `WeightsError`."""
        self._graphs, self._is_stepwise = Graphs(files, threads=threads), NEXT in set(files)
        self.vocabulary = read_facts(files["words.json"], vocabulary_of, of="a describer")
        if not self._is_stepwise and "words.onnx" not in set(files):
            raise WeightsError(f"this describer has no graph that finds words: {NEXT} is missing; install it again")

    def see(self, image_HWC: Pixels) -> Floats:
        """(image_px, image_px, 3) uint8, the whole picture -> (1, P, F)."""
        image_NCHW = image_HWC.transpose(2, 0, 1)[None].astype(np.float32) / np.float32(127.5) - np.float32(1)
        features_1PF: Floats = self._graphs.run("image", image_NCHW=image_NCHW)[0]
        return features_1PF

    def writing(self, features_1PF: Floats) -> Writing:
        """What says the words of a picture (`features_1PF` of `see`) one by one."""
        seen_1PF = features_1PF[:, : self.vocabulary.places]
        return (StepByStep if self._is_stepwise else WholeSequences)(self._graphs, seen_1PF)

    def next_log_odds(self, tokens_NT: NDArray[np.int64], features_1PF: Floats) -> Floats:
        """(N, V): logits of the token behind each beginning."""
        return self.writing(features_1PF).next_log_odds(tokens_NT)
