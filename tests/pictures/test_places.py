from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from semcodec.pictures import region_within
from semcodec.types import Region

edges = st.floats(-2, 3, allow_nan=False)


def test_edges_go_to_the_nearest_64ths() -> None:
    assert region_within(0.1, 0.2, 0.5, 1.0, "dog") == Region(6, 13, 25, 50, "dog")
    assert region_within(0, 0, 1, 1, "sea") == Region(0, 0, 63, 63, "sea")


@given(edges, edges, edges, edges)
def test_a_box_is_inside_and_never_empty_whatever_the_edges_are(left: float, top: float, right: float, bottom: float):
    region = region_within(left, top, right, bottom, "x")
    assert 0 <= region.x <= region.x + region.w <= 63
    assert 0 <= region.y <= region.y + region.h <= 63
