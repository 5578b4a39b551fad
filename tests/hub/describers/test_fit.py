"""Words are cut to a budget of coded bits, at a place where they may end."""

from __future__ import annotations

import pytest

from semcodec.hub.describers.fit import coded_bits, fit
from semcodec.ids import Origin
from semcodec.layers.text.encode import pack_words
from semcodec.types import Words

LONG = "Two large macaws, one blue and yellow, one red, sit on a branch in front of green leaves, and look to the left."


def test_bits_are_those_of_the_text_layer():
    assert coded_bits("Two macaws.", "en") == 8 * len(pack_words(Words("Two macaws.", "en", Origin.MACHINE)).payload)


def test_words_that_fit_stay_as_they_are():
    assert fit(LONG, "en", max_bits=coded_bits(LONG, "en")) == LONG


@pytest.mark.parametrize("max_bits", range(8, 257, 31))
def test_a_beginning_that_fits_and_ends_well(max_bits: int):
    text = fit(LONG, "en", max_bits=max_bits)
    assert LONG.startswith(text)
    if text:
        assert coded_bits(text, "en") <= max_bits
        assert text.split()[-1] not in {"a", "on", "in", "and", "of", "to", "the"}
        assert text[-1] not in ",;: "


def test_more_bits_never_say_less_by_much():
    lengths = [len(fit(LONG, "en", max_bits=bits)) for bits in range(40, 400, 40)]
    assert all(later >= 0.6 * earlier for earlier, later in zip(lengths, lengths[1:], strict=False))
    assert lengths[-1] == len(LONG)


def test_a_whole_clause_is_better_than_half_a_sentence():
    text = fit(LONG, "en", max_bits=coded_bits("Two large macaws, one blue and yellow, one red, sit", "en"))
    assert text in {"Two large macaws, one blue and yellow, one red", "Two large macaws, one blue and yellow"}


def test_nothing_fits_into_nothing():
    assert fit(LONG, "en", max_bits=8) == ""
    assert fit("", "en", max_bits=100) == ""


def test_scripts_without_spaces_are_cut_at_their_marks():
    text = "两只金刚鹦鹉，一只红色，一只蓝色。"
    short = fit(text, "zh", max_bits=coded_bits("两只金刚鹦鹉，一只红色", "zh"))
    assert short == "两只金刚鹦鹉，一只红色"
    assert fit("两" * 400, "zh", max_bits=100) == ""
