"""What files say, of their coded words and regions: many at once."""

from __future__ import annotations

from dataclasses import dataclass

from semcodec.errors import LimitError
from semcodec.layers.regions.decode import unpack_regions
from semcodec.layers.text.decode import unpack_words
from semcodec.layers.vector import NUM_BYTES
from semcodec.limits import Limits
from semcodec.search.words import CodedWords
from semcodec.types import Regions, Section, Words


@dataclass(frozen=True, slots=True)
class Said:
    """What a file says, and what is wrong with it."""

    words: Words | None
    regions: Regions | None = None
    problem: str | None = None


def said_by(coded: list[CodedWords], limits: Limits) -> list[Said]:
    """What each says. The words of most are decoded side by side, ten times as fast; regions one by one."""
    with_words = [at for at, one in enumerate(coded) if one.section is not None]
    sections = [one.section for one in coded if one.section is not None]
    words_of = dict(zip(with_words, _decode_words(sections, limits), strict=True))
    return [_with_regions(words_of.get(at, (None, None)), one, limits) for at, one in enumerate(coded)]


def _with_regions(words_and_problem: _WordsAndProblem, coded: CodedWords, limits: Limits) -> Said:
    (words, problem), section = words_and_problem, coded.regions
    if section is None:
        return Said(words, None, problem)
    are_whole = problem is None and not (coded.section is not None and coded.section.open_end)
    try:
        regions, trouble = unpack_regions(section, words if are_whole else None, limits)
    except LimitError as exc:
        return Said(words, None, problem or str(exc))
    return Said(words, regions, problem or (None if trouble is None else str(trouble)))


_WordsAndProblem = tuple[Words | None, str | None]


def _decode_words(sections: list[Section], limits: Limits) -> list[_WordsAndProblem]:
    """The words of each section, and what is wrong with them."""
    from semcodec.layers.text.batch import unpack_many

    decoded: list[_WordsAndProblem | None] = [None] * len(sections)
    for table_number in {section.model for section in sections}:
        chosen = [
            at
            for at, section in enumerate(sections)
            if section.model == table_number and not section.open_end and not section.cut_short
        ]
        payloads = [sections[at].payload for at in chosen]
        many = unpack_many(payloads, table_number=table_number, max_chars=limits.max_caption_chars)
        for at, words in zip(chosen, many, strict=True):
            decoded[at] = None if words is None else (words, None)
    return [
        _decode_one(section, limits) if got is None else got for section, got in zip(sections, decoded, strict=True)
    ]


def _decode_one(section: Section, limits: Limits) -> _WordsAndProblem:
    try:
        words, problem = unpack_words(section, limits)
    except LimitError as exc:
        return None, str(exc)
    return words, None if problem is None else str(problem)


def vector_in(coded: CodedWords) -> tuple[int, bytes | None]:
    """The number of the space that a file's vector lies in, and its bytes; 0, None where it has none that is good."""
    section = coded.vector
    if section is None or section.open_end or section.cut_short or len(section.payload) != NUM_BYTES:
        return 0, None
    return section.model, section.payload
