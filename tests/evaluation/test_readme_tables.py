"""The README's tables, from made-up results of which every number is known."""

from __future__ import annotations

import json
from importlib import util

import pytest

from semcodec.evaluation.budgets import Unit
from semcodec.evaluation.measures.catalog import find_measure
from semcodec.evaluation.report.extract import differences_markdown, with_interval
from semcodec.evaluation.results import Line
from semcodec.evaluation.summary import Summary

PUBLISHED = {
    "protocols": {"A": "whole pictures"},
    "codecs": [
        {"name": "Far", "weights_M": 1087, "protocol": "A", "points": [[0.0001, 0.7, 0.4], [0.02, 0.2, 0.1]]},
        {"name": "Old", "weights_M": None, "protocol": "A", "chart": True, "points": [[0.04, 0.3, 0.25]]},
    ],
}


@pytest.fixture(scope="module")
def tables(root):
    spec = util.spec_from_file_location("readme_tables", root / "benchmarks" / "readme_tables.py")
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def summary(unit: Unit = Unit.BYTES) -> Summary:
    """Three pictures; semcodec at 0.01 and 0.04 bpp, WebP at the latter alone."""
    pictures, lines = ("one", "two", "three"), []
    for at, picture in enumerate(pictures):
        for codec, budget, bpp, value in (
            ("semcodec", 500, 0.01, 0.4),
            ("semcodec", 2000, 0.04, 0.2),
            ("webp", 2000, 0.04, 0.5),
        ):
            values = {"lpips": value + at / 100, "dists": value / 2, "mobilenet_top1": float(codec == "semcodec")}
            lines.append(Line(codec, picture, picture, "s", (budget,), (), 1, 1, budget, bpp, values))
    about = {
        "budgets": [500, 2000],
        "unit": unit,
        "pictures": [{"name": name, "sha256": name} for name in pictures],
        "codecs": [{"name": "semcodec", "title": "semcodec"}, {"name": "webp", "title": "WebP"}],
        "set": {"sha256": "set"},
    }
    return Summary(about, lines, [])


def test_every_codec_has_a_column_and_the_best_of_a_row_is_bold(tables):
    text = tables.equal_bytes(summary(), "lpips")
    assert "| 500 | **0.410** | – |" in text
    assert "| 2,000 | **0.210** | 0.510 |" in text


def test_what_is_missing_in_pixels_is_said_beside_the_best_peer(tables):
    whole = summary()
    lines = [line for own in whole.lines.values() for line in own]
    for line in lines:
        line.values["psnr_db"] = 22.0 if line.codec == "semcodec" else 23.5
    text = tables.in_pixels(Summary(whole.about, lines, []))
    assert "| PSNR (dB) | – | -1.50 (WebP) |" in text
    assert "VMAF" not in text  # it was not taken


def test_a_published_figure_stands_beside_semcodec_at_the_same_rate(tables):
    text = tables.beside_published(summary(), PUBLISHED)
    # Halfway between 0.01 and 0.04 in the logarithm, so halfway between 0.41 and 0.21.
    assert "| Far | 1,087 M | 983 | 0.200 | 0.100 | 0.310 | 0.150 | A |" in text
    assert "| Old | – | 1,966 | 0.300 | 0.250 | 0.210 | 0.100 | A, chart |" in text
    assert "0.700" not in text  # a rate that semcodec was not measured at
    assert "A: whole pictures" in text


def test_the_gain_on_a_peer_has_its_interval(tables):
    text = tables.differences(summary(Unit.MILLIBPP))
    assert "same top-1 class, 2 bpp" in text
    assert "**1.000** |" in text
    assert "0.000 [+1.000: +1.000 to +1.000]" in text
    assert "0.510 [+0.300: +0.300 to +0.300]" in text


def test_ratios_name_the_peer_and_are_of_distances_alone():
    text = differences_markdown(summary(), tuple(find_measure(name) for name in ("lpips", "mobilenet_top1")))
    assert "| LPIPS (Alex) | – | 0.41 (WebP) |" in text
    assert text.count("same top-1 class") == 1  # in the differences, not among the ratios


def test_a_peer_that_misses_pictures_is_compared_on_the_others(tables):
    whole = summary()
    lines = [line for own in whole.lines.values() for line in own]
    partial = Summary(whole.about, [x for x in lines if (x.codec, x.picture) != ("webp", "three")], [])
    assert with_interval(partial, find_measure("lpips"), 2000, "webp") == "0.505 on 2 [+0.300: +0.300 to +0.300]"
    assert with_interval(partial, find_measure("lpips"), 500, "webp") == "–"
    few = Summary(whole.about, [x for x in lines if x.codec == "semcodec" or x.picture == "one"], [])
    assert with_interval(few, find_measure("lpips"), 2000, "webp") == "–"


def test_the_published_figures_are_whole(tables):
    published = json.loads((tables.HERE / "published.json").read_text("utf-8"))
    for codec in published["codecs"]:
        assert codec["protocol"] in published["protocols"]
        rates = [point[0] for point in codec["points"]]
        assert rates == sorted(rates)
        for column in (1, 2):  # more bits, a smaller distance
            values = [point[column] for point in codec["points"]]
            assert values == sorted(values, reverse=True), codec["name"]
