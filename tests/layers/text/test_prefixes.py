from __future__ import annotations

from semcodec.errors import TruncatedError
from semcodec.ids import LayerId
from semcodec.layers.text.decode import unpack_words
from semcodec.layers.text.encode import pack_words
from semcodec.layers.text.table import NEWEST_TABLE
from semcodec.types import Section, Words


def test_every_prefix_of_a_payload_gives_a_prefix_of_the_words(caption: str) -> None:
    payload = pack_words(Words(caption, "en")).payload
    num_before = 0
    for num_bytes in range(len(payload)):
        words, problem = unpack_words(
            Section(LayerId.TEXT, NEWEST_TABLE, payload[:num_bytes], cut_short=True, offset=9)
        )
        assert isinstance(problem, TruncatedError)
        assert problem.offset == 9 + num_bytes
        text = words.text if words else ""
        assert caption.startswith(text)
        assert len(text) >= num_before
        assert words is None or words.language == "en"
        num_before = len(text)


def test_every_prefix_of_a_long_payload_gives_a_prefix_of_the_words(long_text: str, long_payload: bytes) -> None:
    num_chars = []
    for num_bytes in range(0, len(long_payload), 3):
        words, problem = unpack_words(Section(LayerId.TEXT, NEWEST_TABLE, long_payload[:num_bytes]))
        assert isinstance(problem, TruncatedError)
        assert long_text.startswith(words.text if words else "")
        num_chars.append(len(words.text) if words else 0)
    assert num_chars == sorted(num_chars)
    assert num_chars[-1] >= len(long_text) - 20


def test_what_was_cut_on_purpose_is_no_fault(long_text: str, long_payload: bytes) -> None:
    words, problem = unpack_words(Section(LayerId.TEXT, NEWEST_TABLE, long_payload[:40], open_end=True))
    assert problem is None
    assert words is not None and 10 <= len(words.text) < len(long_text)


def test_no_bytes_give_no_words() -> None:
    words, problem = unpack_words(Section(LayerId.TEXT, NEWEST_TABLE, b""))
    assert words is None
    assert isinstance(problem, TruncatedError)
    assert "after 0 characters" in str(problem)


def test_an_open_end_with_no_bytes_is_no_fault() -> None:
    assert unpack_words(Section(LayerId.TEXT, NEWEST_TABLE, b"", open_end=True)) == (None, None)
