"""Tokens in packets: everything comes back, a loss costs only itself, and nothing that arrives can do more harm."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semcodec.errors import FormatError, PacketError
from semcodec.layers.tokens.family import Family
from semcodec.layers.tokens.grid import Grid, grids
from semcodec.layers.tokens.packets.decode import join_tokens
from semcodec.layers.tokens.packets.encode import TokenSplitter
from semcodec.layers.tokens.packets.order import ALL, NOTHING, Order
from semcodec.types import Size

from .conftest import BLOCKS, LEVELS, STRIDES, random_digits

Tokens = list[list[tuple[int, ...] | None]]
SIZES = ((1, 1), (9, 300), (129, 127), (640, 3), (200, 333))
ROOM = 34  # of the least MTU


def all_tokens(size: tuple[int, int], seed: int) -> Tokens:
    return [list(map(tuple, array.reshape(-1, array.shape[2]).tolist())) for array in random_digits(size, seed)]


def some_tokens(size: tuple[int, int], seed: int) -> tuple[Tokens, tuple[Grid, ...]]:
    """The whole blocks of a random part of the scales, and of a share of the last of these."""
    rng = random.Random(seed)
    all_grids, tokens = grids(Size(*size), STRIDES, BLOCKS), all_tokens(size, seed)
    last, share = rng.randrange(len(LEVELS)), rng.random()
    for scale, grid in enumerate(all_grids):
        for block in range(grid.num_blocks):
            if scale > last or (scale == last and rng.random() > share):
                for row, col in grid.tokens_of(block):
                    tokens[scale][row * grid.num_cols + col] = None
    return tokens, all_grids


def split(splitter: TokenSplitter, room: int, first_room: int | None = None) -> tuple[bytes, list[bytes]]:
    first = splitter.first(room if first_room is None else first_room)
    assert first is not None
    others = []
    while not splitter.is_done:
        stream = splitter.next(room)
        assert stream is not None
        others.append(stream)
    return first, others


def there(tokens: Tokens) -> dict[tuple[int, int], tuple[int, ...]]:
    return {(scale, at): token for scale, row in enumerate(tokens) for at, token in enumerate(row) if token is not None}


@settings(deadline=None, max_examples=30)
@given(
    size=st.sampled_from(SIZES),
    seed=st.integers(0, 10**6),
    room=st.sampled_from((ROOM, 45, 134, 334, 5000)),
    groups=st.sampled_from(((0, 1, 2, 3, 4), (0, 0, 0, 0, 0), (0, 0, 1, 1, 2), (0, 1, 1, 1, 2))),
)
def test_all_packets_in_any_order_give_all_tokens(
    family: Family, size: tuple[int, int], seed: int, room: int, groups: tuple[int, ...]
) -> None:
    tokens, all_grids = some_tokens(size, seed)
    first, others = split(TokenSplitter(tokens, family, all_grids, groups), room)
    assert max(map(len, [first, *others])) <= room
    random.Random(seed).shuffle(others)
    joined = join_tokens(first, others, family, all_grids)
    assert joined.tokens == tokens
    assert joined.is_whole and set(joined.problems) <= {None}


def test_a_lost_packet_costs_only_its_own_tokens(family: Family) -> None:
    tokens, all_grids = all_tokens((200, 333), 1), grids(Size(200, 333), STRIDES, BLOCKS)
    first, others = split(TokenSplitter(tokens, family, all_grids), 60)
    in_first = there(join_tokens(first, [], family, all_grids).tokens)
    alone = [there(join_tokens(first, [other], family, all_grids).tokens) for other in others]
    assert len(others) > 20 and all(len(found) > len(in_first) for found in alone)
    rng = random.Random(5)
    for share in (0.1, 0.5, 0.9):
        kept = [n for n in range(len(others)) if rng.random() > share]
        joined = join_tokens(first, [others[n] for n in kept], family, all_grids)
        expected = dict(in_first)
        for n in kept:
            expected |= alone[n]
        assert there(joined.tokens) == expected
        assert not joined.is_whole and set(joined.problems) == {None}
    everything = dict(in_first)
    for found in alone:
        assert not (found.keys() - in_first.keys()) & (everything.keys() - in_first.keys()), "a token is sent once"
        everything |= found
    assert everything == there(tokens)


def test_every_packet_but_the_last_is_full(family: Family) -> None:
    tokens, all_grids = all_tokens((200, 333), 2), grids(Size(200, 333), STRIDES, BLOCKS)
    first, others = split(TokenSplitter(tokens, family, all_grids), 45)
    lengths = [len(first), *map(len, others[:-1])]
    # A token begins in one packet only if it also ends there; bytes that would settle none are not sent.
    assert min(lengths) >= 40 and sum(lengths) >= 43.5 * len(lengths)


def test_children_travel_beside_their_parents_within_a_group() -> None:
    all_grids = grids(Size(512, 512), STRIDES, BLOCKS)
    order = Order(all_grids, (ALL,) * 5, (0, 0, 0, 1, 1))
    assert [scale for scale, _ in order.blocks[:8]] == [0, 1, 2, 1, 2, 1, 2, 1]
    groups = [scale // 3 for scale, _ in order.blocks]
    assert groups == sorted(groups)
    assert order.num_tokens == sum(grid.num_rows * grid.num_cols for grid in all_grids)
    without = Order(all_grids, (ALL, NOTHING, 3, ALL, NOTHING), (0, 1, 2, 3, 4))
    assert [scale for scale, _ in without.blocks] == sorted(scale for scale, _ in without.blocks)
    assert {scale for scale, _ in without.blocks} == {0, 2, 3}


def test_the_tokens_of_a_block_that_was_cut_last_come_back(family: Family) -> None:
    tokens, all_grids = all_tokens((200, 333), 3), grids(Size(200, 333), STRIDES, BLOCKS)
    scale, block = Order(all_grids, (ALL,) * 5, (0, 0, 1, 1, 2)).blocks[-1]
    _, *others_of_block = all_grids[scale].tokens_of(block)
    assert others_of_block
    for row, col in others_of_block:
        tokens[scale][row * all_grids[scale].num_cols + col] = None
    first, others = split(TokenSplitter(tokens, family, all_grids), 60)
    assert join_tokens(first, others, family, all_grids).tokens == tokens


def test_a_block_that_was_cut_before_others_is_refused(family: Family) -> None:
    tokens, all_grids = all_tokens((200, 333), 3), grids(Size(200, 333), STRIDES, BLOCKS)
    row, col = list(all_grids[3].tokens_of(0))[-1]
    tokens[3][row * all_grids[3].num_cols + col] = None
    with pytest.raises(FormatError, match="semcodec cut"):
        TokenSplitter(tokens, family, all_grids)


def test_no_room_for_the_plan_is_said_and_changes_nothing(family: Family) -> None:
    tokens, all_grids = all_tokens((200, 333), 4), grids(Size(200, 333), STRIDES, BLOCKS)
    splitter = TokenSplitter(tokens, family, all_grids)
    tried = [room for room in range(12) if splitter.first(room) is None]
    assert tried == list(range(len(tried))) and 4 <= len(tried) <= 9
    splitter = TokenSplitter(tokens, family, all_grids)
    for room in tried:
        assert splitter.first(room) is None
    first, others = split(splitter, ROOM)
    assert join_tokens(first, others, family, all_grids).tokens == tokens


def test_no_room_for_a_token_is_said_and_changes_nothing(family: Family) -> None:
    tokens, all_grids = all_tokens((200, 333), 4), grids(Size(200, 333), STRIDES, BLOCKS)
    splitter = TokenSplitter(tokens, family, all_grids)
    first, others = splitter.first(ROOM), []
    assert first is not None
    while not splitter.is_done:
        room = next(room for room in range(1, 99) if (stream := splitter.next(room)) is not None)
        assert stream is not None and 2 <= len(stream) == room
        others.append(stream)
    joined = join_tokens(first, others, family, all_grids)
    assert joined.tokens == tokens and joined.is_whole


def test_nothing_to_send_is_a_plan_alone(family: Family) -> None:
    all_grids = grids(Size(200, 333), STRIDES, BLOCKS)
    nothing: Tokens = [[None] * (grid.num_rows * grid.num_cols) for grid in all_grids]
    first, others = split(TokenSplitter(nothing, family, all_grids), ROOM)
    assert not others
    joined = join_tokens(first, [b"", b"stranger"], family, all_grids)
    assert joined.tokens == nothing and joined.is_whole
    assert all(isinstance(problem, PacketError) for problem in joined.problems)


def test_tables_of_another_model_are_found_out(family: Family, other_family: Family) -> None:
    tokens, all_grids = all_tokens((200, 333), 5), grids(Size(200, 333), STRIDES, BLOCKS)
    first, others = split(TokenSplitter(tokens, family, all_grids), ROOM)
    with pytest.raises(PacketError, match="tables of another model"):
        join_tokens(first, others, other_family, all_grids, offset=9)


@settings(deadline=None, max_examples=20)
@given(strange=st.lists(st.binary(max_size=40), max_size=4), seed=st.integers(0, 99))
def test_strange_streams_cost_at_most_the_tokens_behind_their_beginning(
    family: Family, strange: list[bytes], seed: int
) -> None:
    """They pass as packets only with a true check and file number; then they still end nothing but what they cover."""
    tokens, all_grids = all_tokens((129, 127), seed), grids(Size(129, 127), STRIDES, BLOCKS)
    first, others = split(TokenSplitter(tokens, family, all_grids), 60)
    joined = join_tokens(first, [*others, *strange], family, all_grids)
    assert len(joined.problems) == len(others) + len(strange)
    wrong = [place for place, token in there(joined.tokens).items() if token != there(tokens)[place]]
    assert len(wrong) <= 8 * sum(map(len, strange)) * 30
    in_first = there(join_tokens(first, [], family, all_grids).tokens)
    assert in_first.items() <= there(joined.tokens).items()


@settings(deadline=None, max_examples=60)
@given(first=st.binary(max_size=60))
def test_a_strange_first_stream_is_refused_or_read_to_its_end(family: Family, first: bytes) -> None:
    all_grids = grids(Size(129, 127), STRIDES, BLOCKS)
    try:
        join_tokens(first, [first], family, all_grids)
    except PacketError as problem:
        assert "offset 0" in str(problem)
