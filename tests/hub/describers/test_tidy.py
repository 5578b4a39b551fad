"""Whatever a model says becomes one clean line that the text layer can store, or nothing."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semcodec.hub.describers.tidy import MAX_CHARS, tidy
from semcodec.ids import Origin
from semcodec.layers.text.encode import pack_words
from semcodec.types import Words

# What language models really emit, next to what nobody expects.
NOISE = ["\n", "\t", "\x00", "\x1b[31m", "\u202e", "\ufeff", "\ufffd", "\ud800", "**", "<|im_end|>", '"', ", ", "dog "]


@given(st.lists(st.one_of(st.sampled_from(NOISE), st.text()), max_size=12).map("".join))
def test_every_text_comes_out_as_one_line_that_can_be_stored(said: str):
    line = tidy(said)
    assert tidy(line) == line
    assert line == " ".join(line.split())
    assert len(line) <= MAX_CHARS
    assert not any(unicodedata.category(char) in {"Cc", "Cs", "Co", "Zl", "Zp"} for char in line)
    if line:
        assert any(char.isalnum() or unicodedata.category(char)[0] in "LN" for char in line)
        pack_words(Words(line, "en", Origin.MACHINE))


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("", ""),
        (" \n\t ", ""),
        ("...", ""),
        ("\x00\x07\u202e\ud800", ""),
        ("A dog\non a\r\nbeach.", "A dog on a beach."),
        ("a\u00a0red\u3000house", "a red house"),
        ("A \x1b[31mred\x1b[0m dog", "A [31mred[0m dog"),
        ("cafe\u0301", "café"),
        ("Two macaws.<|im_end|><|endoftext|>", "Two macaws."),
        ("</s><s>two macaws</s>", "two macaws"),
        ('"A dog."', "A dog."),
        ("<think>I see two birds.\nSo:</think>\n\nTwo macaws.", "Two macaws."),
        ("I see two birds.\nSo:</think>Two macaws.", "Two macaws."),
        ("<think>I see two birds and will go on for ever", ""),
        ("«Ein Hund»", "Ein Hund"),
        ('"a" and "b"', '"a" and "b"'),
        ("**A dog** on `sand`", "A dog on sand"),
        ("Assistant: A dog.", "A dog."),
        ("Caption: The image shows a dog.", "A dog."),
        ("Sure! Here is a short caption of the picture: two macaws", "Two macaws"),
        ("In the image, a man stands", "A man stands"),
        ("The picture", "The picture"),
        ("a dog, a dog, a dog, a dog, a dog", "a dog"),
        ("the sea the sea", "the sea the sea"),
        ("नमस्\u200dते", "नमस्\u200dते"),
        ("两只金刚鹦鹉。", "两只金刚鹦鹉。"),
    ],
)
def test_what_is_removed_and_what_stays(said: str, line: str):
    assert tidy(said) == line


def test_ten_thousand_characters_are_cut_between_words():
    said = " ".join(f"word{number}" for number in range(2000))
    line = tidy(said)
    assert MAX_CHARS - 10 < len(line) <= MAX_CHARS
    assert said.startswith(line + " ")


def test_ten_thousand_characters_without_a_space_are_cut_too():
    letters = "".join(chr(0x4E00 + 7 * number) for number in range(2900))
    assert tidy(letters * 4) == letters[:MAX_CHARS]


@pytest.mark.parametrize(
    "said", ["a " * 5000, "a" * 10_000, "ab " * 3000 + "!" * 1000, '"' * 10_000, "<a" * 5000, "<think>" * 2000]
)
def test_endless_repetition_takes_no_time(said: str):
    import time

    started = time.process_time()
    tidy(said)
    assert time.process_time() - started < 1
