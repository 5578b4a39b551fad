from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from semcodec.entropy.tables import TOTAL, quantise_counts, starts_of, uniform_starts

# A busy machine is no failure.
unhurried = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


@unhurried
@given(st.lists(st.integers(0, 1 << 40), min_size=1, max_size=500).filter(any))
def test_quantised_counts_are_whole_and_leave_no_symbol_out(counts: list[int]) -> None:
    freqs = quantise_counts(counts)
    assert sum(freqs) == TOTAL
    assert min(freqs) >= 1
    assert starts_of(freqs)[-1] == TOTAL


@unhurried
@given(st.lists(st.integers(0, 1000), min_size=2, max_size=100).filter(any))
def test_more_counts_never_mean_less_frequency(counts: list[int]) -> None:
    freqs = quantise_counts(counts)
    ranked = sorted(zip(counts, freqs, strict=True))
    assert all(
        low_freq <= high_freq
        for (low, low_freq), (high, high_freq) in zip(ranked, ranked[1:], strict=False)
        if low < high
    )


def test_ties_go_to_the_lowest_symbol() -> None:
    assert quantise_counts((1, 1, 1)) == [10923, 10923, 10922]


@unhurried
@given(st.integers(1, TOTAL))
def test_a_uniform_table_is_whole_and_nearly_even(count: int) -> None:
    starts = uniform_starts(count)
    sizes = {end - start for start, end in zip(starts, starts[1:], strict=False)}
    assert starts[0] == 0 and starts[-1] == TOTAL and len(starts) == count + 1
    assert min(sizes) >= 1 and max(sizes) - min(sizes) <= 1


def test_a_table_with_a_symbol_left_out_is_refused() -> None:
    with pytest.raises(AssertionError):
        starts_of((TOTAL, 0))
