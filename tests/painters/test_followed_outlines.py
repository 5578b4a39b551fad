"""The embedded generator follows the outlines of a file."""

from __future__ import annotations

from functools import cache

import numpy as np

import semcodec
from semcodec.evaluation.measures.outlines import f_of_lines, lines_of
from semcodec.file.reading import read
from semcodec.models import default_models
from semcodec.options import PaintOptions
from semcodec.types import Size

SHOWN = Size(320, 240)


@cache
def image() -> np.ndarray:
    rows, cols = np.mgrid[: SHOWN.height_px, : SHOWN.width_px]
    is_disc = (rows - 120) ** 2 + (cols - 100) ** 2 < 60**2
    is_bar = (cols > 220) & (cols < 280) & (rows > 40) & (rows < 200)
    grey = np.where(is_disc, 220, np.where(is_bar, 160, 40))
    return np.repeat(grey[:, :, None], 3, axis=2).astype(np.uint8)


@cache
def sent() -> bytes:
    return semcodec.encode(image(), profile="text", caption="a ball beside a door", structure=150).data


def lines(image_HWC: np.ndarray) -> np.ndarray:
    return lines_of(default_models().outliner().find(image_HWC), 0.34)


def test_what_is_painted_from_words_and_outlines_has_these_outlines() -> None:
    there = lines(image())
    followed, ignored = (
        f_of_lines(lines(semcodec.decode(sent(), layers=layers)), there)
        for layers in (("semantic", "structure"), ("semantic",))
    )
    assert followed > ignored + 0.1


def test_behind_the_restorer_it_still_follows_them() -> None:
    data = semcodec.encode(image(), bytes=200, caption="a ball", structure=100, picture="tokens").data
    scene = read(data).scene
    painter = default_models().painter(scene, PaintOptions(invent=True))
    drawn = default_models().with_edges(scene, painter)
    assert drawn.edges is not None and drawn.edges.any()


def test_what_tokens_leave_open_is_drawn_along_the_outlines_before_them() -> None:
    data = semcodec.encode(image(), profile="scalable", bytes=330, caption="a ball beside a door").data
    assert {"text", "structure", "tokens"} == {layer.name for layer in semcodec.info(data).layers}
    whole, without = (
        semcodec.decode(data, invent=True, layers=layers)
        for layers in (("semantic", "structure", "signal"), ("semantic", "signal"))
    )
    assert (whole != without).any()


def test_seeds_are_chosen_with_the_outlines_that_the_receiver_has() -> None:
    """Of two seeds, by a distance that wants outlines followed."""
    seen = []

    def distance(_: np.ndarray, painted_HWC: np.ndarray) -> float:
        seen.append(painted_HWC)
        return float(len(seen))

    options = PaintOptions(invent=True)
    painter = default_models().painter(read(sent()).scene, options)
    data = semcodec.encode(
        image(), profile="text", caption="a ball beside a door", structure=150,
        painter=painter, tries=2, distance=distance,
    ).data  # fmt: skip
    assert np.array_equal(seen[0], semcodec.decode(data))
