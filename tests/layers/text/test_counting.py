"""The counting of tables, on fifty captions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from semcodec.errors import FormatError
from semcodec.ids import LayerId
from semcodec.layers.text.decode import unpack_with_table
from semcodec.layers.text.encode import pack_with_table, token_numbers
from semcodec.layers.text.table import TextTable, parse_table
from semcodec.limits import DEFAULT_LIMITS
from semcodec.types import Section, Words
from semcodec_train.tables.recipes import table_debug, trace_debug
from semcodec_train.tables.shared import share, whole
from semcodec_train.tables.text import make_table


@pytest.fixture(scope="module")
def captions(pytestconfig: pytest.Config) -> list[tuple[str, str]]:
    lines = (pytestconfig.rootpath / "tests" / "data" / "captions_debug.txt").read_text(encoding="utf-8").splitlines()
    return [(f"picture-{at // 2}", line) for at, line in enumerate(lines)]


@pytest.fixture(scope="module")
def data(captions: list[tuple[str, str]]) -> bytes:
    return make_table(captions, table_debug())


@pytest.fixture(scope="module")
def table(data: bytes) -> TextTable:
    return parse_table(data, seed=5)


def _again(payload: bytes, table: TextTable) -> tuple[Words | None, FormatError | None]:
    return unpack_with_table(Section(LayerId.TEXT, 0, payload), table, DEFAULT_LIMITS)


def test_counting_twice_gives_the_same_bytes(captions: list[tuple[str, str]], data: bytes) -> None:
    assert make_table(captions, table_debug()) == data


def test_a_table_that_names_the_arrays_of_another_codes_as_the_whole_one(
    captions: list[tuple[str, str]], data: bytes, table: TextTable
) -> None:
    base = make_table(captions, replace(table_debug(), trace=replace(trace_debug(), seed=1)))
    shared = share(data, base)
    assert whole(shared, base) == data
    assert len(shared) < len(data)
    again = parse_table(shared, seed=5, base=base)
    tokens = token_numbers(table)
    for _, text in captions:
        payload = pack_with_table(Words(text), table, tokens, max_chars=2000)
        assert pack_with_table(Words(text), again, tokens, max_chars=2000) == payload


def test_every_text_comes_back_through_a_small_table(table: TextTable, caption: str) -> None:
    payload = pack_with_table(Words(caption), table, token_numbers(table), max_chars=2000)
    assert _again(payload, table) == (Words(caption), None)


def test_what_was_counted_is_coded_shorter_than_what_was_not(table: TextTable, captions: list[tuple[str, str]]) -> None:
    tokens = token_numbers(table)
    seen = [text for _, text in captions]
    unseen = [text[::-1] for text in seen]
    num_seen_bytes, num_unseen_bytes = (
        sum(len(pack_with_table(Words(text), table, tokens, max_chars=2000)) for text in texts)
        for texts in (seen, unseen)
    )
    assert num_seen_bytes * 2 < num_unseen_bytes
