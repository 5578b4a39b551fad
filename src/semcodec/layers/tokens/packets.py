"""Tokens in packets, of which any but the first may be lost. The grammar is in `docs/packets.md`.

```text
first    check plan token*             what all others rest on
other    position token*               from a position in the order on
plan     (with? density)* end          per scale; how far the order goes
```

Promises:
1. A token's context holds tokens of the first packet and of its own packet, and no others. So a packet says the same
   whatever else was lost.
2. A packet has no end of its own: it is a prefix of a stream that goes on, cut where the room ends, and its reader
   takes every token that its bytes settle. Nothing is spent on ends and counts, and every packet but the last is full.
3. All packets together give the tokens that were split. Work is bounded by the number of tokens, whatever arrives.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice

from semcodec.entropy.range_decoder import EndOfStream, RangeDecoder
from semcodec.entropy.range_encoder import RangeEncoder
from semcodec.entropy.tables import TOTAL, uniform_starts
from semcodec.errors import FormatError, PacketError
from semcodec.layers.tokens.family import Family
from semcodec.layers.tokens.grid import Grid
from semcodec.layers.tokens.known import Code, KnownTokens, Token
from semcodec.layers.tokens.stream import CHECK_STARTS, NUM_DENSITIES, check_of

Tokens = Sequence[Sequence[Token | None]]  # [scale][row * num_cols + col]
ALL, NOTHING = 0, NUM_DENSITIES  # of a scale's blocks; between them, sixteenths
_PLAN_STARTS = uniform_starts(NUM_DENSITIES + 1)
_WITH_STARTS = uniform_starts(2)
_ABSENT, _PRESENT = 0, 1


@dataclass(frozen=True, slots=True)
class Plan:
    """`densities[scale]`: ALL, sixteenths of the blocks, or NOTHING. `groups[scale]`: scales of a group travel
    together, children beside their parents; groups follow each other. `end`: tokens in the order, sent or not, up to
    the last one that is sent.
    """

    densities: tuple[int, ...]
    groups: tuple[int, ...]
    end: int


class Order:
    """Every block of the scales that are sent, in the order of packets, and the position of its first token."""

    def __init__(self, all_grids: Sequence[Grid], densities: Sequence[int], groups: Sequence[int]) -> None:
        blocks = []
        for scale, grid in enumerate(all_grids):
            if densities[scale] == NOTHING:
                continue
            rise = len(all_grids) - 1 - scale
            rows = [_spread(at * grid.block << rise) << 1 for at in range(grid.block_rows)]
            cols = [_spread(at * grid.block << rise) for at in range(grid.block_cols)]
            places = (row | col for row in rows for col in cols)
            blocks += [(groups[scale], place, scale, block) for block, place in enumerate(places)]
        blocks.sort()
        self.blocks = [(scale, block) for _, _, scale, block in blocks]
        self.firsts = [0, *accumulate(_num_tokens(all_grids[scale], block) for scale, block in self.blocks)]

    @property
    def num_tokens(self) -> int:
        return self.firsts[-1]


def pairs(num_scales: int) -> tuple[int, ...]:
    """Groups of two: a child that travels with its parent costs less, and a lost packet costs at most two scales."""
    return tuple(scale >> 1 for scale in range(num_scales))


class TokenSplitter:
    """Makes the packets' streams one after the other: `first`, then `next` until `is_done`."""

    def __init__(
        self, tokens: Tokens, family: Family, all_grids: Sequence[Grid], groups: Sequence[int] | None = None
    ) -> None:
        """Raises `FormatError` for tokens that no packets can hold: a block that was cut inside, others behind it."""
        groups = tuple(pairs(family.num_scales) if groups is None else groups)
        there = [
            [tokens[scale][_first_of(grid, block)] is not None for block in range(grid.num_blocks)]
            for scale, grid in enumerate(all_grids)
        ]
        order = Order(all_grids, [ALL if any(blocks) else NOTHING for blocks in there], groups)
        self._end = _end_of(order, tokens, all_grids)
        densities = [NOTHING] * family.num_scales
        for scale in {scale for scale, _ in order.blocks}:
            reached = [
                there[scale][block]
                for (at, block), first in zip(order.blocks, order.firsts, strict=False)
                if at == scale and first < self._end
            ]
            densities[scale] = _density(sum(reached), len(reached))
        self.plan = Plan(tuple(densities), groups, self._end)
        self._tokens, self._family = tokens, family
        self._walk = _Walk(family, all_grids, self.plan, order)
        self._position = 0

    @property
    def is_done(self) -> bool:
        return self._position == self._end

    def first(self, max_bytes: int) -> bytes | None:
        """The plan, and tokens as far as there is room; None where there is none for the plan. What is in it stays
        known to all others.
        """
        return self._stream(self._put_plan, max_bytes, keep=True)

    def next(self, max_bytes: int) -> bytes | None:
        """Tokens as far as there is room; None where there is none for a single one."""
        start = self._position
        stream = self._stream(lambda code: _code_number(code, start, self._end), max_bytes, keep=False)
        return stream if self._position > start else None

    def _put_plan(self, code: Code) -> None:
        plan = self.plan
        code(CHECK_STARTS, check_of(self._family.seed))
        for scale, density in enumerate(plan.densities):
            if scale:
                code(_WITH_STARTS, int(plan.groups[scale] == plan.groups[scale - 1]))
            code(_PLAN_STARTS, density)
        if self._end:
            _code_number(code, self._end - 1, self._walk.order.num_tokens)

    def _stream(self, put_head: Callable[[Code], object], max_bytes: int, *, keep: bool) -> bytes | None:
        """A stream from where the last one ended; moves the position to its first token that is not settled. None where
        not even the head is.
        """
        coder, tables = RangeEncoder(), list[Sequence[int]]()
        code = _putting(coder, tables)
        put_head(code)
        start = self._position
        marks = [(len(tables), start)]
        for reached in self._walk.tokens_from(start, self._end, code, self._tokens):
            marks.append((len(tables), reached))
            if coder.num_shifts >= max_bytes + 4:  # the room settles none of what follows
                break
        whole = coder.finish()
        fits = len(whole) <= max_bytes and marks[-1][1] == self._end
        stream, end = (whole, self._end) if fits else _cut(whole[:max_bytes], tables, marks)
        if end is None:
            self._walk.forget_from(0)
            return None
        self._position = end
        self._walk.forget_from(end if keep else 0)
        return stream


