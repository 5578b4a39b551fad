from __future__ import annotations

import pytest

from semcodec.entropy.tables import TOTAL
from semcodec.errors import UnknownTextTableError, WeightsError
from semcodec.layers.shipped import TEXT_TABLES
from semcodec.layers.text.model import NUM_BINS, bin_of, count_of, split_of
from semcodec.layers.text.table import load_table, parse_table


@pytest.mark.parametrize("number", TEXT_TABLES)
def test_each_table_can_code_every_symbol(number: int) -> None:
    table = load_table(number)
    for model, names in ((table.words_model, table.words), (table.chars_model, table.chars)):
        assert len(model.base_cum) == len(names) + 1
        assert all(low < high for low, high in zip(model.base_cum, model.base_cum[1:], strict=False))
        assert 1 <= min(model.squash) and max(model.squash) < TOTAL
    assert len(set(table.words)) == len(table.words) - 2  # three tokens have no text
    assert {chr(code) for code in range(32, 127)} <= set(table.chars)


def test_a_table_that_is_not_there_is_refused_by_number() -> None:
    with pytest.raises(UnknownTextTableError, match="text table 0, this build has 1, 2"):
        load_table(0)


def test_a_file_that_is_no_table_is_refused() -> None:
    with pytest.raises(WeightsError, match="no text table"):
        parse_table(b"something else", seed=0)


def test_counts_are_exact_when_small_and_rise_with_their_byte() -> None:
    counts = [count_of(code) for code in range(256)]
    assert counts[:129] == list(range(129))
    assert counts == sorted(set(counts))
    assert counts[255] == 31744


def test_bins_are_within_their_table() -> None:
    bins = {bin_of(count, kinds) for count in range(1, 70000) for kinds in (1, 2)}
    assert bins == set(range(1, NUM_BINS))


def test_a_split_halves_the_counts() -> None:
    assert split_of([0, 1, 2, 3, 100], 0, 4) == 3
    assert split_of([0, 97, 98, 99, 100], 0, 4) == 1
    assert split_of([0, 1, 2, 3, 4], 0, 4) == 2
    assert split_of([0, 1, 2], 0, 2) == 1
