"""Payloads of each text table, to the byte. They never change: files with them are out there."""

from __future__ import annotations

import pytest

from semcodec.ids import LayerId, Origin
from semcodec.layers.shipped import TEXT_TABLES
from semcodec.layers.text.decode import unpack_words
from semcodec.layers.text.encode import pack_words
from semcodec.types import Section, Words

GOLDEN = [
    (1, Words("A man riding a wave on top of a surfboard."), "35673c01"),
    (1, Words("Zwei Hunde, 3 Bälle", "de"), "c4a20b1da5454406d6cfb00fc070e9f66eca28c6"),
    (1, Words("两只狗 run", "zh-Hans", Origin.MACHINE), "feddee424309fe22da3026fcf9"),
    (2, Words("A man riding a wave on top of a surfboard."), "1c7acd"),
    (2, Words("Two dogs run across a snowy field .", "en", Origin.MACHINE), "c329544a"),
    (2, Words("Zwei Hunde, 3 Bälle", "de"), "8c73d91e1ec58207f6cc94cf31aa18f8d970ef26"),
    (2, Words("两只狗 run", "zh-Hans", Origin.MACHINE), "fd0ac957e864703b046d93a1d690"),
]


@pytest.mark.parametrize(("table", "words", "payload_hex"), GOLDEN)
def test_golden_payloads_are_read(table: int, words: Words, payload_hex: str) -> None:
    assert unpack_words(Section(LayerId.TEXT, table, bytes.fromhex(payload_hex))) == (words, None)


@pytest.mark.parametrize(("table", "words", "payload_hex"), GOLDEN)
def test_golden_payloads_are_written(table: int, words: Words, payload_hex: str) -> None:
    assert pack_words(words, table_number=table) == Section(LayerId.TEXT, table, bytes.fromhex(payload_hex))


def test_every_table_has_golden_payloads() -> None:
    assert {table for table, _, _ in GOLDEN} == set(TEXT_TABLES)