@dataclass(frozen=True, slots=True)
class JoinedTokens:
    """The tokens that arrived. `problems` has an entry a stream, None where nothing is wrong with it."""

    tokens: list[list[Token | None]]
    problems: tuple[FormatError | None, ...]
    is_whole: bool


def join_tokens(
    first: bytes, others: Sequence[bytes], family: Family, all_grids: tuple[Grid, ...], *, offset: int = 0
) -> JoinedTokens:
    """The tokens of a first packet's stream and of any others, in any order.

    `offset` is where the first stream lies in its packet, for messages. Raises `PacketError` where the first cannot be
    read; no other stream can do harm beyond its own tokens.
    """
    decoder = RangeDecoder(first)
    try:
        plan, order = _read_plan(decoder, family, all_grids)
    except EndOfStream:
        raise PacketError(
            f"the first packet ends inside the plan of its tokens (offset {offset})", offset=offset
        ) from None
    except _Wrong as wrong:
        raise PacketError(f"the first packet's plan (offset {offset}): {wrong}", offset=offset) from None
    walk = _Walk(family, all_grids, plan, order)
    result: list[list[Token | None]] = [[None] * len(tokens) for tokens in walk.known.tokens]

    def read(decoder: RangeDecoder, start: int, stop: int) -> int:
        reached = start
        try:
            for position in walk.tokens_from(start, stop, _getting(decoder), None):
                reached = position
        except EndOfStream:
            pass
        for scale, at, _ in walk.placed:
            result[scale][at] = walk.known.tokens[scale][at]
        return reached

    covered = ends = read(decoder, 0, plan.end)
    walk.placed.clear()  # known for good
    problems: list[FormatError | None] = [None] * len(others)
    starts: list[tuple[int, int, RangeDecoder]] = []
    for n, stream in enumerate(others):
        decoder = RangeDecoder(stream)
        try:
            start = _code_number(_getting(decoder), 0, plan.end) if plan.end else 0
            if not ends <= start < plan.end:
                raise _Wrong
            starts.append((start, n, decoder))
        except (EndOfStream, _Wrong):
            problems[n] = PacketError("a damaged packet: it begins at no position that this file has left")
    starts.sort(key=lambda found: found[:2])
    # Where the next packet begins this one has ended: nothing is decoded twice, whatever strangers send.
    stops = [start for start, _, _ in starts[1:]] + [plan.end]
    for (start, n, decoder), stop in zip(starts, stops, strict=False):
        reached = read(decoder, start, stop)
        walk.forget_from(0)
        if reached == start:
            problems[n] = PacketError("a damaged packet: it holds not one token that another has not")
        elif start == covered:
            covered = reached
    return JoinedTokens(result, tuple(problems), covered == plan.end)


