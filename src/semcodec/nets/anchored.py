"""The generator's graphs at run time: words, and what is known of a scale, to what each missing digit may be.

Its package is a folder or mapping of `words.onnx`, one `scale-STRIDE.onnx` for each scale of a token family, and
`about.json`, which holds every choice that can be tuned without code.

A scale's graph takes any subset of its tokens and a state that the next coarser scale's graph left behind; a finer one
is never run, or even opened, before it is needed. Where words guide, a batch of two goes through the graphs: with the
words, and without.

Shapes: N = 1, or 2 (with words, without); L = words; C = channels; R, K = token rows, columns of a scale; D = digits of
a token; V = levels of all digits of a scale, one digit after the other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.nets.facts import read_facts
from semcodec.nets.graphs import Graphs

Floats = NDArray[np.floating[Any]]

NO_WORDS, UNKNOWN_WORD = 0, 1
_WORD = re.compile(r"[a-z']+")
DEFAULT_STEPS = 8


def words_to_tokens(text: str, vocabulary: Mapping[str, int], max_words: int = 24) -> list[int]:
    """The first `max_words` words of a text as numbers; `NO_WORDS` alone where it has none (of these letters)."""
    words = _WORD.findall(text.lower())[:max_words]
    return [vocabulary.get(word, UNKNOWN_WORD) for word in words] or [NO_WORDS]


@dataclass(frozen=True, slots=True)
class Manner:
    """How a scale is completed.

    `steps`: how often the network runs; each time some of the missing tokens are drawn. `temperatures`: of the
    first and of the last step (between them, linear); probabilities are raised to their inverse. `guidance`: how far
    log-odds are moved along the difference that the words make; 1 is as the network has it, 0 without the words.
    `digit_by_digit`: each digit has its turn, not each token: digits of one step are drawn independently.
    """

    steps: int
    temperatures: tuple[float, float]
    guidance: float
    digit_by_digit: bool = False

    def temperature_at(self, step: int) -> float:
        first, last = self.temperatures
        return first + (last - first) * step / max(1, self.steps - 1)


@dataclass(frozen=True, slots=True)
class About:
    """What a generator is for, and how it is used by default (`about.json`).

    Attributes:
        family: the token family that it was trained for; `strides` and `levels` are that family's.
        vocabulary: word -> number.
        text_long_side_px: longer side of what is painted from words alone, before it is enlarged.
        manners, fast_manners: by stride.
        invents_down_to, text_invents_down_to: the finest stride whose missing tokens are drawn, with tokens in the
            file and without. What is finer is left to the decoder, which fills it in one stroke.
        outlined_invents_down_to: the same without tokens, but with outlines, which say more the finer they are seen.
        window: cells of the core and of the margin of a window, both even. A larger scale is completed in windows; the
            margin is more than one run of the network sees.
        parts: by stride, in how many parts a side each cell is told of outlines.
        outlined_manners, outlined_fast_manners: by stride, with outlines: guidance is then along the difference that
            words and outlines make together. None: as without outlines.
    """

    family: int
    strides: tuple[int, ...]
    levels: tuple[tuple[int, ...], ...]
    vocabulary: Mapping[str, int]
    max_words: int
    text_long_side_px: int
    manners: Mapping[int, Manner]
    fast_manners: Mapping[int, Manner]
    invents_down_to: int
    text_invents_down_to: int
    outlined_invents_down_to: int
    window: tuple[int, int]
    parts: Mapping[int, int]
    outlined_manners: Mapping[int, Manner] | None
    outlined_fast_manners: Mapping[int, Manner] | None


def about_of(facts: dict[str, Any]) -> About:
    """The content of `about.json`. Raises KeyError, TypeError, ValueError, AttributeError."""
    strides = tuple(map(int, facts["strides"]))
    core, margin = (int(facts["window"][part]) for part in ("core", "margin"))
    if core < 2 or margin < 0 or core % 2 or margin % 2:
        raise ValueError(f"a window of {core} and {margin} cells: both are even")

    def of(name: str, stride: int, default: Any) -> Any:
        """A choice that is one for all strides, or one for each."""
        said = facts.get(name, default)
        return said.get(str(stride), default) if isinstance(said, dict) else said

    def manner(stride: int, steps: str, guidance: str, heat: str = "temperature") -> Manner:
        temperature = of(heat, stride, 1.0)
        first, last = temperature if isinstance(temperature, list) else (temperature, temperature)
        pull = of(guidance, stride, None)
        return Manner(
            steps=max(1, int(of(steps, stride, DEFAULT_STEPS))),
            temperatures=(float(first), float(last)),
            guidance=float(of("guidance", stride, 1.0) if pull is None else pull),
            digit_by_digit=stride in facts.get("digit_by_digit", ()),
        )

    def outlined(steps: str) -> dict[int, Manner] | None:
        if "outlined_guidance" not in facts:
            return None
        return {stride: manner(stride, steps, "outlined_guidance", "outlined_temperature") for stride in strides}

    return About(
        family=int(facts["family"]),
        strides=strides,
        levels=tuple(tuple(map(int, levels)) for levels in facts["levels"]),
        vocabulary={word: number for number, word in enumerate(facts["vocabulary"])},
        max_words=int(facts["max_words"]),
        text_long_side_px=int(facts["text_long_side_px"]),
        manners={stride: manner(stride, "steps", "guidance") for stride in strides},
        fast_manners={stride: manner(stride, "fast_steps", "fast_guidance") for stride in strides},
        invents_down_to=int(facts["invents_down_to"]),
        text_invents_down_to=int(facts.get("text_invents_down_to", facts["invents_down_to"])),
        outlined_invents_down_to=int(facts.get("outlined_invents_down_to", strides[-1])),
        window=(core, margin),
        parts={stride: _parts(int(of("parts", stride, 1)), stride) for stride in strides},
        outlined_manners=outlined("steps"),
        outlined_fast_manners=outlined("fast_steps"),
    )


def _parts(count: int, stride: int) -> int:
    if count < 1 or stride % count:
        raise ValueError(f"cells of {stride} pixels in {count} parts a side")
    return count


@dataclass(frozen=True, slots=True)
class Prompt:
    """Words as the graphs take them: row 0 is with them, row 1 without."""

    memory_NLC: Floats
    there_NL: Floats
    has_words: bool

    def rows(self, count: int) -> Prompt:
        return Prompt(self.memory_NLC[:count], self.there_NL[:count], self.has_words)


class AnchoredNets:
    """Opens each graph when it is first used. Calls are safe from several threads."""

    def __init__(self, files: Mapping[str, Path], *, threads: int | None = None) -> None:
        """`files`: file name -> file. Raises `WeightsError`."""
        self._graphs = Graphs(files, threads=threads)
        self.about = read_facts(files["about.json"], about_of, of="a generator")

    def prompt(self, text: str) -> Prompt:
        """What a text says to the graphs; "" is no words. Two rows."""
        tokens = words_to_tokens(text, self.about.vocabulary, self.about.max_words)
        memory_1LC, nothing_1LC = (
            self._run("words", {"tokens_NL": np.array([said], dtype=np.int64)})["memory_NLC"]
            for said in (tokens, [NO_WORDS])
        )
        memory_NLC = np.zeros((2, *memory_1LC.shape[1:]), dtype=np.float32)
        memory_NLC[0], memory_NLC[1, :1] = memory_1LC[0], nothing_1LC[0]
        there_NL = np.ones((2, len(tokens)), dtype=np.float32)
        there_NL[1, 1:] = 0
        return Prompt(memory_NLC, there_NL, tokens != [NO_WORDS])

    def log_odds(
        self, scale: int, digits_RKD: NDArray[np.uint8], state_NCRK: Floats | None, edges_NERK: Floats, prompt: Prompt
    ) -> tuple[Floats, Floats | None]:
        """What the missing digits (`MISSING`) of a scale may be.

        `state_NCRK` is what the coarser scale left, None at the coarsest; its rows and columns are cut to those of the
        digits. Everything comes in as many rows as the prompt has; edges may have more.

        Returns:
            (logits_NVRK, below_NCRK): the second is the state for the next finer scale, None at the finest; it is twice
            as high and wide, and means something only where the digits are complete.
        """
        num, (rows, cols) = len(prompt.there_NL), digits_RKD.shape[:2]
        inputs: dict[str, NDArray[Any]] = {
            "digits_NRKD": np.repeat(digits_RKD[None], num, axis=0),
            "edges_N2RK": edges_NERK[:num],
            "memory_NLC": prompt.memory_NLC,
            "there_NL": prompt.there_NL,
        }
        if state_NCRK is not None:
            inputs["state_NCRK"] = np.ascontiguousarray(state_NCRK[:num, :, :rows, :cols])
        found = self._run(f"scale-{self.about.strides[scale]}", inputs)
        return found["logits_NVRK"], found.get("below_NCRK")

    def _run(self, graph: str, inputs: dict[str, NDArray[Any]]) -> dict[str, Floats]:
        names = self._graphs.opened(graph).output_names
        return dict(zip(names, self._graphs.run(graph, names, **inputs), strict=True))
