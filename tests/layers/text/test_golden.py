"""Payloads of text table 1, to the byte. They never change: files with them are out there."""

from __future__ import annotations

import pytest

from semcodec.ids import Origin
from semcodec.layers.text.decode import unpack_words
from semcodec.layers.text.encode import pack_words
from semcodec.types import Words

GOLDEN = [
    (Words("A man riding a wave on top of a surfboard."), "35673c01"),
    (Words("Zwei Hunde, 3 Bälle", "de"), "c4a20b1da5454406d6cfb00fc070e9f66eca28c6"),
    (Words("两只狗 run", "zh-Hans", Origin.MACHINE), "feddee424309fe22da3026fcf9"),
]


@pytest.mark.parametrize(("words", "payload_hex"), GOLDEN)
def test_golden_payloads_are_read(words: Words, payload_hex: str) -> None:
    assert unpack_words(bytes.fromhex(payload_hex), table_number=1) == (words, None)


@pytest.mark.parametrize(("words", "payload_hex"), GOLDEN)
def test_golden_payloads_are_written(words: Words, payload_hex: str) -> None:
    assert pack_words(words, table_number=1) == (1, bytes.fromhex(payload_hex))