class _Wrong(Exception):
    """What no splitter writes."""


class _Walk:
    """The grammar of tokens, said once: encoder and decoder walk it with a `code` of their own."""

    def __init__(self, family: Family, all_grids: Sequence[Grid], plan: Plan, order: Order) -> None:
        self.known = KnownTokens(family, all_grids)
        self.order = order
        self.placed: list[tuple[int, int, int]] = []  # (scale, index, position) of what may be forgotten
        self._grids = all_grids
        self._flags = [_flag_starts(density) for density in plan.densities]

    def tokens_from(self, position: int, stop: int, code: Code, wanted: Tokens | None) -> Iterator[int]:
        """Codes from a position on; yields the position reached after each token and each absent block."""
        index = bisect_right(self.order.firsts, position) - 1
        while position < stop:
            (scale, block), first = self.order.blocks[index], self.order.firsts[index]
            grid, flags = self._grids[scale], self._flags[scale]
            cols = grid.num_cols
            if position == first and flags is not None:
                there = wanted is not None and wanted[scale][_first_of(grid, block)] is not None
                if code(flags, _PRESENT if there else _ABSENT) == _ABSENT:
                    index += 1
                    position = self.order.firsts[index]
                    yield position
                    continue
            for row, col in islice(grid.tokens_of(block), position - first, None):
                at = row * cols + col
                self.known.code_token(scale, row, col, code, None if wanted is None else wanted[scale][at])
                self.placed.append((scale, at, position))
                position += 1
                yield position
                if position == stop:
                    return
            index += 1

    def forget_from(self, position: int) -> None:
        """Forgets what was placed at this position or behind it; the rest stays known for good."""
        for scale, at, when in self.placed:
            if when >= position:
                self.known.forget(scale, at)
        self.placed.clear()


def _read_plan(decoder: RangeDecoder, family: Family, all_grids: tuple[Grid, ...]) -> tuple[Plan, Order]:
    code = _getting(decoder)
    if code(CHECK_STARTS, 0) != check_of(family.seed):
        raise _Wrong("the check does not hold: flipped bits, or tables of another model")
    densities, groups = [], [0]
    for scale in range(family.num_scales):
        if scale:
            groups.append(groups[-1] + 1 - code(_WITH_STARTS, 0))
        densities.append(code(_PLAN_STARTS, 0))
    order = Order(all_grids, densities, groups)
    end = 0
    if order.num_tokens:
        end = _code_number(code, 0, order.num_tokens) + 1
        if end > order.num_tokens:
            raise _Wrong(f"it ends behind the last of its {order.num_tokens} tokens")
    return Plan(tuple(densities), tuple(groups), end), order


