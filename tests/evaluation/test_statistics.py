"""BD-rate and bootstrap by hand."""

from __future__ import annotations

import numpy as np
import pytest

from semcodec.evaluation.bdrate import bd_rate_percent
from semcodec.evaluation.bootstrap import mean_interval, ratio_interval

CURVE = [(0.01, 20.0), (0.02, 22.5), (0.04, 25.5), (0.08, 27.0), (0.16, 30.0)]


def test_half_the_bytes_at_every_quality_is_minus_fifty_percent():
    assert bd_rate_percent(CURVE, [(rate / 2, value) for rate, value in CURVE]) == pytest.approx(-50)


def test_it_works_for_measures_where_lower_is_better():
    falling = [(rate, -value) for rate, value in CURVE]
    assert bd_rate_percent(falling, [(rate * 3, value) for rate, value in falling]) == pytest.approx(200)


def test_straight_lines_over_part_of_the_range_by_hand():
    # log2 of the rates: x for the anchor and x + 1 + x / 4 for the tested one; over the common range 0..2 the mean of
    # 1 + x / 4 is 1.25, so the rate is 2 ** 1.25 times the anchor's.
    anchor = [(2.0**x, float(x)) for x in (-1, 0, 2, 3)]
    tested = [(2.0 ** (x + 1 + x / 4), float(x)) for x in (0, 1, 2)]
    assert bd_rate_percent(anchor, tested) == pytest.approx(100 * (2**1.25 - 1), rel=1e-6)


def test_points_that_cost_more_and_are_no_better_are_left_out():
    assert bd_rate_percent(CURVE, [*CURVE, (0.05, 25.0)]) == pytest.approx(0, abs=1e-9)


def test_no_common_quality_gives_nothing():
    assert bd_rate_percent(CURVE, [(1.0, 50.0), (2.0, 60.0)]) is None
    assert bd_rate_percent(CURVE, CURVE[:1]) is None


def test_a_curve_that_turns_back_has_too_few_points():
    turned = [(0.01, 20.0), (0.02, 25.0), (0.04, 24.0), (0.08, 23.0)]
    assert bd_rate_percent(CURVE, turned, min_points=4) is None
    assert bd_rate_percent(CURVE, turned) is not None


def test_the_interval_of_a_mean_is_about_two_standard_errors_to_each_side():
    values = np.random.Generator(np.random.Philox(1)).normal(10, 2, 400)
    low, high = mean_interval(list(values))
    error = values.std() / 20
    assert low == pytest.approx(values.mean() - 1.96 * error, abs=0.1 * error)
    assert high == pytest.approx(values.mean() + 1.96 * error, abs=0.1 * error)


def test_the_interval_is_the_same_every_time():
    assert mean_interval([1.0, 2.0, 5.0]) == mean_interval([1.0, 2.0, 5.0])


def test_one_picture_has_no_interval():
    with pytest.raises(ValueError, match="at least two"):
        mean_interval([1.0])


def test_the_interval_of_a_ratio_is_a_point_where_all_pictures_have_the_same_one():
    base = [1.0, 2.0, 7.0]
    assert ratio_interval([0.9 * value for value in base], base) == pytest.approx((0.9, 0.9))


def test_the_interval_of_a_ratio_pairs_the_pictures():
    rng = np.random.Generator(np.random.Philox(3))
    base = rng.uniform(1, 9, 50)
    low, high = ratio_interval(list(base * rng.normal(0.8, 0.02, 50)), list(base))
    assert 0.79 < low < 0.8 < high < 0.81


def test_a_ratio_needs_pairs():
    with pytest.raises(ValueError, match="same pictures"):
        ratio_interval([1.0, 2.0], [1.0, 2.0, 3.0])
