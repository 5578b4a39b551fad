"""Regions through the doors: into a file with a picture, and out of it again whole, cut and in packets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import semcodec
from semcodec import Region, Regions, Scene
from semcodec.container.decode import read_file
from semcodec.errors import BudgetError, CaptionError
from semcodec.ids import LayerId, Origin
from semcodec.limits import DEFAULT_LIMITS
from semcodec.types import Words

CAPTION = "Two macaws in front of green leaves."
ITEMS = (
    Region(0, 0, 63, 63, "green leaves"),
    Region(2, 10, 30, 50, "red macaw"),
    Region(30, 9, 32, 44, "blue and yellow macaw"),
)
MACAWS = Regions(ITEMS, "en", Origin.MACHINE)


class Describer:
    """Says the same of every picture."""

    def extract(self, image_HWC: np.ndarray, scene: Scene) -> Scene:
        return replace(scene, words=Words(CAPTION, "en", Origin.MACHINE), regions=MACAWS)


@pytest.fixture(scope="module")
def picture(photo_path: Path) -> np.ndarray:
    with Image.open(photo_path) as photo:
        return np.asarray(photo.convert("RGB").resize((192, 128)))


@pytest.fixture(scope="module")
def data(picture: np.ndarray) -> bytes:
    return semcodec.encode(picture, bytes=300, caption=CAPTION, language="en", regions=MACAWS).data


def test_they_go_into_a_file_behind_the_words_and_count(data: bytes) -> None:
    assert len(data) <= 300
    _, sections, _ = read_file(data, DEFAULT_LIMITS)
    assert [section.layer for section in sections] == [LayerId.TEXT, LayerId.REGIONS, LayerId.TOKENS]
    reading = semcodec.read(data)
    assert reading.problems == ()
    assert reading.scene.regions == MACAWS
    found = semcodec.info(data)
    assert (found.regions, found.warnings) == (MACAWS, ())
    assert [layer.name for layer in found.layers] == ["text", "regions", "tokens"]


def test_they_come_on_top_of_a_wish_for_quality(picture: np.ndarray) -> None:
    without, with_regions = (
        semcodec.encode(picture, bpp=0.2, regions=regions).bytes_by_layer for regions in (None, MACAWS)
    )
    assert with_regions["tokens"] >= without["tokens"] - 8
    assert with_regions["regions"] > 0


def test_what_a_describer_finds_travels_too(picture: np.ndarray) -> None:
    scene = semcodec.read(semcodec.encode(picture, bytes=300, describer=Describer()).data).scene
    assert (scene.words, scene.regions) == (Words(CAPTION, "en", Origin.MACHINE), MACAWS)


def test_ones_own_regions_take_the_place_of_the_describers(picture: np.ndarray) -> None:
    mine = Regions(ITEMS[:1], "en")
    encoded = semcodec.encode(picture, bytes=300, describer=Describer(), regions=mine)
    assert semcodec.read(encoded.data).scene.regions == mine


def test_the_least_size_is_named_with_their_share(picture: np.ndarray) -> None:
    with pytest.raises(BudgetError, match=r"\d+ of them for the regions"):
        semcodec.encode(picture, bytes=30, caption=CAPTION, regions=MACAWS)


def test_what_cannot_be_stored_is_refused(picture: np.ndarray) -> None:
    with pytest.raises(CaptionError, match="ends outside of the picture"):
        semcodec.encode(picture, bytes=300, regions=Regions((Region(60, 0, 20, 1, "sea"),)))


def test_cutting_drops_them_only_where_they_leave_no_room(data: bytes) -> None:
    sizes = [layer.num_bytes for layer in semcodec.info(data).layers[:2]]
    shorter = semcodec.cut(data, bytes=len(data) - 40)
    assert semcodec.read(shorter).scene.regions == MACAWS
    shortest = semcodec.cut(data, bytes=13 + sizes[0])
    reading = semcodec.read(shortest)
    assert (reading.scene.regions, reading.problems) == (None, ())
    assert reading.scene.words is not None and reading.scene.words.text == CAPTION


def test_they_travel_in_packets(data: bytes) -> None:
    packets = semcodec.split(data, mtu=64)
    joined = semcodec.join(packets)
    assert joined.reading.scene.regions == MACAWS
    assert joined.reading.problems == ()


def test_words_that_are_not_whole_cost_the_regions_that_lean_on_them(data: bytes) -> None:
    header, sections, _ = read_file(data, DEFAULT_LIMITS)
    text, *others = sections
    from semcodec.container.encode import write_file

    cut = replace(text, payload=text.payload[:3], open_end=True)
    reading = semcodec.read(write_file(header, [cut, *others]))
    assert reading.scene.regions is None
    assert any("words of the file" in str(problem) for problem in reading.problems)
    assert reading.scene.tokens is not None
