"""Streams in fewer bytes: the first blocks, or those of a region."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semcodec.layers.tokens.decode import decode_tokens
from semcodec.layers.tokens.encode import EncodedTokens, encode_tokens
from semcodec.layers.tokens.family import Family
from semcodec.layers.tokens.grid import MAX_STEPS, Grid, Sent, Step, grids
from semcodec.layers.tokens.roi import touched_blocks
from semcodec.layers.tokens.shorten import keep_first, keep_region, region_first
from semcodec.types import Section, Size

from .conftest import BLOCKS, STRIDES, random_digits
from .test_stream import SIZES, random_steps, tokens_that_differ

Roi = tuple[int, int, int, int]


def blocks_inside(size: Size, roi: Roi, all_grids: Sequence[Grid]) -> list[list[int]]:
    return [touched_blocks(roi, size, size, stride, grid) for stride, grid in zip(STRIDES, all_grids, strict=True)]


def random_roi(size: tuple[int, int], rng: random.Random) -> Roi:
    left, top = rng.randrange(size[0]), rng.randrange(size[1])
    return left, top, rng.randint(1, size[0] - left), rng.randint(1, size[1] - top)


def blocks_of(kept: EncodedTokens, family: Family, all_grids: tuple[Grid, ...]) -> set[tuple[int, int]]:
    """(scale, block) of a payload, which must be a good one."""
    decoded = decode_tokens(Section(2, 129, kept.payload), family, all_grids)
    assert decoded.problem is None
    return {(scale, block) for scale, blocks in decoded.steps for block in blocks}


@settings(max_examples=20)
@given(size=st.sampled_from(SIZES), seed=st.integers(0, 10**6), eighths=st.integers(1, 8))
def test_a_stream_cut_to_a_region_is_good_within_its_bytes_and_has_no_fewer_blocks_of_it(
    family: Family, size: tuple[int, int], seed: int, eighths: int
) -> None:
    rng = random.Random(seed)
    all_grids, digits = grids(Size(*size), STRIDES, BLOCKS), random_digits(size, seed)
    steps = random_steps(all_grids, rng)
    max_bytes = max(1, len(encode_tokens(digits, steps, family, all_grids).payload) * eighths // 8)
    inside = blocks_inside(Size(*size), random_roi(size, rng), all_grids)
    kept = keep_region(digits, steps, family, all_grids, max_bytes, inside)
    assert len(kept.payload) <= max(max_bytes, 1)
    found = blocks_of(kept, family, all_grids)
    assert found <= {(scale, block) for scale, blocks in steps for block in blocks}
    assert len(found) == kept.num_blocks
    decoded = decode_tokens(Section(2, 129, kept.payload), family, all_grids)
    assert tokens_that_differ(decoded, digits) == 0
    plain = blocks_of(keep_first(digits, steps, family, all_grids, max_bytes), family, all_grids)
    of_region = {(scale, block) for scale, blocks in enumerate(inside) for block in blocks}
    assert len(found & of_region) >= len(plain & of_region)


@settings(max_examples=40)
@given(size=st.sampled_from(SIZES), seed=st.integers(0, 10**6), num_whole=st.integers(1, 5))
def test_the_new_order_has_the_same_blocks_and_parents_come_first(
    size: tuple[int, int], seed: int, num_whole: int
) -> None:
    rng = random.Random(seed)
    all_grids = grids(Size(*size), STRIDES, BLOCKS)
    steps = random_steps(all_grids, rng)
    wanted = [set(blocks) for blocks in blocks_inside(Size(*size), random_roi(size, rng), all_grids)]
    order = region_first(steps, wanted, num_whole)
    flat = [(scale, block) for scale, blocks in order for block in blocks]
    assert sorted(flat) == sorted((scale, block) for scale, blocks in steps for block in blocks)
    part = [0 if scale < num_whole else 1 if block in wanted[scale] else 2 for scale, block in flat]
    assert part == sorted(part)
    sent = Sent(all_grids)
    for scale, blocks in order:
        assert set(blocks) <= set(sent.candidates(scale)) and blocks == sorted(blocks)
        for block in blocks:
            sent.add(scale, block)


def test_a_stream_of_many_steps_is_sent_scale_by_scale_where_there_would_be_too_many(family: Family) -> None:
    size = Size(1024, 512)
    all_grids, digits = grids(size, STRIDES, BLOCKS), random_digits((1024, 512), 1)
    whole: list[Step] = [(scale, list(range(grid.num_blocks))) for scale, grid in enumerate(all_grids[:3])]
    finer = [(3, list(range(at, 128, 32))) for at in range(32)]
    inside = blocks_inside(size, (0, 0, 1024, 256), all_grids)
    steps = [*whole, *finer, *((4, list(range(at, 512, 29))) for at in range(29))]
    assert len(steps) == MAX_STEPS
    order = region_first(steps, [set(blocks) for blocks in inside], 1)
    assert len(order) <= MAX_STEPS
    kept = keep_region(digits, steps, family, all_grids, 3000, inside)
    assert blocks_of(kept, family, all_grids)


def test_whole_scales_come_first_as_far_as_half_of_the_bytes_holds_them(family: Family) -> None:
    size = Size(512, 512)
    all_grids, digits = grids(size, STRIDES, BLOCKS), random_digits((512, 512), 3)
    steps: list[Step] = [(scale, list(range(grid.num_blocks))) for scale, grid in enumerate(all_grids)]
    sizes = [len(encode_tokens(digits, steps[:n], family, all_grids).payload) for n in range(1, 6)]
    inside = blocks_inside(size, (0, 0, 64, 64), all_grids)
    of_region = {(scale, block) for scale, blocks in enumerate(inside) for block in blocks}
    found = blocks_of(keep_region(digits, steps, family, all_grids, 2 * sizes[1], inside), family, all_grids)
    assert {scale for scale, _ in found - of_region} <= {0, 1, 2}
    assert {block for scale, block in found if scale == 1} == set(range(all_grids[1].num_blocks))
    assert of_region <= found


@pytest.mark.parametrize("max_bytes", [200, 900])
def test_a_region_that_is_the_whole_picture_keeps_the_first_blocks(family: Family, max_bytes: int) -> None:
    size = (300, 200)
    all_grids, digits = grids(Size(*size), STRIDES, BLOCKS), random_digits(size, 2)
    steps = random_steps(all_grids, random.Random(5))
    everything = [np.arange(grid.num_blocks).tolist() for grid in all_grids]
    plain = keep_first(digits, steps, family, all_grids, max_bytes)
    assert keep_region(digits, steps, family, all_grids, max_bytes, everything).num_blocks == plain.num_blocks
