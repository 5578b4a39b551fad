"""The embedded generator as a painter: from words, from words and anchors, whole or in part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from semcodec.contracts import Painter, PartPainter
from semcodec.errors import ModelError, NoPictureError
from semcodec.layers.tokens.family import find_family
from semcodec.layers.tokens.grid import Grid, grids
from semcodec.models import DEFAULT_FAMILY, default_models
from semcodec.nets.anchored import AnchoredNets
from semcodec.painters.anchored import AnchoredPainter, edge_cells
from semcodec.painters.stub import StubPainter
from semcodec.types import MISSING, Scene, Size, TokenPyramid, Words
from semcodec.zoo.catalog import package_at

SIZE = Size(300, 200)
WORDS = Words("a red dog on the beach")


def opened(folder: Path) -> AnchoredPainter:
    return AnchoredPainter(
        AnchoredNets(package_at(folder).files), default_models().decoder(DEFAULT_FAMILY), name="tiny-1"
    )


@pytest.fixture(scope="module")
def painter(tiny_generator: Path) -> AnchoredPainter:
    return opened(tiny_generator)


def some_tokens(working: Size, scales: int, *, rest: float = 0.0) -> TokenPyramid:
    """All tokens of the first scales, a share of the others."""
    family = find_family(DEFAULT_FAMILY)
    rng, digits = np.random.default_rng(1), []
    for scale, (grid, levels) in enumerate(
        zip(grids(working, family.strides, family.blocks), family.levels, strict=True)
    ):
        middle = np.array(levels) // 2
        mine = rng.integers(middle - 1, middle + 2, (grid.num_rows, grid.num_cols, len(levels))).astype(np.uint8)
        mine[rng.random(mine.shape[:2]) >= (1 if scale < scales else rest)] = MISSING
        digits.append(mine)
    return TokenPyramid(family.id, working, tuple(digits))


def test_it_satisfies_the_contracts(painter: AnchoredPainter) -> None:
    assert isinstance(painter, Painter) and isinstance(painter, PartPainter)
    assert not isinstance(StubPainter(), PartPainter)


def test_words_alone_are_painted_at_the_display_size(painter: AnchoredPainter) -> None:
    scene = Scene(SIZE, words=WORDS)
    first, again, other = painter.render(scene), painter.render(scene), painter.render(scene, seed=1)
    assert first.shape == (200, 300, 3) and first.dtype == np.uint8
    assert np.array_equal(first, again) and (first != other).any()
    assert painter.render(scene, size=Size(60, 40)).shape == (40, 60, 3)
    assert (painter.render(replace(scene, words=Words("the blue sea"))) != first).any()


@pytest.mark.parametrize(
    ("shown", "working"),
    [
        (Size(300, 200), Size(256, 171)),
        (Size(30, 20), Size(256, 171)),
        (Size(200, 6000), Size(9, 256)),
        (Size(1, 1000), Size(1, 256)),
        (Size(1, 1), Size(256, 256)),
    ],
)
def test_words_are_painted_in_the_shape_of_the_picture(painter: AnchoredPainter, shown: Size, working: Size) -> None:
    assert painter.complete(Scene(shown, words=WORDS)).working == working
    assert painter.render(Scene(shown, words=WORDS)).shape == (shown.height_px, shown.width_px, 3)


def test_sent_tokens_are_anchors_and_the_rest_is_drawn(painter: AnchoredPainter) -> None:
    tokens = some_tokens(SIZE, 2, rest=0.3)
    found = painter.complete(Scene(SIZE, words=WORDS, tokens=tokens))
    assert found.working == SIZE
    for stride, was, now in zip((128, 64, 32, 16, 8), tokens.digits, found.digits, strict=True):
        there = was[..., 0] != MISSING
        assert np.array_equal(now[there], was[there])
        assert (now[~there] != MISSING).all() if stride >= 16 else np.array_equal(was, now)
    assert painter.invents_down_to(Scene(SIZE, tokens=tokens)) == 16


def test_with_all_tokens_there_it_paints_as_the_decoder_does(painter: AnchoredPainter) -> None:
    scene = Scene(SIZE, words=WORDS, tokens=some_tokens(SIZE, 5))
    assert np.array_equal(painter.render(scene), default_models().token_painter(DEFAULT_FAMILY).render(scene))


def test_tokens_without_words_are_enough(painter: AnchoredPainter) -> None:
    assert painter.render(Scene(SIZE, tokens=some_tokens(SIZE, 1))).shape == (200, 300, 3)


def test_an_empty_pyramid_with_words_is_words_alone(painter: AnchoredPainter) -> None:
    empty = replace(some_tokens(SIZE, 0), working=SIZE)
    with_it = painter.render(Scene(SIZE, words=WORDS, tokens=empty))
    assert with_it.shape == (200, 300, 3)
    with pytest.raises(NoPictureError):
        painter.render(Scene(SIZE, tokens=empty))


def test_nothing_to_paint_from_and_tokens_of_other_networks_are_refused(painter: AnchoredPainter) -> None:
    with pytest.raises(NoPictureError):
        painter.render(Scene(SIZE))
    foreign = replace(some_tokens(SIZE, 1), family=250)
    assert not painter.can_paint(Scene(SIZE, tokens=foreign))
    with pytest.raises(ModelError, match="tokens are of 250: paint it with --no-invent"):
        painter.render(Scene(SIZE, tokens=foreign))


def test_a_generator_for_another_family_cannot_be_opened(make_generator: Callable[..., Path]) -> None:
    with pytest.raises(ModelError, match="is for token family 99"):
        opened(make_generator(family=99))


@pytest.mark.parametrize("scene", [Scene(SIZE, words=WORDS), Scene(SIZE, tokens=some_tokens(SIZE, 1, rest=0.2))])
@pytest.mark.parametrize("roi", [(0, 0, 300, 200), (10, 20, 50, 40), (250, 150, 50, 50), (299, 0, 1, 200)])
def test_a_part_has_the_pixels_of_the_whole(
    painter: AnchoredPainter, scene: Scene, roi: tuple[int, int, int, int]
) -> None:
    left, top, width, height = roi
    part = painter.render_part(scene, roi).astype(int)
    whole = painter.render(scene)[top : top + height, left : left + width]
    # (enlarging computes places in 32 bits, and rounds a pixel in ten thousand the other way)
    assert part.shape == whole.shape and np.abs(part - whole).max() <= (0 if scene.tokens is not None else 1)


def test_a_part_of_a_large_picture_is_completed_where_it_lies(make_generator: Callable[..., Path]) -> None:
    painter = opened(make_generator(window={"core": 8, "margin": 4}))
    scene = Scene(Size(1000, 300), words=WORDS, tokens=some_tokens(Size(1000, 300), 1))
    part = painter.render_part(scene, (700, 100, 90, 70))
    assert np.array_equal(part, painter.render(scene)[100:170, 700:790])


def test_edges_are_told_by_how_much_of_a_cell_they_fill() -> None:
    grid, working = Grid(2, 3, 1), Size(40, 24)
    assert not edge_cells(None, grid, working, 16).any()
    edges = np.zeros((48, 80), np.uint8)  # twice the working size
    edges[:32, :16] = 255
    cells = edge_cells(edges, grid, working, 16)
    assert cells.shape == (2, 2, 3)
    assert cells[0].tolist() == [[0.5, 0, 0], [0, 0, 0]] and (cells[1] == 1).all()
    assert edge_cells(edges[:1, :1], grid, working, 16)[0].tolist() == [[1, 1, 1], [1, 1, 1]]


def test_edges_are_told_in_parts_of_cells_row_by_row() -> None:
    grid, working = Grid(1, 2, 1), Size(24, 16)
    edges = np.zeros((16, 24), np.uint8)
    edges[8:, :8] = 255
    cells = edge_cells(edges, grid, working, 16, 2)
    assert cells.shape == (5, 1, 2)
    assert cells[:, 0, 0].tolist() == [0, 0, 1, 0, 1]
    assert cells[:, 0, 1].tolist() == [0, 0, 0, 0, 1]  # (half of it is beyond the picture)


def test_outlines_change_what_is_drawn(painter: AnchoredPainter) -> None:
    scene = Scene(SIZE, words=WORDS)
    edges = np.random.default_rng(0).integers(0, 2, (200, 300), dtype=np.uint8) * 255
    assert (painter.render(replace(scene, edges=edges)) != painter.render(scene)).any()
