from __future__ import annotations

import random

import pytest

from semcodec.errors import DamagedError, FormatError, LimitError, TruncatedError, UnknownTextTableError
from semcodec.ids import LayerId
from semcodec.layers.text.decode import unpack_with_table, unpack_words
from semcodec.layers.text.encode import pack_words
from semcodec.layers.text.table import NEWEST_TABLE, load_table
from semcodec.limits import DEFAULT_LIMITS, Limits
from semcodec.types import Section, Words


def _flipped(payload: bytes, bit: int) -> bytes:
    return bytes(byte ^ (128 >> bit % 8 if at == bit // 8 else 0) for at, byte in enumerate(payload))


def test_a_flipped_bit_in_a_long_text_never_gives_more_than_was_confirmed(long_text: str, long_payload: bytes) -> None:
    num_unnoticed = 0
    bits = range(0, 8 * len(long_payload), 7)
    for bit in bits:
        try:
            words, problem = unpack_words(Section(LayerId.TEXT, NEWEST_TABLE, _flipped(long_payload, bit)))
        except LimitError:
            continue
        num_unnoticed += problem is None
        if isinstance(problem, DamagedError):
            assert long_text.startswith(words.text if words else "") or bit < 8 * 64 * 3
    assert num_unnoticed <= 2


def test_a_flipped_bit_behind_the_first_check_leaves_what_was_before_it(long_text: str, long_payload: bytes) -> None:
    num_damaged = 0
    for bit in range(8 * 100, 8 * 128, 5):
        words, problem = unpack_words(Section(LayerId.TEXT, NEWEST_TABLE, _flipped(long_payload, bit), offset=20))
        if isinstance(problem, DamagedError) and problem.offset is not None and problem.offset < 20 + 140:
            num_damaged += 1
            assert words is not None and len(words.text) >= 40
            assert long_text.startswith(words.text)
    assert num_damaged > 30


def test_bytes_behind_the_end_are_refused(caption: str) -> None:
    payload = pack_words(Words(caption)).payload
    for more in (b"\x00", b"\xff", b"\x80\x00"):
        words, problem = unpack_words(Section(LayerId.TEXT, NEWEST_TABLE, payload + more))
        assert isinstance(problem, DamagedError)
        assert "fetch the file again" in str(problem)
        assert words is None


def test_another_last_byte_is_refused(caption: str) -> None:
    """Only the encoder's own end is accepted, so a text has one payload for each way to write it."""
    payload = pack_words(Words(caption)).payload
    for step in (1, 255):
        changed = payload[:-1] + bytes(((payload[-1] + step) & 255,))
        words, problem = unpack_words(Section(LayerId.TEXT, NEWEST_TABLE, changed))
        assert problem is not None or words != Words(caption)


def test_random_bytes_end_within_the_limits() -> None:
    rng = random.Random(1)
    limits = Limits(max_caption_chars=100)
    for _ in range(150):
        payload = rng.randbytes(rng.randrange(40))
        try:
            words, problem = unpack_words(Section(LayerId.TEXT, NEWEST_TABLE, payload), limits)
        except LimitError:
            continue
        assert words is None or len(words.text) <= 100
        assert problem is None or isinstance(problem, FormatError)


@pytest.mark.parametrize("byte", [0x00, 0x55, 0xAA, 0xFF])
def test_a_megabyte_of_one_byte_ends_soon(byte: int) -> None:
    try:
        _, problem = unpack_words(Section(LayerId.TEXT, NEWEST_TABLE, bytes((byte,)) * 1_000_000))
    except LimitError as exc:
        assert "max_caption_chars" in str(exc)
    else:
        assert problem is not None


def test_more_characters_than_the_limit_are_refused_with_its_name() -> None:
    payload = pack_words(Words("a long text about a dog")).payload
    with pytest.raises(LimitError, match="max_caption_chars=22"):
        unpack_words(Section(LayerId.TEXT, NEWEST_TABLE, payload), Limits(max_caption_chars=22))
    assert unpack_words(Section(LayerId.TEXT, NEWEST_TABLE, payload), Limits(max_caption_chars=23))[1] is None


def test_a_table_that_is_absent_is_named() -> None:
    words, problem = unpack_words(Section(LayerId.TEXT, 77, b"\x12\x34", offset=9))
    assert words is None
    assert isinstance(problem, UnknownTextTableError)
    assert "text table 77" in str(problem)
    assert problem.offset == 9


def test_a_payload_of_another_table_fails_its_first_check(long_payload: bytes) -> None:
    """Same counts, other seed: only the checks tell."""
    from dataclasses import replace

    other = replace(load_table(NEWEST_TABLE), seed=1)
    words, problem = unpack_with_table(Section(LayerId.TEXT, NEWEST_TABLE, long_payload), other, DEFAULT_LIMITS)
    assert words is None
    assert isinstance(problem, DamagedError)
    assert not isinstance(problem, TruncatedError)


def test_a_short_caption_whose_length_is_known_is_refused_rather_than_read_wrongly() -> None:
    caption = "Two dogs run on a beach."
    payload = pack_words(Words(caption)).payload
    num_wrong = 0
    for bit in range(8 * len(payload)):
        words, problem = unpack_words(Section(LayerId.TEXT, NEWEST_TABLE, _flipped(payload, bit), sized=True))
        assert problem is None or (words is None and isinstance(problem, DamagedError))
        num_wrong += problem is None
    assert num_wrong <= 6  # one in sixty on average
