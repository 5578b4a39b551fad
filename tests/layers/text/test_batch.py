"""Many payloads side by side give what each gives alone."""

from __future__ import annotations

import random

import pytest

from semcodec.errors import LimitError
from semcodec.ids import LayerId, Origin
from semcodec.layers.shipped import TEXT_TABLES
from semcodec.layers.text.batch import unpack_many
from semcodec.layers.text.decode import unpack_words
from semcodec.layers.text.encode import pack_words
from semcodec.layers.text.table import NEWEST_TABLE
from semcodec.types import Section, Words

NOUNS = (
    "man",
    "woman",
    "dog",
    "two cats",
    "red bus",
    "group of people",
    "giraffe",
    "slice of pizza",
    "Boeing 747",
    "Zxqv",
)
PLACES = ("on the beach", "in a kitchen", "next to a fire hydrant", "under a tree", "in New York", "near the Vltava")
TAGS = ("en", "und", "de", "en-US", "sr-Latn-RS")


def texts() -> list[Words]:
    rng = random.Random(0)
    made = []
    for at in range(120):
        text = f"A {rng.choice(NOUNS)} {rng.choice(PLACES)}" + rng.choice((".", "", " while it rains", "!"))
        text = rng.choice((text, text.upper(), text.lower(), text.title(), f"{text} {text}" * (1 + at % 3)))
        made.append(Words(text, rng.choice(TAGS), rng.choice(list(Origin))))
    return [*made, Words("x"), Words("狗 🦜"), Words(" spaces  "), Words("w" * 1000)]


def test_whole_payloads_give_their_words_or_are_left_to_the_other_decoder():
    for table_number in TEXT_TABLES:
        wanted = texts()
        payloads = [pack_words(words, table_number=table_number).payload for words in wanted]
        found = unpack_many(payloads, table_number=table_number, max_chars=2000)
        assert all(got is None or got == words for got, words in zip(found, wanted, strict=True))
        assert sum(got is not None for got in found) > 40


def test_damaged_payloads_never_give_other_words_than_the_other_decoder():
    rng = random.Random(1)
    payloads = []
    for words in texts():
        payload = pack_words(words).payload
        damaged = bytearray(payload)
        damaged[rng.randrange(len(damaged))] ^= 1 << rng.randrange(8)
        payloads += [
            bytes(damaged),
            payload[: rng.randrange(len(payload))],
            payload + rng.randbytes(1 + rng.randrange(3)),
        ]
        payloads.append(rng.randbytes(rng.randrange(12)))
    found = unpack_many(payloads, table_number=NEWEST_TABLE, max_chars=2000)
    for payload, got in zip(payloads, found, strict=True):
        if got is not None:
            assert (got, None) == unpack_words(Section(LayerId.TEXT, NEWEST_TABLE, payload, sized=True))


def test_words_that_are_spelled_are_taken_too_but_not_letters_without_a_number():
    for table_number in TEXT_TABLES:
        wanted = [Words(f"A dog near {name}, {name} and {name[::-1]}") for name in ("Zwxq", "the Vltava", "狗")]
        payloads = [pack_words(words, table_number=table_number).payload for words in wanted]
        assert unpack_many(payloads, table_number=table_number, max_chars=2000) == [*wanted[:2], None]


def test_the_limit_of_characters_is_left_to_the_other_decoder():
    section = pack_words(Words("a man on the beach"))
    assert unpack_many([section.payload], table_number=section.model, max_chars=10) == [None]
    with pytest.raises(LimitError):
        from semcodec.limits import Limits

        unpack_words(section, Limits(max_caption_chars=10))


def test_no_payloads_and_unknown_tables_give_nothing():
    assert unpack_many([], table_number=max(TEXT_TABLES), max_chars=2000) == []
    assert unpack_many([b"", b"a"], table_number=255, max_chars=2000) == [None, None]
