"""A text payload to words. Decoder only.

Promises:
1. A payload that was cut gives a prefix of the text. A damaged one that seems to go on behind its last byte cannot be
   told from it: the error says "cut short or damaged".
2. A payload whose check does not hold gives only what a check has confirmed, which for a short text is nothing.
3. There is one payload of each way to write a text; one with bytes added is refused. One with bytes changed is refused
   unless it is by chance the payload of another text, which happens to about one in sixty texts of a few bytes.
4. Work is bounded: never more than `limits.max_caption_chars` characters are decoded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from semcodec.entropy.tables import uniform_starts
from semcodec.errors import FormatError, UnknownTextTableError
from semcodec.ids import LANGUAGE_SPELLED_OUT, LANGUAGES, Origin
from semcodec.layers.text.languages import is_language_tag
from semcodec.layers.text.reader import Draft, TooMuch, Wrong, unpack_with
from semcodec.layers.text.shapes import SENTENCE, apply_shape
from semcodec.layers.text.stream import MAX_TAG_CHARS, TAG_CHARS, Stream
from semcodec.layers.text.table import TextTable, load_table
from semcodec.limits import DEFAULT_LIMITS, Limits
from semcodec.types import FileHeader, Scene, Section, Words


def unpack(
    section: Section, header: FileHeader, before: Scene, limits: Limits
) -> tuple[Words | None, FormatError | None]:
    """As `contracts.Layer` has it."""
    return unpack_words(section, limits)


def unpack_words(section: Section, limits: Limits = DEFAULT_LIMITS) -> tuple[Words | None, FormatError | None]:
    """The words as far as the bytes go (None: not one character), and what was wrong with the bytes (None: nothing).

    Words that go on behind the end of a payload known to be whole (`sized`) are damaged, and none are given rather than
    wrong ones. Raises `LimitError`.
    """
    try:
        table = load_table(section.model)
    except UnknownTextTableError as exc:
        at = section.offset
        return None, UnknownTextTableError(f"{exc} (section at offset {at})", offset=at)
    return unpack_with_table(section, table, limits)


def unpack_with_table(section: Section, table: TextTable, limits: Limits) -> tuple[Words | None, FormatError | None]:
    draft = _Draft(limits.max_caption_chars)
    return unpack_with(lambda reader: _read(Stream(table, reader), table, draft), draft, section, limits)


@dataclass(slots=True)
class _Draft(Draft):
    """The words as they become known."""

    max_chars: int
    origin: Origin = Origin.HUMAN
    language: str = "und"
    shape: int = 0
    pieces: list[str] = field(default_factory=list)  # of " " + base text
    num_chars: int = -1  # the space in front is no part of the text
    name = "words"

    def add(self, piece: str) -> None:
        if not self.pieces and not piece.startswith(" "):
            raise Wrong("the text does not begin with the space that every text begins with")
        self.pieces.append(piece)
        self.num_chars += len(piece)
        if self.num_chars > self.max_chars:
            raise TooMuch("max_caption_chars", f"the words have {self.num_chars} characters or more")

    def said(self) -> Words | None:
        base = "".join(self.pieces)[1:]
        return Words(apply_shape(self.shape, base), self.language, self.origin) if base else None

    def how_far(self) -> str:
        words = self.said()
        return f"{len(words.text) if words else 0} characters"


def _read(stream: Stream, table: TextTable, draft: _Draft) -> None:
    draft.origin, draft.language = read_head(stream, table)
    draft.shape = stream.static(table.head.shapes)
    read_tokens(stream, table, draft.add)
    if draft.num_chars < 1:
        raise Wrong("they are empty")


def read_head(stream: Stream, table: TextTable) -> tuple[Origin, str]:
    """Who wrote the words, and their language."""
    origin = _origin(stream.static(table.head.origins))
    return origin, _language(stream, table.head.languages(origin))


def read_tokens(stream: Stream, table: TextTable, add: Callable[[str], None]) -> None:
    """Up to their END. `add` is told each piece of the text, the space in front of it included."""
    while True:
        token = stream.token()
        if token == table.end:
            break
        if token == table.spell:
            _read_run(stream, table, add)
        elif token == table.cap:
            word = table.words[stream.token()]
            if not (word[:1] == " " and "a" <= word[1:2] <= "z"):
                raise Wrong("a capital is asked of what is no lower-case word")
            add(" " + apply_shape(SENTENCE, word[1:]))
        else:
            add(table.words[token])


def _origin(number: int) -> Origin:
    try:
        return Origin(number)
    except ValueError:
        raise Wrong(f"origin {number} is not known") from None


def _language(stream: Stream, starts: Sequence[int]) -> str:
    number = stream.static(starts)
    if number < len(LANGUAGES):
        return LANGUAGES[number]
    if number != LANGUAGE_SPELLED_OUT:
        raise Wrong(f"language number {number} is not known")
    num_chars = stream.static(uniform_starts(MAX_TAG_CHARS)) + 1
    tag = "".join(TAG_CHARS[stream.static(uniform_starts(len(TAG_CHARS)))] for _ in range(num_chars))
    if not is_language_tag(tag):
        raise Wrong(f"{tag!r} is no language tag")
    return tag


def _read_run(stream: Stream, table: TextTable, add: Callable[[str], None]) -> None:
    stream.begin_run()
    is_empty = True
    while True:
        char = stream.char()
        if char == table.char_end:
            break
        is_empty = False
        if char != table.char_raw:
            add(table.chars[char])
            continue
        code_point = stream.code_point()
        if 0xD800 <= code_point <= 0xDFFF or code_point > 0x10FFFF:
            raise Wrong(f"U+{code_point:04X} is no character")
        add(chr(code_point))
    if is_empty:
        raise Wrong("a spelled run is empty")
