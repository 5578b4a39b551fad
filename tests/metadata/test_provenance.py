"""How much of a picture was in its file: counted in blocks, said in a sentence."""

from __future__ import annotations

import numpy as np
import pytest

from semcodec.ids import FAMILY_NAMES
from semcodec.layers.tokens.family import find_family
from semcodec.layers.tokens.grid import grids
from semcodec.metadata.provenance import Provenance, provenance_of
from semcodec.types import MISSING, Scene, Size, TokenPyramid

SIZE = Size(300, 200)
FAMILY = next(iter(FAMILY_NAMES))


def pyramid(scales_there: int) -> TokenPyramid:
    family = find_family(FAMILY)
    all_grids = grids(SIZE, family.strides, family.blocks)
    digits = [
        np.full((grid.num_rows, grid.num_cols, len(levels)), 0 if scale < scales_there else MISSING, np.uint8)
        for scale, (grid, levels) in enumerate(zip(all_grids, family.levels, strict=True))
    ]
    return TokenPyramid(FAMILY, SIZE, tuple(digits))


def test_blocks_that_were_not_sent_are_counted_over_all_scales() -> None:
    family = find_family(FAMILY)
    counts = [grid.num_blocks for grid in grids(SIZE, family.strides, family.blocks)]
    for there in range(len(counts) + 1):
        found = provenance_of(Scene(SIZE, tokens=pyramid(there)))
        assert (found.num_blocks, found.num_painted) == (sum(counts), sum(counts[there:]))
        assert found.is_invented == (there < len(counts))
        assert found.painter == FAMILY_NAMES[FAMILY]


def test_a_block_with_one_token_missing_was_not_sent() -> None:
    tokens = pyramid(len(find_family(FAMILY).strides))
    tokens.digits[-1][-1, -1] = MISSING
    assert provenance_of(Scene(SIZE, tokens=tokens)).num_painted == 1


@pytest.mark.parametrize(
    ("blocks", "painted", "says"),
    [
        (1000, 1, "0.1 % of its blocks (1 of 1000)"),
        (100_000, 1, "0.1 % of its blocks (1 of 100000)"),
        (100_000, 99_999, "99.9 % of its blocks"),
        (4, 4, "100 % of its blocks (4 of 4)"),
        (696, 451, "64.8 % of its blocks"),
        (7, 0, "all of its 7 blocks were in the file"),
    ],
)
def test_the_sentence_never_rounds_some_to_none_or_to_all(blocks: int, painted: int, says: str) -> None:
    assert says in Provenance(blocks, painted, "nano").sentence


def test_words_alone_are_painted_wholly_and_another_painter_invents_in_any_case() -> None:
    from_words = provenance_of(Scene(SIZE), painter="a model")
    assert from_words.num_painted == from_words.num_blocks and "a model" in from_words.sentence
    repainted = provenance_of(Scene(SIZE, tokens=pyramid(99)), painter="a model")
    assert repainted.num_painted == 0 and repainted.is_invented
    assert "a generative model went over them" in repainted.sentence


def test_the_parts_name_each_scale_and_who_drew_the_rest() -> None:
    tokens = pyramid(2)
    tokens.digits[2][0, 0] = 0
    scene = Scene(SIZE, tokens=tokens)
    filled = provenance_of(scene).parts
    drawn = provenance_of(scene, "a generator", repainted=False, drawn_down_to=32)
    assert filled.startswith(f"painted by {FAMILY_NAMES[FAMILY]}; sent of the blocks at stride 128 all, 64 all, 32 ")
    assert filled.endswith("16 none, 8 none") and "drawn" not in filled
    assert drawn.parts.endswith("(others drawn), 16 none, 8 none") and not drawn.repainted
    assert drawn.by_stride == provenance_of(scene).by_stride


def test_words_alone_are_told_as_such() -> None:
    for scene in (Scene(SIZE), Scene(SIZE, tokens=pyramid(0))):
        found = provenance_of(scene, "a generator", repainted=False)
        assert found.from_words and found.is_invented and found.num_painted == found.num_blocks
        assert "from its words alone" in found.sentence and "from its words alone" in found.parts
    assert not provenance_of(Scene(SIZE, tokens=pyramid(1))).from_words
