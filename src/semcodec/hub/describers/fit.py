"""Words within a budget of coded bits. The text layer's own coder counts them; nothing is estimated."""

from __future__ import annotations

import re

from semcodec.ids import Origin
from semcodec.layers.text.encode import pack_words
from semcodec.types import Words

# A clause that keeps this part of what would fit is better than words that stop in the middle.
_CLAUSE_WORTH = 0.6
_CLAUSE_END = re.compile(r"(?:[.!?;:,]|[。！？；，、])(?=\s|$)|[。！？；，、]")
_DANGLING = frozenset(
    "a an the and or but with of in on at to by for from as is are was were its his her their that which while".split()
)


def coded_bits(text: str, language: str) -> int:
    """What a text costs in the file, as machine-written words, without its section head."""
    return 8 * len(pack_words(Words(text, language, Origin.MACHINE)).payload)


def fit(text: str, language: str, *, max_bits: int) -> str:
    """The longest beginning of `text` that costs at most `max_bits` and ends well; "" if not even a word fits.

    Args:
        text: one clean line (`tidy`).
    """
    if not text or coded_bits(text, language) <= max_bits:
        return text
    # A capital, a mark at the end: a longer beginning may cost a byte less, but over words the cost rises.
    ends = [match.start() for match in re.finditer(r"\s", text)]
    low, high = 0, len(ends)  # ends[:low] fit
    while low < high:
        middle = (low + high) // 2
        if coded_bits(_trimmed(text[: ends[middle]]), language) <= max_bits:
            low = middle + 1
        else:
            high = middle
    for end in reversed(ends[:low]):
        whole = text[:end]
        clauses = [match.start() for match in _CLAUSE_END.finditer(whole)]
        at_clause = next((at for at in reversed(clauses) if at >= _CLAUSE_WORTH * end), None)
        for candidate in (_trimmed(whole[:at_clause]) if at_clause else "", _trimmed(whole)):
            if candidate and coded_bits(candidate, language) <= max_bits:
                return candidate
    return _fit_characters(text, language, max_bits)


def _fit_characters(text: str, language: str, max_bits: int) -> str:
    """For scripts without spaces: whole clauses, else nothing; half a word of letters is no word."""
    for match in reversed(list(_CLAUSE_END.finditer(text))):
        candidate = text[: match.start()].strip()
        if candidate and " " not in candidate and coded_bits(candidate, language) <= max_bits:
            return candidate
    return ""


def _trimmed(text: str) -> str:
    """Without marks and small words at the end that wait for something."""
    words = text.rstrip(" ,;:-–—").split(" ")
    while len(words) > 1 and words[-1].casefold().strip(",;:") in _DANGLING:
        words.pop()
    return " ".join(words).rstrip(" ,;:-–—")
