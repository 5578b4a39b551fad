"""The payload of regions, symbol by symbol: one definition that both sides walk.

```text
origin, language [, tag], help, region, (step, region)*, END
region = phrase where it is new, width, height, left, top
phrase = shape, tokens, END            tokens as in a text
step   = END | NEW | AGAIN n           the phrase of this region is new, or the n-th latest of the different ones
help   = 0 | 1                         1: phrases are coded with the file's words at hand
```

The first region has no step: it is new. Checks are as in a text (`layers.text.stream`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from semcodec.entropy.tables import TOTAL, starts_of
from semcodec.layers.regions.history import AGAIN, BoxHistory, Phrase, PhraseHistory, StepHistory
from semcodec.layers.regions.table import RegionTable
from semcodec.layers.text.shapes import PLAIN
from semcodec.layers.text.stream import Coder, Stream

HELP_STARTS = starts_of((TOTAL - 24000, 24000))
SHAPE_STARTS = starts_of((TOTAL - 1800, 1600, 100, 100))  # of a phrase
assert PLAIN == 0


class RegionStream(Stream):
    """A stream whose tokens are those of phrases."""

    def __init__(self, table: RegionTable, coder: Coder) -> None:
        super().__init__(table.text, coder, seed=table.seed)
        self._regions = table
        self._steps = StepHistory()
        self._boxes = BoxHistory()
        self._phrases = PhraseHistory(table.text.end, ())

    @property
    def phrases(self) -> Sequence[Phrase]:
        """The different phrases so far, the latest first."""
        return self._steps.phrases

    def put_at_hand(self, tokens: Iterable[int]) -> None:
        """Before the first region: what the words of the file say."""
        self._phrases = PhraseHistory(self._regions.text.end, tokens)

    def step_to(self, text: str) -> int:
        """The step of a region with this phrase."""
        return self._steps.step_to(text)

    def step(self, wanted: int = 0) -> int:
        model, history = self._regions.steps, self._steps
        found = model.look_up(history.keys())
        return self._done(model.code(found, self._coder, wanted, num_symbols=history.num_possible))

    def begin_phrase(self) -> None:
        self._phrases.begin()

    def token(self, wanted: int = 0) -> int:
        model, history = self._regions.phrases, self._phrases
        found = [*model.look_up(history.keys())[:-1], history.at_hand]
        token = model.code(found, self._coder, wanted)
        history.push(token)
        return self._done(token)

    def begin_box(self, step: int, text: str = "") -> Phrase:
        """The region of this step has its phrase; `text` is asked for where it is new. Its numbers follow."""
        phrase = (text, self._phrases.last) if step < AGAIN else self._steps.phrases[step - AGAIN]
        self._steps.push(step, phrase)
        self._boxes.begin(phrase[1])
        return phrase

    def number(self, wanted: int = 0) -> int:
        model, history = self._regions.numbers, self._boxes
        found = model.look_up(history.keys())
        number = model.code(found, self._coder, wanted, num_symbols=history.num_possible)
        history.push(number)
        return self._done(number)
