"""Maps for ControlNets, and the colours that the file settles."""

from __future__ import annotations

import numpy as np

from semcodec.hub.painters.keep import keep_coarse
from semcodec.hub.painters.maps import MAPS, edge_map, tile_map, trace_edges
from semcodec.pictures import resized
from semcodec.types import Scene, Size

from .conftest import mean_change

NOTHING = Scene(Size(64, 48))


def box_picture() -> np.ndarray:
    picture = np.full((48, 64, 3), 40, np.uint8)
    picture[12:36, 16:48] = 200
    return picture


def test_outlines_of_a_box_are_traced_where_they_are():
    edges = trace_edges(box_picture())
    assert edges.shape == (48, 64)
    assert set(np.unique(edges)) == {0, 255}
    rows, cols = np.nonzero(edges)
    assert set(cols[(rows > 16) & (rows < 32)]) <= {14, 15, 16, 17, 46, 47, 48, 49}
    assert (edges[20:30] > 0).any(axis=1).all()


def test_a_flat_picture_has_no_outlines():
    assert not trace_edges(np.full((20, 20, 3), 90, np.uint8)).any()


def test_edges_of_the_scene_come_before_traced_ones():
    given = np.zeros((48, 64), np.uint8)
    given[:, 30] = 255
    scene = Scene(Size(64, 48), edges=given)
    from_scene = edge_map(scene, box_picture(), Size(64, 48))
    assert np.array_equal(from_scene[:, :, 0], given)
    assert not np.array_equal(edge_map(NOTHING, box_picture(), Size(64, 48)), from_scene)


def test_maps_have_the_canvas_size_and_are_absent_where_nothing_shows_them():
    for draw in MAPS.values():
        assert draw(NOTHING, box_picture(), Size(128, 96)).shape == (96, 128, 3)
        assert draw(NOTHING, None, Size(128, 96)) is None
    assert np.array_equal(tile_map(NOTHING, box_picture(), Size(64, 48)), box_picture())


def test_a_painting_keeps_its_detail_and_takes_the_coarse_colours(photo_HWC: np.ndarray):
    drifted = np.clip(photo_HWC.astype(int) + np.array([40, -30, 20]), 0, 255).astype(np.uint8)
    soft = resized(resized(photo_HWC, Size(20, 15)), Size(160, 120))
    kept = keep_coarse(drifted, soft, 8.0)
    assert mean_change(kept, photo_HWC) < mean_change(drifted, photo_HWC) / 3
    assert mean_change(kept, photo_HWC) < mean_change(soft, photo_HWC)


def test_a_file_that_settles_every_pixel_leaves_nothing_to_paint(photo_HWC: np.ndarray):
    assert np.array_equal(keep_coarse(np.zeros_like(photo_HWC), photo_HWC, 1.0), photo_HWC)
