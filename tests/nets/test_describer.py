"""The embedded describer's package: its graphs, and what their numbers mean."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from semcodec.errors import WeightsError
from semcodec.nets.describer import DescriberNets, vocabulary_of


@pytest.fixture
def facts(debug_package: dict[str, Path]) -> dict[str, Any]:
    return json.loads(debug_package["words.json"].read_text())


def test_a_picture_becomes_features_and_a_beginning_gets_odds_for_every_token(
    debug_package: dict[str, Path],
) -> None:
    nets = DescriberNets(debug_package)
    side = nets.vocabulary.image_px
    features_1PF = nets.see(np.full((side, side, 3), 255, np.uint8))
    assert features_1PF.shape == (1, 4, 3)
    assert np.allclose(features_1PF, 1)  # pixels are -1 to 1
    beginnings_NT = np.array([[1, 4, 7], [1, 4, 8]])
    logits_NV = nets.next_log_odds(beginnings_NT, features_1PF)
    assert logits_NV.shape == (2, len(nets.vocabulary.words))
    assert np.allclose(logits_NV[1], nets.next_log_odds(beginnings_NT[1:], features_1PF))


def test_a_caption_is_a_sentence_and_other_words_are_as_they_are(facts: dict[str, Any]) -> None:
    vocabulary = vocabulary_of(facts)
    tokens = [vocabulary.words.index(word) for word in (" red", ",", " cap")]
    assert vocabulary.text_of(tokens, task="caption") == "Red, cap."
    assert vocabulary.text_of(tokens, task="keywords") == "red, cap"
    assert vocabulary.text_of([], task="caption") == ""


def test_a_sentence_that_has_its_full_stop_gets_no_second_one(facts: dict[str, Any]) -> None:
    facts["vocabulary"][7] = " what?"
    assert vocabulary_of(facts).text_of([7], task="caption") == "What?"


def test_without_a_calibration_confidence_is_the_mean_probability_of_a_token(facts: dict[str, Any]) -> None:
    vocabulary = vocabulary_of(facts)
    assert vocabulary.confidence_of(np.log(0.25), task="caption") == pytest.approx(0.25)
    assert vocabulary.thresholds["caption"] == pytest.approx(0.9)


def test_a_calibration_says_how_often_such_words_are_right(facts: dict[str, Any]) -> None:
    facts["calibration"] = {"caption": [[-2.0, 0.1], [-1.0, 0.5], [0.0, 0.8]]}
    facts["confidence"]["caption"] = 0.45
    vocabulary = vocabulary_of(facts)
    assert vocabulary.thresholds["caption"] == 0.45
    found = [vocabulary.confidence_of(score, task="caption") for score in (-9.0, -1.5, -1.0, 0.0)]
    assert found == pytest.approx([0.1, 0.3, 0.5, 0.8])


def test_words_that_name_things_count_as_the_least_likely_of_them(facts: dict[str, Any]) -> None:
    cap, wall = (facts["vocabulary"].index(word) for word in (" cap", " wall"))
    facts |= {"evidence": {str(cap): 1, str(wall): 4}, "evidence_from": 1, "evidence_weight": 0.5}
    facts["things"] = [cap, wall]
    vocabulary = vocabulary_of(facts)
    features_1PF = np.zeros((1, 3, 3), np.float32)
    features_1PF[0, 1, 1], features_1PF[0, 2, 1] = 2.0, -1.0
    assert vocabulary.things_seen(features_1PF, most=9) == [(cap, 2.0), (wall, -1.0)]
    assert vocabulary.things_seen(features_1PF, most=1) == [(cap, 2.0)]
    assert vocabulary.evidence_for([cap, 3], features_1PF) == 1.0
    assert vocabulary.evidence_for([cap, wall], features_1PF) == -0.5
    assert vocabulary.evidence_for([3], features_1PF) == -2.5  # (nothing that could be seen)


def test_of_one_and_many_the_likelier_alone_is_seen(facts: dict[str, Any]) -> None:
    facts["vocabulary"][7], facts["vocabulary"][8] = " dog", " dogs"
    facts |= {"evidence": {"7": 0, "8": 1}, "evidence_from": 0, "evidence_weight": 0.5}
    assert vocabulary_of(facts).things_seen(np.array([[[1.0, 2.0]]]), most=4) == [(8, 2.0)]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"vocabulary": 1, "specials": {}}'])
def test_facts_that_cannot_be_understood_are_a_sentence(text: str, tmp_path: Path) -> None:
    (tmp_path / "words.json").write_text(text)
    with pytest.raises(WeightsError, match=r"words\.json: holds no facts of a describer"):
        DescriberNets({"words.json": tmp_path / "words.json"})


def test_a_package_without_the_graph_that_finds_words_says_so(debug_package: dict[str, Path]) -> None:
    with pytest.raises(WeightsError, match="no graph that finds words"):
        DescriberNets({name: path for name, path in debug_package.items() if name != "words.onnx"})
