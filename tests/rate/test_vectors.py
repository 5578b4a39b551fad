"""A vector goes in where it is asked for, or costs little."""

from __future__ import annotations

from semcodec.rate.vectors import LEAST_FILE_BYTES, wants_vector


def test_unasked_it_is_at_most_a_hundredth_of_the_file():
    assert LEAST_FILE_BYTES == 3500
    assert [wants_vector(None, num_bytes) for num_bytes in (340, 3499, 3500)] == [False, False, True]


def test_a_wish_is_a_wish_whatever_the_bytes():
    assert wants_vector(True, 50) and not wants_vector(False, 100_000)
