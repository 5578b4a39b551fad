"""What came before, as the keys of the contexts that the models look up. Shared by both sides and by the counting.

Promise: the keys depend on the symbols in the file alone. Their layout belongs to the tables: it never changes for one
that was given out.
"""

from __future__ import annotations

from collections.abc import Sequence

WORD_BITS = 13  # a vocabulary has at most 8,192 entries
CHAR_BITS = 7

# Components of the two models, in the order of the keys: columns 1, 2, ... Each is smoothed by the column named here
# (0 is the base, the counts without context). Selectors: columns, the best first.
WORD_BELOW = (0, 1, 2, 0, 0, 1)  # 1 word, 2 words, 3 words, place, topic, 1 word and topic
WORD_SELECTORS = ((3, 2, 1), (6, 5, 4))
CHAR_BELOW = (0, 1, 2, 3, 0)  # 1 to 4 characters, place
CHAR_SELECTORS = ((4, 3, 2, 1), (5,))


class WordHistory:
    """Tokens of a text. The *topic* is the last rare word before the last token: its matter, seen past " of a"."""

    def __init__(self, end: int, is_topic: Sequence[int], classes: Sequence[int]) -> None:
        self._is_topic, self._classes = is_topic, classes
        self._last, self._second, self._third = end, end, end
        self._topic = end
        self._num_tokens = 0

    def keys(self) -> tuple[int, ...]:
        last, second = self._last, self._second
        pair = last << WORD_BITS | second
        return (
            last,
            pair,
            pair << WORD_BITS | self._third,
            min(self._num_tokens, 23) << 7 | self._classes[last],
            self._topic,
            last << WORD_BITS | self._topic,
        )

    def push(self, token: int) -> None:
        if self._num_tokens and self._is_topic[self._last]:
            self._topic = self._last
        self._last, self._second, self._third = token, self._last, self._second
        self._num_tokens += 1


class CharHistory:
    """Characters of one spelled run."""

    def __init__(self, end: int, space: int) -> None:
        self._space = space
        self._packed = ((end << CHAR_BITS | end) << CHAR_BITS | end) << CHAR_BITS | end
        self._num_spaces = 0
        self._word_chars = 0

    def keys(self) -> tuple[int, ...]:
        packed = self._packed
        last = packed & 127
        place = (min(self._num_spaces, 3) << 4 | min(self._word_chars, 15)) << CHAR_BITS | last
        return (last, packed & 0x3FFF, packed & 0x1FFFFF, packed, place)

    def push(self, char: int) -> None:
        self._packed = (self._packed << CHAR_BITS | char) & 0xFFFFFFF
        if char == self._space:
            self._num_spaces += 1
            self._word_chars = 0
        else:
            self._word_chars += 1


def classes_of(base_cum: Sequence[int]) -> list[int]:
    """128 classes of about equal count: neighbours in the model's order are alike."""
    total = base_cum[-1]
    return [(start << 7) // total for start in base_cum[:-1]]
