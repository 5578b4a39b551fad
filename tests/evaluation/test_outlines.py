"""The measure of outlines: known lines give known numbers."""

from __future__ import annotations

import numpy as np
import pytest

from semcodec.evaluation.measures.outlines import agreement, agreement_of_all, f_of_lines, lines_of, thinned


def soft_line(row: float, *, length: int = 80, height: float = 0.9) -> np.ndarray:
    rows = np.arange(60)[:, None]
    line = height * np.exp(-((rows - row) ** 2) / 4.5) * np.ones((1, 100))
    line[:, length:] = 0
    return line


def drawing(row: int, *, length: int = 80, weight: int = 255) -> np.ndarray:
    drawn = np.zeros((60, 100), np.uint8)
    drawn[row, :length] = weight
    return drawn


def test_thinning_leaves_a_crest_of_a_pixel_or_two() -> None:
    crest = thinned(soft_line(30.0))
    assert (crest[:, 40] > 0.02).sum() <= 2 and crest[30, 40] > 0.5
    across = thinned(soft_line(30.0).T)
    assert np.allclose(across[:70], crest.T[:70], atol=1e-9)


def test_a_line_in_its_place_is_right_and_one_beside_it_is_wrong() -> None:
    assert agreement(soft_line(30), drawing(30)).best[0] > 0.97
    assert agreement(soft_line(33), drawing(30)).best[0] > 0.9
    assert agreement(soft_line(36), drawing(30)).best[0] < 0.1


def test_half_a_line_is_found_half() -> None:
    found = agreement(soft_line(30, length=40), drawing(30))
    at = int(np.argmax(found.f_T))
    assert found.right[at] / found.told[at] > 0.9
    assert found.found[at] / found.drawn[at] == pytest.approx(0.5, abs=0.06)


def test_what_more_people_drew_counts_for_more() -> None:
    both = np.maximum(drawing(15, weight=51), drawing(45, weight=204))
    few, many = agreement(soft_line(15), both), agreement(soft_line(45), both)
    assert few.best[0] < many.best[0]


def test_pictures_are_taken_together_at_one_threshold() -> None:
    strong, weak = (soft_line(30, height=0.9), drawing(30)), (soft_line(30, height=0.4), drawing(10))
    total = agreement_of_all([strong, weak])
    assert total.told[0] == agreement(*strong).told[0] + agreement(*weak).told[0]
    assert total.best[1] > 0.3  # (above the weak line, which is wrong)
    with pytest.raises(ValueError, match="no maps"):
        agreement_of_all([])
    with pytest.raises(ValueError, match="cannot be compared"):
        agreement(np.zeros((4, 4)), np.zeros((4, 5), np.uint8))


def test_lines_of_two_pictures_agree_as_far_as_they_lie_together() -> None:
    whole, half, beside = (lines_of(soft_line(row, length=n), 0.34) for row, n in ((30, 80), (30, 40), (40, 80)))
    assert f_of_lines(whole, whole) == 1 and f_of_lines(whole, beside) == 0
    assert f_of_lines(half, whole) == f_of_lines(whole, half) == pytest.approx(2 / 3, abs=0.06)
    nothing = lines_of(soft_line(30, height=0.2), 0.34)
    assert f_of_lines(nothing, whole) == 0 and f_of_lines(nothing, nothing) == 1
