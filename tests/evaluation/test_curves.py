from __future__ import annotations

from xml.etree import ElementTree

import pytest

from semcodec.evaluation.report.curves import Curve, draw_curves, nice_steps


@pytest.mark.parametrize(
    ("low", "high", "steps"),
    [(0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1.0]), (18.2, 24.9, [18, 20, 22, 24, 26]), (0.31, 0.34, [0.31, 0.32, 0.33, 0.34])],
)
def test_axis_steps_are_round_and_cover_the_values(low, high, steps):
    found = nice_steps(low, high)
    assert found[0] <= low + 1e-9
    assert found[-1] >= high - 1e-9
    assert 3 <= len(found) <= 8
    assert found == pytest.approx(steps)


def test_all_values_equal_still_have_an_axis():
    assert len(nice_steps(3.0, 3.0)) >= 2


def test_the_drawing_is_well_formed_and_names_every_curve():
    curves = [
        Curve("vvc", "VVC <&>", ((100, 20.0, 19, 21), (1000, 25.0, 24, 26))),
        Curve("semcodec", "semcodec", ((100, 21.0, 20, 22), (1000, 24.0, 23, 25)), band=True),
        Curve("thumbhash", "ThumbHash", ((21, 15.0, 14, 16),)),
        Curve("jpeg", "JPEG", ()),
    ]
    svg = draw_curves(curves, ticks=(100, 1000), digits=2, label="PSNR", axis="bytes")
    tree = ElementTree.fromstring(svg)
    texts = {element.text for element in tree.iter("text")}
    assert texts >= {"VVC <&>", "semcodec", "ThumbHash", "100", "1k"}
    assert "JPEG" not in texts
    assert len(list(tree.iter("polygon"))) == 1
