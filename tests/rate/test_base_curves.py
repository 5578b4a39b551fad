"""Which picture layer a budget gets, and how far a base is shrunk for it."""

from __future__ import annotations

import pytest

from semcodec.container.header import LAST_STEP, working_size
from semcodec.layers.base.obus import MAX_SIDE_PX
from semcodec.limits import DEFAULT_LIMITS
from semcodec.rate import base_curves
from semcodec.rate.base_curves import can_be_coded, picture_for, step_for_base
from semcodec.types import FileHeader, Size

KODAK = Size(768, 512)


def test_what_is_asked_for_is_sent() -> None:
    assert [picture_for(wish, KODAK, 10) for wish in ("tokens", "base")] == ["tokens", "base"]
    assert [picture_for(wish, KODAK, 9000) for wish in ("tokens", "base")] == ["tokens", "base"]


def test_auto_is_a_base_at_every_budget_where_one_may_fit() -> None:
    assert {picture_for("auto", KODAK, num_bytes) for num_bytes in range(60, 9000, 20)} == {"base"}


def test_auto_takes_the_layer_that_the_curves_put_nearer(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"bpp": 0.001, "tokens": 0.7, "base": 0.9}, {"bpp": 0.1, "tokens": 0.6, "base": 0.4}]
    monkeypatch.setattr(base_curves, "_curves", lambda: {"picture": {"rows": rows}})
    chosen = [picture_for("auto", KODAK, num_bytes) for num_bytes in range(0, 9000, 20)]
    assert chosen[0] == "tokens" and chosen[-1] == "base"
    assert sum(a != b for a, b in zip(chosen, chosen[1:], strict=False)) == 1


def test_the_choice_is_by_bits_per_shown_pixel() -> None:
    assert picture_for("auto", Size(192, 128), 100) == picture_for("auto", KODAK, 1600) == "base"


def test_the_more_bytes_the_less_it_is_shrunk() -> None:
    steps = [step_for_base(KODAK, num_bytes) for num_bytes in (0, 60, 340, 1000, 2000, 4000, 8000, 99999)]
    assert steps == sorted(steps, reverse=True)
    assert steps[-1] == 0 and steps[0] >= 8
    assert 6 <= steps[3] <= 8, "a kilobyte: a third or a quarter of the sides"


@pytest.mark.parametrize("size", [Size(20_000, 6000), Size(9000, 9000), Size(1 << 20, 100), Size(100, 8193)])
def test_large_pictures_are_shrunk_until_a_base_may_have_their_size(size: Size) -> None:
    step = step_for_base(size, 10_000_000)
    coded = working_size(FileHeader(size, step))
    assert max(coded.width_px, coded.height_px) <= MAX_SIDE_PX
    assert coded.width_px * coded.height_px <= DEFAULT_LIMITS.max_working_pixels
    assert step <= LAST_STEP and not can_be_coded(size, step - 1)


def test_between_rows_of_a_curve_it_is_a_straight_line_over_the_logarithm() -> None:
    rows = [{"bpp": 0.01, "ratio": 4.0}, {"bpp": 0.04, "ratio": 2.0}]
    found = [base_curves._at(rows, "ratio", bpp) for bpp in (0.001, 0.01, 0.02, 0.04, 1.0)]
    assert found == pytest.approx([4.0, 4.0, 3.0, 2.0, 2.0])