def _code_number(code: Code, value: int, count: int) -> int:
    """A number of 0 to count - 1, from the top byte down, all equally likely. A decoder may get more than count - 1."""
    if count <= 256:
        return code(uniform_starts(count), value)
    high = _code_number(code, value >> 8, ((count - 1) >> 8) + 1)
    return high << 8 | code(CHECK_STARTS, value & 255)


def _putting(coder: RangeEncoder, tables: list[Sequence[int]]) -> Code:
    def code(starts: Sequence[int], wanted: int) -> int:
        coder.put(wanted, starts)
        tables.append(starts)
        return wanted

    return code


def _getting(decoder: RangeDecoder) -> Code:
    return lambda starts, _: decoder.get(starts)


def _cut(stream: bytes, tables: Sequence[Sequence[int]], marks: Sequence[tuple[int, int]]) -> tuple[bytes, int | None]:
    """The stream without bytes at its end that settle no token, and the position that it reaches (None: not its head).

    `marks` are (symbols, position) at every place where a reader may stop.
    """
    counts = [count for count, _ in marks]

    def last_mark(data: bytes) -> int:
        return bisect_right(counts, _num_settled(data, tables)) - 1

    mark = last_mark(stream)
    while stream and last_mark(stream[:-1]) == mark:
        stream = stream[:-1]
    return stream, marks[mark][1] if mark >= 0 else None


def _num_settled(stream: bytes, tables: Sequence[Sequence[int]]) -> int:
    """How many symbols a reader of a stream takes."""
    decoder = RangeDecoder(stream)
    for count, starts in enumerate(tables):
        try:
            decoder.get(starts)
        except EndOfStream:
            return count
    return len(tables)


def _end_of(order: Order, tokens: Tokens, all_grids: Sequence[Grid]) -> int:
    """The position behind the last token that is there; every block before it must be whole or absent."""
    end = ragged_at = 0
    for (scale, block), first in zip(order.blocks, order.firsts, strict=False):
        grid = all_grids[scale]
        there = [tokens[scale][row * grid.num_cols + col] is not None for row, col in grid.tokens_of(block)]
        if not there[0]:
            continue
        if ragged_at:
            break
        count = sum(there)
        assert all(there[:count]), "a stream gives the first tokens of a block"
        end = first + count
        ragged_at = 0 if count == len(there) else end
    else:
        return end
    raise FormatError(
        "a block of its tokens was cut inside and others follow it; shorten the file with `semcodec cut` before"
    )


def _density(num_sent: int, num_blocks: int) -> int:
    if not num_sent:
        return NOTHING
    if num_sent == num_blocks:
        return ALL
    return min(max((32 * num_sent + num_blocks) // (2 * num_blocks), 1), NUM_DENSITIES - 1)


def _flag_starts(density: int) -> tuple[int, ...] | None:
    """Cumulative frequencies of absent and present; None where there is nothing to say."""
    return None if density in (ALL, NOTHING) else (0, TOTAL - TOTAL * density // NUM_DENSITIES, TOTAL)


def _spread(number: int) -> int:
    """The bits of a number with a zero before each: 0b101 becomes 0b010001."""
    result = at = 0
    while number >> at:
        result |= (number >> at & 1) << 2 * at
        at += 1
    return result


def _first_of(grid: Grid, block: int) -> int:
    row, col = next(grid.tokens_of(block))
    return row * grid.num_cols + col


def _num_tokens(grid: Grid, block: int) -> int:
    top, left = block // grid.block_cols * grid.block, block % grid.block_cols * grid.block
    return min(grid.block, grid.num_rows - top) * min(grid.block, grid.num_cols - left)
