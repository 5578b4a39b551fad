"""What came before as a vector of small integers that fades: it remembers the matter of a whole text, where counts know
the last three words. A network of one hidden layer, folded into tables of rows that are only looked up and added, so
that it runs in integers, and alike everywhere.

```text
faded  = (faded * keep >> 8) + 16 * held[symbol]                      kept from symbol to symbol, 0 at first
sum    = (faded >> 4) + last[symbol] + second[symbol before] + place[number of symbols]
hidden = curve[clamp(sum)]                                            what the next symbol is coded with
logit  = (hidden . nodes[split] >> 2) + biases[split]                 how likely the upper part is
```

It does not know what its symbols mean, and nothing of bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import add, mul

FADE_BITS = 8  # fraction bits of `keep`
HELD_BITS = 4  # fraction bits of the faded sum beyond those of the rows
NODE_SHIFT = 2  # from products to logits, of which 2**10 is 1
HALF_CURVE = 128  # index of sum 0 in `curve`; 2**5 is a sum of 1
NUM_PLACES = 40


class TraceTables:
    """Rows of `width` numbers, one behind the other: a row for each symbol, place or split.

    (No dataclass: making one takes half a millisecond of every `info`.)
    """

    def __init__(
        self,
        keep: Sequence[int],  # (width,), 0..255
        held: Sequence[int],
        last: Sequence[int],
        second: Sequence[int],
        place: Sequence[int],  # NUM_PLACES rows
        curve: Sequence[int],
        nodes: Sequence[int],
        biases: Sequence[int],  # one number a split
    ) -> None:
        self.width = len(keep)
        self.keep, self.held, self.last, self.second = keep, held, last, second
        self.place, self.curve, self.nodes, self.biases = place, curve, nodes, biases

    def step(
        self, faded: Sequence[int], last: int, second: int, num_symbols: int
    ) -> tuple[Sequence[int], Sequence[int]]:
        """`faded` after the symbol `last`, and `hidden`. `second` counts if `num_symbols` is not 0."""
        width = self.width
        at, before, start = last * width, second * width, min(num_symbols, NUM_PLACES - 1) * width
        faded = [
            (faded * keep >> FADE_BITS) + (held << HELD_BITS)
            for faded, keep, held in zip(faded, self.keep, self.held[at : at + width], strict=True)
        ]
        sums = map(add, self.last[at : at + width], self.place[start : start + width])
        if num_symbols:
            sums = map(add, sums, self.second[before : before + width])
        curve, top = self.curve, 2 * HALF_CURVE - 1
        places = [(faded >> HELD_BITS) + rest + HALF_CURVE for faded, rest in zip(faded, sums, strict=True)]
        return faded, [curve[0 if at < 0 else at if at < top else top] for at in places]

    def logit(self, hidden: Sequence[int], split: int) -> int:
        """How likely the symbol is at or above the split."""
        at = split * self.width
        product: int = sum(map(mul, hidden, self.nodes[at : at + self.width]))
        return (product >> NODE_SHIFT) + self.biases[split]


class Trace:
    """The symbols of one text, from its beginning; `first` stands before the first of them."""

    def __init__(self, tables: TraceTables, first: int) -> None:
        self._tables = tables
        self._faded: Sequence[int] = [0] * tables.width
        self._last, self._second = first, first
        self._num_symbols = 0
        self._hidden: Sequence[int] | None = None

    def push(self, symbol: int) -> None:
        self.hidden()  # what was pushed before must be in the sum
        self._last, self._second = symbol, self._last
        self._num_symbols += 1
        self._hidden = None

    def hidden(self) -> Sequence[int]:
        """What the next symbol is coded with."""
        if self._hidden is None:
            self._faded, self._hidden = self._tables.step(self._faded, self._last, self._second, self._num_symbols)
        return self._hidden
