"""CIDEr-D against the reference code: `tests/data/cider.json` holds its answers (pycocoevalcap 1.2)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from semcodec.evaluation.measures.cider import CiderD, DocumentFrequencies, words_of

CASE = json.loads((Path(__file__).parents[1] / "data" / "cider.json").read_text("utf-8"))["pictures"]


def test_scores_are_those_of_the_reference_code() -> None:
    frequencies = DocumentFrequencies.count([[text.split() for text in picture["references"]] for picture in CASE])
    cider = CiderD(frequencies)
    for picture in CASE:
        references = cider.references(text.split() for text in picture["references"])
        assert cider.score(picture["caption"].split(), references) == pytest.approx(picture["score"], abs=1e-6)


def test_a_repeated_phrase_earns_less_than_the_phrase_once() -> None:
    frequencies = DocumentFrequencies.count([[["a", "dog", "runs"]], [["a", "cat", "sits"]], [["a", "red", "bus"]]])
    cider = CiderD(frequencies)
    references = cider.references([["a", "dog", "runs"]])
    assert cider.score("a dog runs".split(), references) == pytest.approx(7.5)  # three of four n-gram lengths exist
    assert cider.score("a dog runs a dog runs".split(), references) < 7.0


def test_nothing_in_common_and_no_words_at_all_score_zero() -> None:
    cider = CiderD(DocumentFrequencies.count([[["dog"]], [["cat"]]]))
    references = cider.references([["dog"]])
    assert cider.score(["cat"], references) == 0
    assert cider.score([], references) == 0


def test_words_lose_capitals_and_punctuation_but_keep_their_inner_marks() -> None:
    assert words_of("A man's T-shirt, 2 dogs .") == ["a", "man", "'s", "t-shirt", "2", "dogs"]
