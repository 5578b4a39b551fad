"""Frequency tables: integers that sum to 2**15, every symbol at least 1."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate

TOTAL_BITS = 15  # 16 bits gained under 0.1 % on token digits, and left the 32-bit range one bit less to work with
TOTAL = 1 << TOTAL_BITS


@lru_cache(maxsize=256)
def uniform_starts(count: int) -> tuple[int, ...]:
    """Cumulative frequencies of `count` (1 to 2**15) equally likely symbols."""
    return tuple((value << TOTAL_BITS) // count for value in range(count + 1))


def starts_of(freqs: Sequence[int]) -> tuple[int, ...]:
    """Cumulative frequencies: 0 first, 2**15 last. The table must be whole."""
    starts = (0, *accumulate(freqs))
    assert starts[-1] == TOTAL and min(freqs) >= 1, "a frequency table sums to 2**15, every symbol at least 1"
    return starts


def quantise_counts(counts: Sequence[int]) -> list[int]:
    """Counts (not negative, not all zero) to frequencies that sum to 2**15, every symbol at least 1.

    The remainder goes to the largest fractions, ties to the lowest symbol: the same table on every machine.
    """
    total = sum(counts)
    free = TOTAL - len(counts)
    shares = [divmod(count * free, total) for count in counts]
    freqs = [1 + whole for whole, _ in shares]
    by_rest = sorted(range(len(counts)), key=lambda symbol: (-shares[symbol][1], symbol))
    for symbol in by_rest[: TOTAL - sum(freqs)]:
        freqs[symbol] += 1
    return freqs
