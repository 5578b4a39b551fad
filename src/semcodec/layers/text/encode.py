"""Words to a section. Encoder only.

Promises:
1. Every text of Unicode code points (no lone surrogates) of 1 to `max_chars` comes back exactly.
2. Nothing is shortened or tidied: what cannot be stored is a `CaptionError`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from semcodec.entropy.range_encoder import RangeEncoder
from semcodec.entropy.tables import uniform_starts
from semcodec.errors import CaptionError
from semcodec.ids import LANGUAGE_SPELLED_OUT, LANGUAGES, LayerId, Origin
from semcodec.layers.text.languages import is_language_tag
from semcodec.layers.text.split import Plan, Word, plans_of, shapes_of
from semcodec.layers.text.stream import MAX_TAG_CHARS, TAG_CHARS, Stream
from semcodec.layers.text.table import NEWEST_TABLE, TextTable, load_table
from semcodec.limits import DEFAULT_LIMITS
from semcodec.types import Section, Words


def pack_words(
    words: Words, *, table_number: int = NEWEST_TABLE, max_chars: int = DEFAULT_LIMITS.max_caption_chars
) -> Section:
    """Raises `CaptionError`."""
    table = load_table(table_number)
    payload = pack_with_table(words, table, _token_numbers(table_number), max_chars=max_chars)
    return Section(LayerId.TEXT, table_number, payload)


def token_numbers(table: TextTable) -> dict[str, int]:
    """What each word's token is."""
    return {word: token for token, word in enumerate(table.words) if word}


def pack_with_table(words: Words, table: TextTable, tokens: Mapping[str, int], *, max_chars: int) -> bytes:
    _check(words, max_chars=max_chars)
    best: bytes | None = None
    for shape, base in shapes_of(words.text):
        for plan in plans_of(base, tokens):
            payload = _code(words, table, shape, plan)
            if best is None or len(payload) < len(best):
                best = payload
            if all(isinstance(piece, Word) for piece in plan):
                return best  # nothing was spelled: other ways would only be longer
    assert best is not None
    return best


_token_numbers = lru_cache(maxsize=4)(lambda number: token_numbers(load_table(number)))


def _check(words: Words, *, max_chars: int) -> None:
    text = words.text
    if not text:
        raise CaptionError("the caption is empty: give words, or no caption at all")
    if len(text) > max_chars:
        raise CaptionError(f"the caption has {len(text)} characters, at most {max_chars} can be stored: shorten it")
    check_text(text, "the caption")
    check_language(words.language)


def check_text(text: str, what: str) -> None:
    """Raises `CaptionError` for what is no text."""
    for at, char in enumerate(text):
        if "\ud800" <= char <= "\udfff":
            raise CaptionError(
                f"character {at} of {what} is half a surrogate pair (U+{ord(char):04X}), which is no text: "
                f"decode {what} with its right encoding"
            )


def check_language(tag: str) -> None:
    """Raises `CaptionError` for what is no language tag."""
    if not is_language_tag(tag):
        raise CaptionError(f"{tag!r} is no language tag: give a BCP-47 tag such as 'en', 'pt-BR' or 'und' (not said)")


def _code(words: Words, table: TextTable, shape: int, plan: Plan) -> bytes:
    writer = StreamWriter()
    stream = Stream(table, writer)
    put_head(stream, table, words.origin, words.language)
    stream.static(table.head.shapes, shape)
    put_tokens(stream, table, plan)
    return writer.finish()


def put_head(stream: Stream, table: TextTable, origin: Origin, language: str) -> None:
    """Who wrote the words, and their language, a tag that `is_language_tag`."""
    stream.static(table.head.origins, origin)
    _put_language(stream, table.head.languages(origin), language)


def put_tokens(stream: Stream, table: TextTable, plan: Plan) -> None:
    """The tokens, and their END."""
    for piece in plan:
        if isinstance(piece, Word):
            if piece.capital:
                stream.token(table.cap)
            stream.token(piece.token)
        else:
            _put_run(stream, table, piece.text)
    stream.token(table.end)


def _put_language(stream: Stream, starts: Sequence[int], language: str) -> None:
    if language in LANGUAGES:
        stream.static(starts, LANGUAGES.index(language))
        return
    stream.static(starts, LANGUAGE_SPELLED_OUT)
    stream.static(uniform_starts(MAX_TAG_CHARS), len(language) - 1)
    for char in language:
        stream.static(uniform_starts(len(TAG_CHARS)), TAG_CHARS.index(char))


def _put_run(stream: Stream, table: TextTable, text: str) -> None:
    stream.token(table.spell)
    stream.begin_run()
    for char in text:
        if char in table.chars:
            stream.char(table.chars.index(char))
        else:
            stream.char(table.char_raw)
            stream.code_point(ord(char))
    stream.char(table.char_end)


class StreamWriter:
    """The encoder's side of `stream.Coder`."""

    def __init__(self) -> None:
        self._encoder = RangeEncoder()

    @property
    def num_shifts(self) -> int:
        return self._encoder.num_shifts

    def code(self, starts: Sequence[int], wanted: int) -> int:
        self._encoder.put(wanted, starts)
        return wanted

    def check(self, starts: Sequence[int], value: int) -> None:
        self.code(starts, value)

    def finish(self) -> bytes:
        return self._encoder.finish()
