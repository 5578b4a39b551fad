"""Plain sentences of what is surely there."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from semcodec.extractors.plain import plain_sentences
from semcodec.extractors.words import WordsExtractor, coded_bits
from semcodec.ids import Origin
from semcodec.nets.describer import DescriberNets
from semcodec.nets.kinds import Kind, Kinds
from semcodec.types import Words

FIT = (1.0, 1.0, 0.0)
KINDS = Kinds(
    (
        Kind("a dog", (0,), ((1, 3),), FIT),
        Kind("an apple", (1,), (), FIT),
        Kind("skis", (2,), (), FIT),
        Kind("a poodle", (3,), ((2, 2),), FIT),
        Kind("on grass", (4,), (), FIT, is_place=True),
        Kind("near water", (5,), (), FIT, is_place=True),
    ),
    9,
    0.7,
    0.8,
)


def _said(*chances: float) -> list[str]:
    return [text for text, _ in plain_sentences(KINDS, np.array(chances))]


def test_two_things_and_a_place_are_the_most_that_is_said() -> None:
    assert _said(0.99, 0.98, 0.97, 0, 0.96, 0.95) == ["A dog and an apple on grass.", "A dog and an apple.", "A dog."]


def test_a_place_may_be_surer_than_the_thing_and_alone_is_not_said() -> None:
    assert _said(0.8, 0, 0, 0, 0.99, 0) == ["A dog on grass.", "A dog."]
    assert _said(0.6, 0, 0, 0, 0.99, 0) == []


def test_what_is_not_sure_enough_beside_another_stays_out() -> None:
    assert _said(0.9, 0.79, 0, 0, 0, 0) == ["A dog."]
    assert _said(0.81, 0.8, 0, 0, 0, 0) == ["A dog."]  # both together: 0.65
    assert _said(0.69, 0, 0, 0, 0, 0) == []


def test_a_thing_is_not_named_twice() -> None:
    assert _said(0.99, 0, 0.85, 0.98, 0, 0) == ["A dog and skis.", "A dog."]


def test_a_sentence_is_as_sure_as_all_its_parts_together() -> None:
    found = plain_sentences(KINDS, np.array([0.9, 0, 0, 0, 0.9, 0]))
    assert [sure for _, sure in found] == pytest.approx([0.81, 0.9])


@pytest.fixture
def nets(debug_package: dict[str, Path], tmp_path: Path) -> DescriberNets:
    """Red tells of a cap, green that there is a wall; blue is a class. (The features are the mean colour.)"""
    facts = json.loads(debug_package["words.json"].read_text())
    facts["evidence_from"] = 0
    facts["confidence"]["caption"] = 0.99
    facts["kinds"] = {
        "classes_from": 2,
        "enough": 0.6,
        "beside": 0.6,
        "fits": {"words": [8.0, 0.0, -1.0], "place": [4.0, 0.0, 3.0]},
        "list": [
            {"say": "a cap", "words": [0], "classes": [], "fit": "words"},
            {"say": "on a wall", "words": [1], "classes": [], "fit": "place"},
        ],
    }
    (tmp_path / "words.json").write_text(json.dumps(facts))
    return DescriberNets(debug_package | {"words.json": tmp_path / "words.json"})


def test_a_caption_that_is_not_sure_gives_way_to_a_plain_sentence_that_is(
    nets: DescriberNets, grey_HWC: np.ndarray
) -> None:
    describer = WordsExtractor(nets)
    red_HWC = np.full_like(grey_HWC, 128)
    red_HWC[..., 0] = 255
    features_1PF = describer.see(red_HWC)
    whole = describer.words(features_1PF)
    assert whole is not None and whole.is_sure and whole.threshold == 0.6
    assert whole.said == Words("A cap on a wall.", "en", Origin.MACHINE)
    short = Words("A cap.", "en", Origin.MACHINE)
    fitting = describer.words(features_1PF, max_bits=coded_bits(short))
    assert fitting is not None and fitting.said == short
    black = describer.words(describer.see(np.zeros_like(grey_HWC)))
    assert black is not None and not black.is_sure  # (the network's own words)
    assert black == describer.written(describer.see(np.zeros_like(grey_HWC))) != describer.written(features_1PF)
