"""Blocks and parents."""

from __future__ import annotations

from semcodec.layers.tokens.grid import Sent, grids
from semcodec.types import Size

STRIDES, BLOCKS = (128, 64, 32, 16, 8), (1, 1, 2, 4, 4)


def test_a_kodak_picture_has_the_documented_tokens() -> None:
    all_grids = grids(Size(768, 512), STRIDES, BLOCKS)
    assert [(g.num_rows, g.num_cols) for g in all_grids] == [(4, 6), (8, 12), (16, 24), (32, 48), (64, 96)]
    assert [g.num_blocks for g in all_grids] == [24, 96, 96, 96, 384]


def test_a_picture_of_one_pixel_has_one_token_a_scale() -> None:
    assert all((g.num_rows, g.num_cols, g.num_blocks) == (1, 1, 1) for g in grids(Size(1, 1), STRIDES, BLOCKS))


def test_the_blocks_of_a_scale_hold_every_token_once() -> None:
    grid = grids(Size(203, 97), STRIDES, BLOCKS)[4]
    tokens = [token for block in range(grid.num_blocks) for token in grid.tokens_of(block)]
    assert sorted(tokens) == [(row, col) for row in range(grid.num_rows) for col in range(grid.num_cols)]


def test_a_block_may_be_sent_once_all_its_parents_are() -> None:
    all_grids = grids(Size(256, 256), STRIDES, BLOCKS)
    sent = Sent(all_grids)
    assert sent.candidates(0) == [0, 1, 2, 3] and sent.candidates(1) == []
    sent.add(0, 1)  # the top right token: its four children are the top right quarter
    assert sent.candidates(0) == [0, 2, 3]
    assert sent.candidates(1) == [2, 3, 6, 7]
    for block in (2, 3, 6):
        sent.add(1, block)
    assert sent.candidates(2) == [2, 3, 6]  # blocks of 2x2 tokens, one for each token of scale 1
    for block in (2, 3, 6):
        sent.add(2, block)
    assert sent.candidates(3) == [2, 3, 6]
