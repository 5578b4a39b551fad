"""How likely a picture shows a kind of things."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from semcodec.nets.kinds import Kind, Kinds, kinds_of, witnesses

DOG = Kind("a dog", (0, 1), ((0, 1),), (1.0, 0.5, -0.25))
GRASS = Kind("on grass", (2,), (), (1.0, 0.0, 0.0), is_place=True)
FACTS: dict[str, Any] = {
    "classes_from": 3,
    "enough": 0.7,
    "beside": 0.8,
    "fits": {"both": [1.0, 0.5, -0.25], "place": [1.0, 0.0, 0.0]},
    "list": [
        {"say": "a dog", "words": [0, 1], "classes": [[0, 1]], "fit": "both"},
        {"say": "on grass", "words": [2], "classes": [], "fit": "place"},
    ],
}


def _told(*words: float, classes: tuple[float, ...] = (0.2, 0.3, 0.5)) -> np.ndarray:
    return np.array([*words, *classes], np.float32)


def test_one_of_its_words_or_one_of_its_classes_is_enough() -> None:
    words_NK, classes_NK = witnesses((DOG, GRASS), _told(0.0, 0.0, -1.0)[None], 3)
    assert words_NK[0] == pytest.approx([np.log(3), -1.0])  # three chances in four
    assert classes_NK[0] == pytest.approx([0.0, 0.0], abs=1e-6)  # one in two; grass has no class


def test_the_fit_says_how_far_each_witness_is_believed() -> None:
    kinds = Kinds((DOG, GRASS), 3, 0.7, 0.8)
    chances = kinds.chances(_told(0.0, 0.0, -1.0))
    assert chances == pytest.approx(1 / (1 + np.exp(-np.array([np.log(3) - 0.25, -1.0]))))
    assert kinds.chances(_told(0.0, 0.0, -1.0, classes=(0.7, 0.3, 0.0)))[0] > chances[0]


def test_a_network_that_says_nonsense_breaks_nothing() -> None:
    told = np.array([np.nan, np.inf, -np.inf, 2.0, np.nan, -1.0])
    chances = Kinds((DOG, GRASS), 3, 0.7, 0.8).chances(told)
    assert np.isfinite(chances).all() and ((chances >= 0) & (chances <= 1)).all()


def test_what_may_be_the_same_thing_shares_a_word_or_a_class_that_speaks_for_both() -> None:
    fish = Kind("a fish", (7,), ((0, 6),), (1.0, 1.0, 0.0))
    shark = Kind("a shark", (8,), ((2, 4),), (1.0, 1.0, 0.0))
    person = Kind("a person", (9,), ((0, 397),), (1.0, -0.1, 0.0))
    people = Kind("people", (9, 10), (), (1.0, 0.0, 0.0))
    assert fish.shares_with(shark) and shark.shares_with(fish) and person.shares_with(people)
    assert not fish.shares_with(person) and not people.shares_with(fish)


def test_kinds_are_read_from_the_facts_of_a_package() -> None:
    assert kinds_of({"vocabulary": []}) is None
    assert kinds_of({"kinds": FACTS}) == Kinds((DOG, GRASS), 3, 0.7, 0.8)
    with pytest.raises(KeyError):
        kinds_of({"kinds": FACTS | {"fits": {}}})
