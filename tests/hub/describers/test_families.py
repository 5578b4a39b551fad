"""The facts about families are whole, and transformers knows every family that they name."""

from __future__ import annotations

import pytest
from transformers.models.auto.configuration_auto import CONFIG_MAPPING
from transformers.models.auto.modeling_auto import MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES

from semcodec.errors import ModelError
from semcodec.hub.describers.families import TASKS, find_family, known_facts, known_families
from semcodec.hub.describers.parse import PARSERS
from semcodec.hub.references import parse_reference

from . import tiny


def test_transformers_has_every_family_and_judge():
    for family in known_families():
        assert family.model_type in MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES
    for model_type in known_facts()["judges"]:
        assert model_type in CONFIG_MAPPING


@pytest.mark.parametrize("family", known_families(), ids=lambda family: family.model_type)
def test_the_facts_of_a_family_are_whole(family):
    assert family.asked_by in {"chat", "text"}
    assert "caption" in family.answers
    for task, kind in family.answers.items():
        assert task in TASKS
        assert kind in PARSERS
        question = family.prompt(task, num_words=12, language="en")
        assert "{" not in question.replace('{"bbox_2d"', "").replace("{{", "")
    assert (family.box_scale is None) == ("regions" not in family.answers)
    for example in family.examples:
        assert parse_reference(f"hf:{example.id}")
        assert example.params > 10**8


def test_every_tiny_model_of_these_tests_is_of_a_known_family():
    assert set(tiny.DESCRIBERS) <= {family.model_type for family in known_families()}


def test_an_unknown_family_is_asked_as_most_are():
    family = find_family("some_future_vl")
    assert family.asked_by == "chat"
    assert "at most 9 words" in family.prompt("caption", num_words=9, language="en")


def test_a_language_is_asked_for():
    qwen = find_family("qwen2_5_vl")
    assert qwen.prompt("caption", num_words=9, language="pt-BR").endswith("Answer in the language pt-BR.")
    assert "language" not in qwen.prompt("caption", num_words=9, language="en")
    with pytest.raises(ModelError, match="BLIP answers in en alone, not in 'de'"):
        find_family("blip").prompt("caption", num_words=9, language="de")


def test_a_task_that_a_family_cannot_do_is_refused():
    with pytest.raises(ModelError, match=r"BLIP cannot do 'regions' \(it can do caption\)"):
        find_family("blip").prompt("regions", num_words=9, language="en")
