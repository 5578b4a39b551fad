"""What came before, as the keys of the contexts that the models of regions look up. Shared by both sides and by the
counting.

Promise: the keys depend on the symbols in the file, and on its words, alone. Their layout belongs to the tables: it
never changes for one that was given out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import accumulate

from semcodec.layers.text.history import WORD_BITS
from semcodec.types import Region

# What stands between two regions: the end, a phrase that is new, or the latest, second latest ... one again.
END, NEW, AGAIN = range(3)
MAX_AGAIN = 30
NUM_STEPS = AGAIN + MAX_AGAIN
SIDE = 64  # columns and rows of the grid that boxes lie on

WIDTH, HEIGHT, LEFT, TOP = range(4)  # the numbers of a box, in the order of the stream

# As in `layers.text.history`: the column below each component, and the columns of each selector, the best first.
STEP_BELOW = (0, 1, 1)  # how many there are; the last two steps; the last step and how many different ones there are
STEP_SELECTORS = ((2, 1), (3,))
PHRASE_BELOW = (0, 1, 1, 1)  # 1 token, 2 tokens, 1 token and the phrase before; tokens at hand
PHRASE_SELECTORS = ((2, 1), (4, 3))
NUMBER_BELOW = (0, 1, 1, 1, 4)  # which number; given this box; given another box; given the phrase; both
NUMBER_SELECTORS = ((3, 2, 1), (5, 4))


Phrase = tuple[str, int]  # its text and its last token


class StepHistory:
    """Which of the phrases so far are meant by "again", and how often that was said."""

    def __init__(self) -> None:
        self.phrases: list[Phrase] = []  # different ones, the latest first
        self._num_regions = 0
        self._last, self._second = 0, 0

    @property
    def num_possible(self) -> int:
        """How many of the steps may come now: the others would name phrases that there are not."""
        return AGAIN + min(len(self.phrases), MAX_AGAIN)

    def keys(self) -> tuple[int, ...]:
        pair = self._last << 2 | self._second
        return (min(self._num_regions, 31), pair, min(len(self.phrases), 15) << 2 | self._last)

    def step_to(self, text: str) -> int:
        """The step of a region with this phrase."""
        known = [known for known, _ in self.phrases[:MAX_AGAIN]]
        return AGAIN + known.index(text) if text in known else NEW

    def push(self, step: int, phrase: Phrase) -> None:
        """A region has this phrase."""
        if step != NEW:
            del self.phrases[step - AGAIN]
        self.phrases.insert(0, phrase)
        self._last, self._second = min(step, AGAIN + 1), self._last
        self._num_regions += 1


def tokens_at_hand(text: str, tokens: Mapping[str, int]) -> list[int]:
    """Of each run of the letters A to Z in the text, its token as a word in small letters, if it has one."""
    small = (chr(ord(char) | 32) if "A" <= char <= "Z" else char for char in text)
    words = "".join(char if "a" <= char <= "z" else " " for char in small).split()
    return [tokens[" " + word] for word in words if " " + word in tokens]


class PhraseHistory:
    """Tokens of a phrase, and those that are *at hand*: of the words of the file, and of the new phrases before it."""

    def __init__(self, end: int, at_hand: Iterable[int]) -> None:
        self._end = end
        self._counts: dict[int, int] = {}
        self._add(at_hand)
        self._before = end
        self._tokens: list[int] = []
        self.begin()

    @property
    def last(self) -> int:
        return self._tokens[-1] if self._tokens else self._end

    def begin(self) -> None:
        """The next token is the first of a phrase."""
        self._add(self._tokens)
        if self._tokens:
            self._before = self._tokens[-1]
        self._tokens = []
        at_hand = sorted(self._counts)
        counts = (self._counts[token] for token in at_hand)
        self.at_hand = tuple(at_hand), tuple(accumulate(counts, initial=0))

    def keys(self) -> tuple[int, ...]:
        """(Nothing was counted for the last component: its followers are those at hand.)"""
        last, second = (*self._tokens[:-3:-1], self._end, self._end)[:2]
        return (last, last << WORD_BITS | second, last << WORD_BITS | self._before, 0)

    def push(self, token: int) -> None:
        if token != self._end:
            self._tokens.append(token)

    def _add(self, tokens: Iterable[int]) -> None:
        for token in tokens:
            self._counts[token] = self._counts.get(token, 0) + 1


class BoxHistory:
    """The boxes so far, each with the last token of its phrase: what kind of thing it is."""

    def __init__(self) -> None:
        self._latest: dict[int, tuple[int, ...]] = {}  # of each kind
        self._last: tuple[int, ...] | None = None
        self._area = SIDE * SIDE
        self._kind = 0
        self._numbers: list[int] = []

    def begin(self, kind: int) -> None:
        """The next number is the first of a box."""
        self._kind = kind
        self._numbers = []

    @property
    def num_possible(self) -> int:
        """A box ends inside the picture, and is no larger than the one before."""
        numbers = self._numbers
        if not numbers:
            return min(SIDE, self._area)
        if len(numbers) == 1:
            return min(SIDE, self._area // (numbers[WIDTH] + 1))
        return SIDE - numbers[len(numbers) - LEFT]  # LEFT after WIDTH, TOP after HEIGHT

    def keys(self) -> tuple[int, ...]:
        numbers, which = self._numbers, len(self._numbers)
        known = self._area.bit_length()
        if which == WIDTH:
            given, coarse = known, known
        elif which == HEIGHT:
            given, coarse = known << 4 | numbers[WIDTH] >> 2, numbers[WIDTH] >> 3
        else:
            given = numbers[which - LEFT]
            coarse = given >> 3
        other = self._latest.get(self._kind)
        relation = 2
        if other is None:
            other, relation = self._last, 1
        reference = 0 if other is None else relation << 6 | other[which]
        phrase = self._kind << 2 | which
        return (which, given << 2 | which, reference << 2 | which, phrase, phrase << 4 | coarse)

    def push(self, number: int) -> None:
        self._numbers.append(number)
        if len(self._numbers) == 4:
            self._last = self._latest[self._kind] = tuple(self._numbers)
            self._area = (self._numbers[WIDTH] + 1) * (self._numbers[HEIGHT] + 1)


def numbers_of(region: Region) -> tuple[int, int, int, int]:
    """In the order of the stream."""
    return region.w, region.h, region.x, region.y
