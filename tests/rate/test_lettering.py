"""Drawings, maps, screenshots and text are noticed, photographs not; and from how many bytes on letters can be read."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

import semcodec
from semcodec.rate.lettering import lettering_in, note_on_lettering


@pytest.fixture(scope="module")
def benchmark(root: Path) -> ModuleType:
    """`benchmarks/lettering.py`."""
    sys.path.insert(0, str(root / "benchmarks"))
    try:
        return importlib.import_module("lettering")
    finally:
        del sys.path[0]


@pytest.fixture(scope="module")
def drawn(benchmark: ModuleType) -> dict[str, Callable[[np.random.Generator], Image.Image]]:
    return dict(sys.modules["drawings"].DRAWN)


def page(font_px: int, width: int = 768, height: int = 512) -> np.ndarray:
    image = Image.new("RGB", (width, height), "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(font_px)
    for top in range(20, height - 2 * font_px, round(1.4 * font_px)):
        draw.text((20, top), "the harbour lies by the old bridge of the town " * 9, font=font, fill="black")
    return np.asarray(image)


@pytest.mark.parametrize("kind", ["page", "dark page", "screenshot", "map", "chart", "line art"])
def test_what_is_drawn_is_noticed(drawn: dict[str, Callable], kind: str) -> None:
    assert lettering_in(np.asarray(drawn[kind](np.random.default_rng(5)))) is not None


def test_photographs_and_what_has_no_edges_are_not(photo_path: Path, other_photo_path: Path) -> None:
    for path in (photo_path, other_photo_path):
        with Image.open(path) as photo:
            assert lettering_in(np.asarray(photo)) is None
            assert lettering_in(np.asarray(photo.resize((2304, 1536)))) is None
    slope = np.broadcast_to(np.arange(256, dtype=np.uint8)[None, :, None], (200, 256, 3))
    noise = np.random.default_rng(1).integers(0, 256, (200, 300, 3), np.uint8)
    for image_HWC in (np.zeros((100, 100, 3), np.uint8), slope, noise, noise[:5, :5]):
        assert lettering_in(image_HWC) is None


def test_letters_are_about_as_high_as_they_are_drawn() -> None:
    for font_px in (12, 16, 24, 32, 48):
        found = lettering_in(page(font_px))
        assert found is not None and 0.55 * font_px <= found.height_px <= 1.1 * font_px
        assert 0.3 < found.cover < 0.9


def test_smaller_letters_and_more_of_them_need_more_bytes() -> None:
    found = [lettering_in(page(font_px)) for font_px in (12, 16, 24, 32, 48)]
    least = [one.least_bytes(768, 512) for one in found if one is not None]
    assert len(least) == 5 and sorted(least, reverse=True) == least and least[0] > 8 * least[-1]
    sparse_HWC = page(16)
    sparse_HWC = np.where(np.arange(512)[:, None, None] > 100, np.uint8(255), sparse_HWC)
    few = lettering_in(sparse_HWC)
    assert few is not None and few.least_bytes(768, 512) < least[1] / 2


def test_a_large_picture_is_looked_at_in_parts_and_found_the_same() -> None:
    large_HWC = page(32, 3000, 2000)
    found = lettering_in(large_HWC)
    whole = lettering_in(large_HWC[:700, :1400])
    assert found is not None and whole is not None and abs(found.height_px - whole.height_px) <= 4
    assert 0.5 < found.least_bytes(3000, 2000) / (whole.least_bytes(1400, 700) * 3000 * 2000 / (1400 * 700)) < 2


def test_it_is_said_where_there_are_too_few_bytes_and_only_there(photo_path: Path) -> None:
    image_HWC = page(16)
    found = lettering_in(image_HWC)
    assert found is not None
    least = found.least_bytes(768, 512)
    said = note_on_lettering(image_HWC, least - 1)
    assert (
        said is not None and f"below about {round(least, -3):,} bytes" in said and f"{found.height_px} pixels" in said
    )
    assert note_on_lettering(image_HWC, least) is None
    notes = semcodec.encode(image_HWC, bytes=600).notes
    assert [note for note in notes if "lettering" in note] == [said]
    assert semcodec.encode(image_HWC, profile="text", caption="a page").notes == ()
    with Image.open(photo_path) as photo:
        assert semcodec.encode(photo.resize((192, 128)), bytes=200).notes == ()


def test_the_results_say_what_the_rule_claims(root: Path, benchmark: ModuleType) -> None:
    results = json.loads((root / "benchmarks" / "results" / "lettering.json").read_text())
    hits, count = map(int, results["drawings_noticed"]["all"]["drawings"].split(" of "))
    assert hits / count > 0.8
    photographs = results["photographs"]
    assert photographs["data/kodak"] == {"pictures": 24, "noticed": []}
    for row in results["legibility"]:
        assert 0.5 <= row["rule"] / row["readable_from_bytes"] <= 2, row
        width, height = map(int, row["size"].split("x"))
        page_now = benchmark.Page.of(width, height, row["font_px"], row["written"])
        found = lettering_in(np.asarray(page_now.image))
        assert found is not None and found.least_bytes(width, height) == row["rule"]
        assert len(page_now.cells) == row["letters"]
