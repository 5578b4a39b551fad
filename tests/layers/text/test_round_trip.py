from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from semcodec.errors import CaptionError
from semcodec.ids import LANGUAGES, Origin
from semcodec.layers.text.decode import unpack_words
from semcodec.layers.text.encode import pack_words
from semcodec.types import Words

# A busy machine is no failure.
unhurried = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)
english = st.lists(
    st.sampled_from(["A man", "a", " dog", " runs", ",", " and", "'s", "-", ".", " ", "X", " Horse", "ing", "\n", "é"]),
    min_size=1,
    max_size=12,
).map("".join)
tags = st.one_of(
    st.sampled_from(LANGUAGES),
    st.from_regex(r"\A[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}\Z").filter(lambda t: len(t) <= 35),
)


def _again(words: Words) -> Words | None:
    again, problem = unpack_words(pack_words(words))
    assert problem is None
    return again


def test_captions_of_many_scripts_come_back(caption: str) -> None:
    assert _again(Words(caption)) == Words(caption)


@unhurried
@given(st.one_of(texts, english), tags, st.sampled_from(Origin))
@example("İstanbul ǅ ß ﬁ", "tr", Origin.MACHINE)  # letters whose capitals depend on the version of Unicode
def test_every_text_comes_back_exactly(text: str, language: str, origin: Origin) -> None:
    words = Words(text, language, origin)
    assert _again(words) == words


def test_each_known_language_takes_at_most_two_bytes_and_the_common_ones_next_to_nothing() -> None:
    lengths = {tag: len(pack_words(Words("a dog", tag)).payload) for tag in LANGUAGES}
    assert max(lengths.values()) <= lengths["und"] + 2
    assert lengths["en"] == lengths["und"]


@pytest.mark.parametrize(
    "tag", ["", "x", "english_uk", "en--GB", "en-", "-en", "en-toolongpart", "日本", "e1", "en-" * 12]
)
def test_what_is_no_language_tag_is_refused(tag: str) -> None:
    with pytest.raises(CaptionError, match="BCP-47"):
        pack_words(Words("a dog", tag))


def test_an_empty_caption_is_refused() -> None:
    with pytest.raises(CaptionError, match="empty"):
        pack_words(Words(""))


def test_a_caption_of_the_greatest_length_comes_back_and_one_more_character_is_refused() -> None:
    longest = ("many words " * 200)[:2000]
    assert _again(Words(longest)) == Words(longest)
    with pytest.raises(CaptionError, match="2001 characters, at most 2000"):
        pack_words(Words(longest + "."))


def test_half_a_surrogate_pair_is_refused_by_name() -> None:
    with pytest.raises(CaptionError, match=r"character 2 .*U\+D83D"):
        pack_words(Words("a \ud83d"))


def test_packing_twice_gives_the_same_bytes(caption: str) -> None:
    assert pack_words(Words(caption)) == pack_words(Words(caption))
