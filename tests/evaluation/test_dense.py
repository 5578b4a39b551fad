"""Mean average precision of regions in words."""

from __future__ import annotations

import pytest

from semcodec.evaluation.measures.dense import Found, There, average_precision, mean_average_precision, overlap

LEFT, RIGHT = (0.0, 0.0, 0.5, 1.0), (0.5, 0.0, 0.5, 1.0)
DOG, CAT = There(LEFT, "dog"), There(RIGHT, "cat")


def _same(phrase: str, label: str) -> bool:
    return phrase == label


def test_overlap_is_intersection_over_union() -> None:
    assert overlap(LEFT, LEFT) == 1 and overlap(LEFT, RIGHT) == 0
    assert overlap(LEFT, (0.0, 0.0, 1.0, 1.0)) == pytest.approx(0.5)
    assert overlap((0.1, 0.1, 0.0, 0.0), (0.1, 0.1, 0.0, 0.0)) == 0


def test_all_right_is_one_and_nothing_found_is_zero() -> None:
    found = [[Found(LEFT, "dog", 0.9), Found(RIGHT, "cat", 0.2)]]
    assert mean_average_precision(found, [[DOG, CAT]], says=_same) == 1
    assert mean_average_precision([[]], [[DOG]], says=_same) == 0
    assert mean_average_precision([[]], [[]]) == 0


def test_a_surer_mistake_costs_and_a_less_sure_one_does_not() -> None:
    right = Found(LEFT, "dog", 0.5)

    def measured(*found: Found) -> float:
        return average_precision([found], [[DOG]], least_overlap=0.5, says=_same)

    assert measured(right, Found(LEFT, "sofa", 0.4)) == 1
    assert measured(right, Found(LEFT, "sofa", 0.6)) == 0.5


def test_what_is_found_twice_is_right_once() -> None:
    twice = [[Found(LEFT, "dog", 0.9), Found(LEFT, "dog", 0.8), Found(RIGHT, "cat", 0.7)]]
    assert average_precision(twice, [[DOG, CAT]], least_overlap=0.5, says=_same) == pytest.approx((1 + 2 / 3) / 2)


def test_words_count_only_where_they_are_asked_for() -> None:
    found = [[Found(LEFT, "sofa", 0.9)]]
    assert mean_average_precision(found, [[DOG]]) == 1
    assert mean_average_precision(found, [[DOG]], says=_same) == 0


def test_thresholds_of_overlap_are_averaged() -> None:
    loose = [[Found((0.0, 0.0, 1.0, 1.0), "dog", 0.9)]]  # of which the dog is half
    assert mean_average_precision(loose, [[DOG]], says=_same) == pytest.approx(3 / 5)
