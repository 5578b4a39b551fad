"""`encode` with the embedded describer: what somebody wrote comes first, then the picture, then a machine's words."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import semcodec
import semcodec.pillow_plugin
from semcodec.errors import BudgetError, ModelError
from semcodec.ids import Origin
from semcodec.types import Region, Regions, Words

pytestmark = pytest.mark.usefixtures("debug_describer")
A_BLOCK = 16  # bytes of the tokens of a block, about: a budget is used to the last block that fits
MACHINES = Words("A red cap on the wall.", "en", Origin.MACHINE)


def test_what_the_describer_is_sure_of_goes_into_the_file_as_a_machines(red_HWC: np.ndarray) -> None:
    encoded = semcodec.encode(red_HWC, bytes=300, describe=True)
    assert semcodec.read_words(encoded.data) == MACHINES
    assert encoded.described == 'described: "A red cap on the wall." (100% sure)'
    assert len(encoded.data) <= 300
    assert encoded.notes == ()


def test_what_it_is_not_sure_of_leaves_the_file_as_it_is_without_words(grey_HWC: np.ndarray) -> None:
    encoded = semcodec.encode(grey_HWC, bytes=300, describe=True)
    assert encoded.data == semcodec.encode(grey_HWC, bytes=300).data
    assert "wanted 90%" in encoded.described


def test_in_python_nothing_is_described_that_was_not_asked_for(red_HWC: np.ndarray) -> None:
    encoded = semcodec.encode(red_HWC, bytes=300)
    assert semcodec.read_words(encoded.data) is None
    assert encoded.described == ""


def test_a_caption_of_ones_own_is_taken_instead(red_HWC: np.ndarray) -> None:
    encoded = semcodec.encode(red_HWC, bytes=300, caption="grandma's cap", language="en", describe=True)
    assert semcodec.read_words(encoded.data) == Words("grandma's cap", "en")
    assert encoded.described == ""


@pytest.mark.parametrize("max_bytes", range(20, 120, 9))
def test_at_any_ceiling_the_picture_comes_first(photo_path: Path, max_bytes: int) -> None:
    with Image.open(photo_path) as photo:
        red = Image.blend(photo.convert("RGB").resize((96, 64)), Image.new("RGB", (96, 64), (255, 0, 0)), 0.8)
    try:
        plain = semcodec.encode(red, bytes=max_bytes)
    except BudgetError as too_few:
        with pytest.raises(BudgetError) as also:
            semcodec.encode(red, bytes=max_bytes, describe=True)
        assert also.value.least_bytes == too_few.least_bytes
        return
    described = semcodec.encode(red, bytes=max_bytes, describe=True)
    assert len(described.data) <= max_bytes
    assert described.bytes_by_layer["tokens"] >= plain.bytes_by_layer["tokens"] - max_bytes / 8 - A_BLOCK
    assert ("text" in described.bytes_by_layer) == described.described.startswith("described")


def test_where_the_rest_leaves_no_room_beside_the_picture_the_words_go(red_HWC: np.ndarray) -> None:
    letters = np.random.default_rng(0).integers(ord("a"), ord("z"), 900, dtype=np.uint8, endpoint=True).tobytes()
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + letters + b"</x:xmpmeta>"
    with pytest.raises(BudgetError) as too_few:
        semcodec.encode(red_HWC, bytes=100, boxed=True, xmp=xmp)
    least = too_few.value.least_bytes
    encoded = semcodec.encode(red_HWC, bytes=least, boxed=True, xmp=xmp, describe=True)
    assert len(encoded.data) <= least
    assert semcodec.read_words(encoded.data) is None
    assert encoded.described == "not described: beside the picture there is no room"
    with pytest.raises(BudgetError, match="for the words"):
        semcodec.encode(red_HWC, bytes=least, boxed=True, xmp=xmp, caption=MACHINES.text)


def test_with_quality_the_words_come_on_top_of_the_picture(red_HWC: np.ndarray) -> None:
    plain, described = (semcodec.encode(red_HWC, quality=95, describe=wanted) for wanted in (False, True))
    assert semcodec.read_words(described.data) == MACHINES
    assert described.bytes_by_layer["tokens"] >= plain.bytes_by_layer["tokens"] - 3


CAP, WALL = Region(40, 9, 23, 31, "cap"), Region(0, 1, 62, 61, "wall")


def test_regions_that_the_describer_is_sure_of_go_into_the_file_the_largest_first(
    red_HWC: np.ndarray, grey_HWC: np.ndarray
) -> None:
    scenes = [semcodec.read(semcodec.encode(some, bytes=300, regions=True).data).scene for some in (red_HWC, grey_HWC)]
    assert [scene.regions for scene in scenes] == [
        Regions((WALL, CAP), "en", Origin.MACHINE),
        Regions((WALL,), "en", Origin.MACHINE),
    ]
    assert all(scene.words is None for scene in scenes)


def test_regions_stand_beside_words_of_anybody(red_HWC: np.ndarray) -> None:
    for options, words in (({"describe": True}, MACHINES), ({"caption": "mine"}, Words("mine"))):
        scene = semcodec.read(semcodec.encode(red_HWC, bytes=300, regions=True, **options).data).scene
        assert scene.words == words
        assert scene.regions == Regions((WALL, CAP), "en", Origin.MACHINE)


@pytest.mark.parametrize("max_bytes", range(40, 200, 9))
def test_regions_take_at_most_a_quarter_and_a_note_says_if_none_fits(red_HWC: np.ndarray, max_bytes: int) -> None:
    encoded = semcodec.encode(red_HWC, bytes=max_bytes, regions=True)
    assert len(encoded.data) <= max_bytes
    regions = semcodec.read(encoded.data).scene.regions
    assert encoded.bytes_by_layer.get("regions", 0) <= max_bytes / 4
    assert encoded.notes == (() if regions is not None else ("no regions: beside the picture there is no room",))
    assert regions is None or regions.items in {(WALL,), (WALL, CAP)}


def test_describe_tells_what_encode_would_hold_back(red_HWC: np.ndarray, grey_HWC: np.ndarray) -> None:
    sure, unsure = (semcodec.describe(image_HWC).caption for image_HWC in (red_HWC, grey_HWC))
    assert sure is not None and sure.said == MACHINES and sure.is_sure
    assert unsure is not None and not unsure.is_sure
    everything = semcodec.describe(Image.fromarray(red_HWC), tasks=("caption", "keywords", "regions"))
    assert everything.keywords is not None and everything.keywords.said == Words("red, cap", "en", Origin.MACHINE)
    assert len(everything.regions) == 2
    with pytest.raises(ValueError, match="poem"):
        semcodec.describe(red_HWC, tasks=("poem",))


def test_a_describer_is_opened_by_its_name_or_its_folder(red_HWC: np.ndarray, debug_package: dict[str, Path]) -> None:
    for reference in ("words-debug", str(debug_package["words.json"].parent)):
        describer = semcodec.open_describer(reference, task="keywords")
        words = semcodec.read_words(semcodec.encode(red_HWC, bytes=300, describer=describer).data)
        assert words == Words("red, cap", "en", Origin.MACHINE)
    with pytest.raises(ModelError, match="English"):
        semcodec.open_describer("words-debug", language="de")


def test_pillow_describes_where_it_is_asked_to(red_HWC: np.ndarray) -> None:
    files = []
    for options in ({}, {"describe": True}, {"describe": True, "caption": "mine"}):
        out = io.BytesIO()
        Image.fromarray(red_HWC).save(out, "SEMC", bytes=300, **options)
        files.append(semcodec.read_words(out.getvalue()))
    assert files == [None, MACHINES, Words("mine")]
