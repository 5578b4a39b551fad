"""The streams of packets that arrived, in any order, to their tokens. Decoder only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from semcodec.entropy.range_decoder import EndOfStream, RangeDecoder
from semcodec.errors import FormatError, PacketError
from semcodec.layers.tokens.family import Family
from semcodec.layers.tokens.grid import Grid
from semcodec.layers.tokens.known import Code, Token
from semcodec.layers.tokens.packets.order import PLAN_STARTS, WITH_STARTS, Order, Plan, Walk, code_number
from semcodec.layers.tokens.stream import CHECK_STARTS, check_of


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
    walk = Walk(family, all_grids, plan, order)
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
            start = code_number(_getting(decoder), 0, plan.end) if plan.end else 0
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


def _read_plan(decoder: RangeDecoder, family: Family, all_grids: tuple[Grid, ...]) -> tuple[Plan, Order]:
    code = _getting(decoder)
    if code(CHECK_STARTS, 0) != check_of(family.seed):
        raise _Wrong("the check does not hold: flipped bits, or tables of another model")
    densities, groups = [], [0]
    for scale in range(family.num_scales):
        if scale:
            groups.append(groups[-1] + 1 - code(WITH_STARTS, 0))
        densities.append(code(PLAN_STARTS, 0))
    order = Order(all_grids, densities, groups)
    end = 0
    if order.num_tokens:
        end = code_number(code, 0, order.num_tokens) + 1
        if end > order.num_tokens:
            raise _Wrong(f"it ends behind the last of its {order.num_tokens} tokens")
    return Plan(tuple(densities), tuple(groups), end), order


def _getting(decoder: RangeDecoder) -> Code:
    return lambda starts, _: decoder.get(starts)
