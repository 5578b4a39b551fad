"""The token stream: round trips in any order, budgets, prefixes, damage."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semcodec.errors import DamagedError, TruncatedError
from semcodec.layers.tokens.decode import DecodedTokens, decode_tokens
from semcodec.layers.tokens.encode import NEVER, block_order, encode_tokens
from semcodec.layers.tokens.family import Family
from semcodec.layers.tokens.grid import Grid, Sent, Step, grids
from semcodec.types import Section, Size

from .conftest import BLOCKS, STRIDES, random_digits, random_family_bytes

SIZES = ((1, 1), (9, 300), (129, 127), (640, 3), (200, 333))


def random_steps(all_grids: tuple[Grid, ...], rng: random.Random) -> list[Step]:
    """Scale by scale, each in one to three steps of random blocks."""
    sent, steps = Sent(all_grids), []
    for scale in range(len(all_grids)):
        for share in rng.choice(([1.0], [0.5, 1.0], [0.3, 0.6])):
            blocks = [block for block in sent.candidates(scale) if rng.random() < share]
            for block in blocks:
                sent.add(scale, block)
            if blocks:
                steps.append((scale, blocks))
    return steps


def section(payload: bytes, **more: bool) -> Section:
    return replace(Section(2, 129, payload), **more)


def tokens_that_differ(decoded: DecodedTokens, digits: tuple[np.ndarray, ...]) -> int:
    return sum(
        token is not None and token != tuple(row)
        for tokens, array in zip(decoded.tokens, digits, strict=True)
        for token, row in zip(tokens, array.reshape(-1, array.shape[2]).tolist(), strict=True)
    )


@settings(deadline=None, max_examples=40)
@given(size=st.sampled_from(SIZES), seed=st.integers(0, 10**6))
def test_any_blocks_in_any_order_come_back(family: Family, size: tuple[int, int], seed: int) -> None:
    all_grids, digits = grids(Size(*size), STRIDES, BLOCKS), random_digits(size, seed)
    steps = random_steps(all_grids, random.Random(seed))
    decoded = decode_tokens(section(encode_tokens(digits, steps, family, all_grids).payload), family, all_grids)
    assert decoded.problem is None and decoded.steps == steps
    assert tokens_that_differ(decoded, digits) == 0
    num_sent = sum(int((order < NEVER).sum()) for order in block_order(steps, all_grids))
    assert sum(token is not None for tokens in decoded.tokens for token in tokens) == num_sent


@pytest.mark.parametrize("max_bytes", [1, 2, 5, 17, 100, 333, 1000])
def test_a_ceiling_is_kept_and_used_up_to_a_block(family: Family, max_bytes: int) -> None:
    all_grids, digits = grids(Size(200, 333), STRIDES, BLOCKS), random_digits((200, 333), 3)
    steps: list[Step] = [(scale, list(range(grid.num_blocks))) for scale, grid in enumerate(all_grids)]
    encoded = encode_tokens(digits, steps, family, all_grids, max_bytes=max_bytes)
    assert max_bytes - 26 <= len(encoded.payload) <= max_bytes  # the largest block is 16 tokens of up to 12 bits
    decoded = decode_tokens(section(encoded.payload), family, all_grids)
    assert decoded.problem is None
    assert sum(len(blocks) for _, blocks in decoded.steps) == encoded.num_blocks


def test_every_prefix_gives_true_tokens_only_and_says_that_it_is_cut(family: Family) -> None:
    # (a fifth of the bytes for which the others are tried: the work grows with their square)
    all_grids, digits = grids(Size(90, 140), STRIDES, BLOCKS), random_digits((90, 140), 4)
    payload = encode_tokens(digits, random_steps(all_grids, random.Random(4)), family, all_grids).payload
    before = -1
    for length in range(len(payload)):
        decoded = decode_tokens(section(payload[:length]), family, all_grids)
        assert isinstance(decoded.problem, TruncatedError) and f"offset {length}" in str(decoded.problem)
        assert tokens_that_differ(decoded, digits) == 0
        there = sum(token is not None for tokens in decoded.tokens for token in tokens)
        assert there >= before
        before = there


def test_a_stream_that_was_cut_on_purpose_is_whole_wherever_it_ends(family: Family) -> None:
    all_grids, digits = grids(Size(200, 333), STRIDES, BLOCKS), random_digits((200, 333), 5)
    payload = encode_tokens(digits, random_steps(all_grids, random.Random(5)), family, all_grids).payload
    for length in range(0, len(payload), 7):
        assert decode_tokens(section(payload[:length], open_end=True), family, all_grids).problem is None


def test_flipped_bits_are_found(family: Family) -> None:
    """One flip in 500 goes unnoticed at most: checks of 8 bits, and the canonical end."""
    all_grids, digits = grids(Size(140, 200), STRIDES, BLOCKS), random_digits((140, 200), 6)
    payload = encode_tokens(digits, random_steps(all_grids, random.Random(6)), family, all_grids).payload
    rng, unnoticed = random.Random(0), 0
    for _ in range(500):
        flipped = bytearray(payload)
        flipped[rng.randrange(len(payload))] ^= 1 << rng.randrange(8)
        unnoticed += decode_tokens(section(bytes(flipped)), family, all_grids).problem is None
    assert unnoticed <= 1


def test_tables_of_another_model_are_found_within_a_group(family: Family, other_family: Family) -> None:
    all_grids, digits = grids(Size(400, 400), STRIDES, BLOCKS), random_digits((400, 400), 7)
    steps: list[Step] = [(scale, list(range(grid.num_blocks))) for scale, grid in enumerate(all_grids)]
    payload = encode_tokens(digits, steps, family, all_grids).payload
    problem = decode_tokens(section(payload), other_family, all_grids).problem
    assert isinstance(problem, DamagedError) and problem.offset is not None and problem.offset < 200


def test_appended_bytes_are_found(family: Family) -> None:
    all_grids, digits = grids(Size(64, 64), STRIDES, BLOCKS), random_digits((64, 64), 8)
    payload = encode_tokens(digits, [(0, [0])], family, all_grids).payload
    problem = decode_tokens(section(payload + b"\0"), family, all_grids).problem
    assert isinstance(problem, DamagedError) and "bytes appended" in str(problem)


@settings(deadline=2000, max_examples=150)
@given(payload=st.binary(max_size=300))
def test_random_bytes_never_hang_or_raise(family: Family, payload: bytes) -> None:
    all_grids = grids(Size(300, 200), STRIDES, BLOCKS)
    decode_tokens(section(payload), family, all_grids)


def test_a_family_file_is_the_same_bytes_every_time_and_seeds_its_checks(family: Family, other_family: Family) -> None:
    assert random_family_bytes(1) == random_family_bytes(1)
    assert family.seed != other_family.seed
