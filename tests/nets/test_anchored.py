"""The generator's graphs: what they are told, what they say, and what happens where their package is not in order."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from semcodec.errors import WeightsError
from semcodec.nets.anchored import NO_WORDS, UNKNOWN_WORD, AnchoredNets, about_of, words_to_tokens
from semcodec.types import MISSING
from semcodec.zoo.catalog import package_at

VOCABULARY = {"<none>": 0, "<unknown>": 1, "a": 2, "dog": 3, "dog's": 4}


@pytest.fixture(scope="module")
def nets(tiny_generator: Path) -> AnchoredNets:
    return AnchoredNets(package_at(tiny_generator).files, threads=1)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("A dog.", [2, 3]),
        ("a DOG'S dog", [2, 4, 3]),
        ("a purple-dog", [2, UNKNOWN_WORD, 3]),
        ("", [NO_WORDS]),
        ("犬が二匹", [NO_WORDS]),
        ("12 %", [NO_WORDS]),
        ("a " * 40, [2] * 24),
    ],
)
def test_words_are_lower_case_runs_of_letters(text: str, tokens: list[int]) -> None:
    assert words_to_tokens(text, VOCABULARY) == tokens


def test_the_second_row_of_a_prompt_is_without_words(nets: AnchoredNets) -> None:
    prompt, nothing = nets.prompt("a red dog"), nets.prompt("")
    assert prompt.has_words and not nothing.has_words
    assert prompt.memory_NLC.shape[:2] == (2, 3) and prompt.there_NL.tolist() == [[1, 1, 1], [1, 0, 0]]
    assert np.array_equal(prompt.memory_NLC[1, 0], nothing.memory_NLC[0, 0])


def test_a_scale_says_what_its_digits_may_be_and_leaves_a_state_twice_as_large(nets: AnchoredNets) -> None:
    levels, prompt = nets.about.levels, nets.prompt("a dog")
    digits_RKD = np.full((3, 5, len(levels[0])), MISSING, np.uint8)
    logits, below = nets.log_odds(0, digits_RKD, None, np.zeros((2, 2, 3, 5), np.float32), prompt)
    assert below is not None
    assert (logits.shape, below.shape[2:]) == ((2, sum(levels[0]), 3, 5), (6, 10))
    digits_RKD = np.full((5, 9, len(levels[1])), MISSING, np.uint8)  # the picture ends inside its coarse tokens
    logits, below = nets.log_odds(1, digits_RKD, below, np.zeros((1, 2, 5, 9), np.float32), prompt.rows(1))
    assert logits.shape == (1, sum(levels[1]), 5, 9)
    finest = len(levels) - 1
    digits_RKD = np.zeros((2, 2, len(levels[finest])), np.uint8)
    _, nothing = nets.log_odds(finest, digits_RKD, below, np.zeros((1, 2, 2, 2), np.float32), prompt.rows(1))
    assert nothing is None


def test_no_graph_is_opened_before_it_is_needed(tiny_generator: Path) -> None:
    needed = {"about.json", "words.onnx", "scale-128.onnx"}
    files = {name: path for name, path in package_at(tiny_generator).files.items() if name in needed}
    nets = AnchoredNets(files, threads=1)
    digits_RKD = np.full((1, 1, len(nets.about.levels[0])), MISSING, np.uint8)
    logits, _ = nets.log_odds(0, digits_RKD, None, np.zeros((1, 2, 1, 1), np.float32), nets.prompt("a").rows(1))
    assert np.isfinite(logits).all()


def test_choices_are_for_all_strides_or_for_each(make_generator: Callable[..., Path]) -> None:
    folder = make_generator(
        guidance={"128": 3, "64": 2},
        temperature={"128": [1.0, 0.5], "64": 0.7},
        steps={"128": 5},
        fast_guidance=1,
        digit_by_digit=[128],
        text_invents_down_to=8,
        parts={"128": 8},
        outlined_guidance={"128": 5},
        outlined_temperature=0.6,
    )
    about = about_of(json.loads((folder / "about.json").read_text()))
    coarsest, second, third = (about.manners[stride] for stride in (128, 64, 32))
    assert (coarsest.guidance, second.guidance, third.guidance) == (3, 2, 1)
    assert [coarsest.temperature_at(step) for step in (0, 2, 4)] == [1.0, 0.75, 0.5]
    assert second.temperatures == (0.7, 0.7) and third.temperatures == (1, 1)
    assert coarsest.steps == 5 and third.steps > 1
    assert coarsest.digit_by_digit and not second.digit_by_digit
    assert {manner.guidance for manner in about.fast_manners.values()} == {1}
    assert (about.parts[128], about.parts[64]) == (8, 1)
    assert about.outlined_manners is not None and about.outlined_fast_manners is not None
    assert about.outlined_manners[128].guidance == 5 and about.outlined_manners[64].temperatures == (0.6, 0.6)
    assert about.outlined_fast_manners[128].steps == about.fast_manners[128].steps
    assert (about.invents_down_to, about.text_invents_down_to, about.outlined_invents_down_to) == (16, 8, 8)


@pytest.mark.parametrize(
    "wrong",
    [
        {"strides": None},
        {"levels": 3},
        {"window": {"core": 5, "margin": 2}},
        {"guidance": "strong"},
        {"vocabulary": 7},
        {"parts": 3},
    ],
)
def test_a_package_that_says_nonsense_is_named(tiny_generator: Path, wrong: dict[str, object], tmp_path: Path) -> None:
    facts = json.loads((tiny_generator / "about.json").read_text())
    for said in (facts | wrong, []):
        (tmp_path / "about.json").write_text(json.dumps(said))
        with pytest.raises(WeightsError, match=r"about\.json: holds no facts of a generator"):
            AnchoredNets({"about.json": tmp_path / "about.json"})
