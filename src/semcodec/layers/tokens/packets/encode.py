"""Tokens to the streams of packets. Encoder only."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence

from semcodec.entropy.range_decoder import EndOfStream, RangeDecoder
from semcodec.entropy.range_encoder import RangeEncoder
from semcodec.errors import FormatError
from semcodec.layers.tokens.family import Family
from semcodec.layers.tokens.grid import Grid
from semcodec.layers.tokens.known import Code
from semcodec.layers.tokens.packets.order import (
    ALL,
    NOTHING,
    PLAN_STARTS,
    WITH_STARTS,
    Order,
    Plan,
    Tokens,
    Walk,
    code_number,
    first_of,
)
from semcodec.layers.tokens.stream import CHECK_STARTS, NUM_DENSITIES, check_of


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
            [tokens[scale][first_of(grid, block)] is not None for block in range(grid.num_blocks)]
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
        self._walk = Walk(family, all_grids, self.plan, order)
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
        stream = self._stream(lambda code: code_number(code, start, self._end), max_bytes, keep=False)
        return stream if self._position > start else None

    def _put_plan(self, code: Code) -> None:
        plan = self.plan
        code(CHECK_STARTS, check_of(self._family.seed))
        for scale, density in enumerate(plan.densities):
            if scale:
                code(WITH_STARTS, int(plan.groups[scale] == plan.groups[scale - 1]))
            code(PLAN_STARTS, density)
        if self._end:
            code_number(code, self._end - 1, self._walk.order.num_tokens)

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


def _putting(coder: RangeEncoder, tables: list[Sequence[int]]) -> Code:
    def code(starts: Sequence[int], wanted: int) -> int:
        coder.put(wanted, starts)
        tables.append(starts)
        return wanted

    return code


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
