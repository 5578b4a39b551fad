"""Sections: framing costs, what is skipped, and files that end early."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semcodec.container.decode import read_file
from semcodec.container.encode import num_framing_bytes, write_file
from semcodec.errors import FormatError, LimitError, TruncatedError
from semcodec.ids import LAYER_NAMES, LayerId
from semcodec.limits import Limits
from semcodec.types import FileHeader, Section, Size

HEADER = FileHeader(Size(768, 512))
TEXT = Section(LayerId.TEXT, 1, b"words")
TOKENS = Section(LayerId.TOKENS, 129, b"t" * 300)
LIMITS = Limits()
UNKNOWN = sorted(set(range(1, 64)) - set(LAYER_NAMES))  # layers that may occur more than once


def test_header_and_framing_of_words_and_tokens_cost_twelve_bytes() -> None:
    data = write_file(HEADER, [TEXT, TOKENS])
    assert len(data) - len(TEXT.payload) - len(TOKENS.payload) == 12
    assert num_framing_bytes(HEADER, [5, 300]) == 12


def test_a_file_is_these_literal_bytes() -> None:
    data = write_file(HEADER, [Section(1, 1, b"ab"), Section(2, 129, b"xyz")])
    #                          header                    id  model length     id|last model
    assert data == b"\xc5\xec\x10\x00\xbf\xc1\xff" + b"\x01\x01\x02ab" + b"\x82\x81xyz"


@given(
    st.lists(st.tuples(st.sampled_from(UNKNOWN), st.integers(0, 255), st.binary(max_size=400)), min_size=1, max_size=9)
)
def test_sections_of_any_number_come_back(parts: list[tuple[int, int, bytes]]) -> None:
    sections = [Section(*part) for part in parts]
    data = write_file(HEADER, sections)
    header, found, problem = read_file(data, LIMITS)
    assert (header, problem) == (HEADER, None)
    assert [(s.layer, s.model, s.payload) for s in found] == parts
    assert all(data[s.offset : s.offset + len(s.payload)] == s.payload for s in found)
    assert len(data) == num_framing_bytes(HEADER, [len(p) for _, _, p in parts]) + sum(len(p) for _, _, p in parts)


def test_every_prefix_gives_the_sections_that_are_there_and_says_what_is_not() -> None:
    data = write_file(HEADER, [TEXT, TOKENS])
    for length in range(7, len(data)):
        _, sections, problem = read_file(data[:length], LIMITS)
        inside_tokens = length >= len(data) - len(TOKENS.payload)
        assert isinstance(problem, TruncatedError) != inside_tokens  # the last section has no length: its layer knows
        if inside_tokens:
            assert sections[1].payload == TOKENS.payload[: len(sections[1].payload)]
    _, sections, problem = read_file(data[:12], LIMITS)
    assert sections[0].cut_short and sections[0].payload == b"wo"
    assert problem is not None and "payload begins at offset 10" in str(problem)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"\x80\x01", "section number 0 at offset 7"),
        (b"\x01\x01\x00\x81\x01", "second 'text' section at offset 10"),
        (b"\x01\x01\x80\x00\x82\x81", "useless byte"),
        (b"\x01\x01\xff\xff\xff\xff\x01", "longer than 4 bytes"),
    ],
)
def test_damaged_framing_is_said_with_its_offset(body: bytes, says: str) -> None:
    _, _, problem = read_file(write_file(HEADER, [TEXT])[:7] + body, LIMITS)
    assert type(problem) is FormatError and says in str(problem) and problem.offset is not None


def test_too_many_sections_are_refused() -> None:
    data = write_file(HEADER, [Section(9, 0, b"")] * 70)
    with pytest.raises(LimitError, match="max_sections=64"):
        read_file(data, LIMITS)


def test_a_file_that_is_cut_behind_as_many_sections_as_may_be_is_cut_and_no_more() -> None:
    data = write_file(HEADER, [Section(9, 0, b"ab")] * 64 + [Section(10, 0, b"cd")])
    _, sections, problem = read_file(data[: -len(b"\x8a\x00cd")], LIMITS)
    assert len(sections) == 64 and type(problem) is TruncatedError
