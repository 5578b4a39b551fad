"""A symbol in its contexts to a few binary decisions, each with an integer probability. Both sides walk the same way.

The symbols of a model stand in a fixed order that puts alike ones together. A symbol is found by halving: is it in
the upper part of the interval [low, high) or not, until one is left. The split is the point that halves the counts,
so common symbols need few decisions. At each decision every component (a context of some kind: the word before, the
two words before ...) says from its counts in the two halves how likely the upper one is, smoothed by the component
below it; the answers are mixed in the logistic domain with weights that depend on how much each has seen, and with
them what the fading trace says (`trace`), if the model has one. All numbers were fitted when the table was made; here
are only integers.

It does not know what its symbols mean, and nothing of bytes.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from semcodec.entropy.tables import TOTAL
from semcodec.layers.text.trace import TraceTables

TYPE_CHECKING = False  # type checkers take it as true; importing typing would cost `info` 3 ms
if TYPE_CHECKING:
    from typing import Any, Protocol
else:
    Protocol = object

NUM_BINS = 18  # how much a context has seen in an interval, see `bin_of`
PROB_BITS = 16  # fraction bits of probabilities
LEAST = 1 << 4  # no component is surer than this
MOST = (1 << PROB_BITS) - LEAST
COUNT_BITS = 8  # fraction bits of discounts and strengths
WEIGHT_BITS = 16  # fraction bits of mixing weights
STRETCH_SHIFT = 4  # probability to index of `stretch`
SQUASH_SHIFT = 3  # logit to index of `squash`; 2**10 is a logit of 1
SQUASH_HALF = 2048  # index of logit 0


class BitCoder(Protocol):
    """The range coder as either side sees it. Returns the symbol: `wanted`, which the decoder's side ignores."""

    def code(self, starts: Sequence[int], wanted: int) -> int: ...


@dataclass(frozen=True, slots=True, eq=False)
class Component:
    """Counts of what followed in each context of one kind. `below`: the column that smooths it (0: the base)."""

    below: int
    keys: Sequence[int]  # of the contexts, ascending
    starts: Sequence[int]  # where each context's followers begin; one more at the end
    followers: Sequence[int]  # symbols, ascending in each context
    count_codes: Sequence[int]  # one byte each, see `count_of`


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """What was fitted when the table was made.

    A row has one weight for each column: the base, then the components, then the trace (if there is one).
    """

    discounts: Sequence[int]  # (columns without the trace, NUM_BINS), taken from the count of each different follower
    strengths: Sequence[int]  # (columns without the trace, NUM_BINS), how much the component below counts
    weights: Sequence[int]  # (columns without the trace, NUM_BINS); of the trace one, the last
    selectors: tuple[tuple[int, ...], ...]  # two; each: columns, the best first
    selector_rows: tuple[Sequence[Sequence[int]], ...]  # each: NUM_BINS rows a column, and one for "nothing seen"
    node_rows: Mapping[int, Sequence[int]]  # split point of a common decision -> row
    no_node_row: Sequence[int]  # zeros


