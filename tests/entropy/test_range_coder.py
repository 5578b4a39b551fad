from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from semcodec.entropy.interval import final_point
from semcodec.entropy.range_decoder import EndOfStream, RangeDecoder
from semcodec.entropy.range_encoder import RangeEncoder
from semcodec.entropy.tables import TOTAL, quantise_counts, starts_of, uniform_starts

# A busy machine is no failure.
unhurried = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])

Coded = list[tuple[int, tuple[int, ...]]]


@st.composite
def coded_symbols(draw: st.DrawFn) -> Coded:
    """Symbols, each with the table it is coded with; tables from flat to nearly certain."""
    tables = draw(
        st.lists(
            st.lists(st.integers(0, 1 << 20), min_size=1, max_size=40)
            .filter(any)
            .map(lambda counts: starts_of(quantise_counts(counts))),
            min_size=1,
            max_size=4,
        )
    )
    picks = draw(st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 1 << 16)), max_size=120))
    chosen = [(value, tables[which % len(tables)]) for value, which in picks]
    return [(value % (len(starts) - 1), starts) for value, starts in chosen]


def _encoded(coded: Coded) -> bytes:
    encoder = RangeEncoder()
    for symbol, starts in coded:
        encoder.put(symbol, starts)
    return encoder.finish()


def _decoded(data: bytes, coded: Coded) -> list[int]:
    """As many symbols as the bytes settle."""
    decoder, symbols = RangeDecoder(data), []
    for _, starts in coded:
        try:
            symbols.append(decoder.get(starts))
        except EndOfStream:
            break
    return symbols


@unhurried
@given(coded_symbols())
def test_symbols_come_back_and_the_stream_ends_where_it_should(coded: Coded) -> None:
    decoder = RangeDecoder(_encoded(coded))
    assert [decoder.get(starts) for _, starts in coded] == [symbol for symbol, _ in coded]
    assert decoder.ends_here()


@unhurried
@given(coded_symbols())
def test_every_prefix_of_a_stream_gives_a_prefix_of_its_symbols(coded: Coded) -> None:
    data = _encoded(coded)
    symbols = [symbol for symbol, _ in coded]
    num_before = 0
    for num_bytes in range(len(data) + 1):
        found = _decoded(data[:num_bytes], coded)
        assert found == symbols[: len(found)]
        assert len(found) >= num_before
        num_before = len(found)
    assert num_before == len(symbols)


@unhurried
@given(coded_symbols(), st.binary(max_size=6))
def test_no_continuation_changes_the_symbols(coded: Coded, more: bytes) -> None:
    assert _decoded(_encoded(coded) + more, coded) == [symbol for symbol, _ in coded]


@unhurried
@given(coded_symbols(), st.binary(min_size=1, max_size=3))
def test_bytes_behind_the_end_are_noticed(coded: Coded, more: bytes) -> None:
    decoder = RangeDecoder(_encoded(coded) + more)
    for _, starts in coded:
        decoder.get(starts)
    assert not decoder.ends_here()


@unhurried
@given(coded_symbols())
def test_one_byte_less_never_settles_all_symbols(coded: Coded) -> None:
    data = _encoded(coded)
    if data:
        decoder = RangeDecoder(data[:-1])
        with pytest.raises(EndOfStream):
            for _, starts in coded:
                decoder.get(starts)
            raise AssertionError("the end is not the shortest")


@unhurried
@given(coded_symbols())
def test_both_sides_count_the_same_shifts_after_every_symbol(coded: Coded) -> None:
    encoder, decoder = RangeEncoder(), RangeDecoder(_encoded(coded))
    for symbol, starts in coded:
        encoder.put(symbol, starts)
        decoder.get(starts)
        assert encoder.num_shifts == decoder.num_shifts


@unhurried
@given(st.binary(max_size=64), st.lists(st.integers(1, 300), min_size=1, max_size=60))
def test_any_bytes_decode_to_symbols_of_the_table_or_to_the_end(data: bytes, sizes: list[int]) -> None:
    decoder = RangeDecoder(data)
    try:
        for size in sizes:
            assert 0 <= decoder.get(uniform_starts(size)) < size
    except EndOfStream:
        pass


def test_the_end_is_within_a_byte_of_the_ideal_length() -> None:
    likely = starts_of((TOTAL - 1, 1))
    assert _encoded([]) == b""
    assert len(_encoded([(0, likely)] * 100)) == 1  # 0.004 bits
    assert len(_encoded([(1, likely)] * 8)) <= 16  # 120 bits
    assert len(_encoded([(at % 256, uniform_starts(256)) for at in range(50)])) == 50


@unhurried
@given(st.integers(0, (1 << 32) - 1), st.integers(1 << 24, 1 << 32))
def test_the_final_point_settles_the_interval(low: int, range_: int) -> None:
    point, num_bytes = final_point(low, range_)
    cell = 1 << (32 - 8 * num_bytes)
    assert low <= point and point + cell <= low + range_ and point % cell == 0


def test_a_carry_runs_through_bytes_of_255() -> None:
    edge = (0, 1, TOTAL)
    coded = [(1, (0, TOTAL - 1, TOTAL))] * 6 + [(1, edge)] * 3 + [(0, edge), (1, (0, TOTAL - 1, TOTAL))] * 4
    assert _decoded(_encoded(coded), coded) == [symbol for symbol, _ in coded]


def test_golden_bytes() -> None:
    third = starts_of(quantise_counts((1, 2, 3)))
    assert _encoded([(0, third), (1, third), (2, third), (2, third), (1, third)]).hex() == "1260"