@dataclass(frozen=True, slots=True, eq=False)
class SymbolModel:
    """The counts and the fit of one alphabet, and where to find them."""

    base_cum: Sequence[int]  # cumulative counts of the symbols: 0 first, one more than there are symbols
    components: tuple[Component, ...]
    fit: Fit
    stretch: Sequence[int]  # probability in 2**12 steps -> logit
    squash: Sequence[int]  # logit -> frequency, 1 to TOTAL - 1
    trace: TraceTables | None = None

    def look_up(self, context_keys: Sequence[int]) -> list[Followers]:
        """What was seen in each component's context, by the key of each."""
        return [_open(component, key) for component, key in zip(self.components, context_keys, strict=True)]

    def code(
        self,
        found: Sequence[Followers],
        coder: BitCoder,
        wanted: int,
        *,
        hidden: Sequence[int] = (),
        num_symbols: int | None = None,
    ) -> int:
        """Codes one symbol.

        `found` has each component's followers here, `hidden` what the trace says (empty: the model has none).
        `num_symbols`: only symbols below it are possible here.
        """
        trace = self.trace
        base_cum, stretch, squash, fit = self.base_cum, self.stretch, self.squash, self.fit
        discounts, strengths, weights = fit.discounts, fit.strengths, fit.weights
        (first_selector, second_selector), (first_rows, second_rows) = fit.selectors, fit.selector_rows
        # [column, column below, followers, cumulative counts, first, middle, last], of those that know something here
        live: list[list[Any]] = []
        for column, (component, (followers, cum)) in enumerate(zip(self.components, found, strict=True), start=1):
            last = len(followers) if num_symbols is None else bisect_left(followers, num_symbols)
            live.append([column, component.below, followers, cum, 0, 0, last])
        live = _without_idle(live)
        probs = [0] * (len(self.components) + 1)
        low, high = 0, len(base_cum) - 1 if num_symbols is None else num_symbols
        while high - low > 1:
            split = split_of(base_cum, low, high)
            prob = ((base_cum[high] - base_cum[split]) << PROB_BITS) // (base_cum[high] - base_cum[low])
            probs[0] = prob = LEAST if prob < LEAST else MOST if prob > MOST else prob
            bins = [0] * len(probs)
            bins[0] = NUM_BINS - 1
            for state in live:
                column, below, followers, cum, first, _, last = state
                state[5] = middle = bisect_left(followers, split, first, last)
                count, kinds = cum[last] - cum[first], last - first
                bins[column] = bin_ = bin_of(count, kinds)
                at = column * NUM_BINS + bin_
                discount, strength = discounts[at], strengths[at]
                prob = (
                    (((cum[last] - cum[middle]) << COUNT_BITS) - discount * (last - middle) << PROB_BITS)
                    + (strength + discount * kinds) * probs[below]
                ) // ((count << COUNT_BITS) + strength)
                probs[column] = LEAST if prob < LEAST else MOST if prob > MOST else prob
            first_row = first_rows[_select_row(first_selector, bins)]
            second_row = second_rows[_select_row(second_selector, bins)]
            node_row = fit.node_rows.get(split, fit.no_node_row)
            mixed = 0
            for column, bin_ in enumerate(bins):
                if bin_:
                    weight = weights[column * NUM_BINS + bin_] + node_row[column]
                    weight += first_row[column] + second_row[column]
                    mixed += weight * stretch[probs[column] >> STRETCH_SHIFT]
            if trace is not None:
                weight = weights[-1] + node_row[-1] + first_row[-1] + second_row[-1]
                mixed += weight * trace.logit(hidden, split)
            at = (mixed >> (WEIGHT_BITS + SQUASH_SHIFT)) + SQUASH_HALF
            freq = squash[0 if at < 0 else at if at < 2 * SQUASH_HALF else -1]
            is_upper = coder.code((0, TOTAL - freq, TOTAL), 1 if wanted >= split else 0)
            is_idle = False
            if is_upper:
                low = split
                for state in live:
                    state[4] = state[5]
                    is_idle = is_idle or state[5] == state[6]
            else:
                high = split
                for state in live:
                    state[6] = state[5]
                    is_idle = is_idle or state[4] == state[5]
            if is_idle:
                live = _without_idle(live)
        return low


def split_of(base_cum: Sequence[int], low: int, high: int) -> int:
    """The point inside (low, high) that halves the counts best; the lower one on a tie."""
    half = (base_cum[low] + base_cum[high]) >> 1
    split = bisect_left(base_cum, half, low + 1, high - 1)
    if split - 1 > low and half - base_cum[split - 1] <= base_cum[split] - half:
        return split - 1
    return split


def bin_of(count: int, kinds: int) -> int:
    """How much was seen: `count` times, of `kinds` different symbols. 0: nothing. 14 to 17: always the same."""
    if kinds == 1 and count >= 2:
        return min(12 + count.bit_length(), 17)
    return count if count <= 3 else min(1 + count.bit_length(), 13)


def count_of(code: int) -> int:
    """A count from its byte: exact below 128, then with 4 bits behind the leading one, up to 31,744."""
    return code if code < 128 else (16 + (code & 15)) << (3 + ((code - 128) >> 4))


_COUNTS = tuple(count_of(code) for code in range(256))
LARGEST_COUNT = _COUNTS[-1]


Followers = tuple[Sequence[int], Sequence[int]]  # symbols, ascending, and their cumulative counts


@lru_cache(maxsize=256)  # the contexts that come again and again have the most followers
def _open(component: Component, key: int) -> Followers:
    at = bisect_left(component.keys, key)
    if at == len(component.keys) or component.keys[at] != key:
        return (), ()
    start, end = component.starts[at], component.starts[at + 1]
    counts = map(_COUNTS.__getitem__, component.count_codes[start:end])
    return component.followers[start:end], tuple(accumulate(counts, initial=0))


def _without_idle(states: list[list[Any]]) -> list[list[Any]]:
    """Drops the components that have seen nothing in the interval; the one below takes the place of each."""
    below_of: dict[int, int] = {}
    live = []
    for state in states:
        state[1] = below_of.get(state[1], state[1])
        if state[4] == state[6]:
            below_of[state[0]] = state[1]
        else:
            live.append(state)
    return live


def _select_row(selector: Sequence[int], bins: Sequence[int]) -> int:
    """The row of the first column of the selector that has seen anything here."""
    for rank, column in enumerate(selector):
        if bins[column]:
            return rank * NUM_BINS + bins[column]
    return len(selector) * NUM_BINS
