"""A vector through the doors: into a file with a picture, and out of it again whole, cut and in packets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import semcodec
from semcodec.container.decode import read_file
from semcodec.errors import BudgetError, WeightsError
from semcodec.ids import LayerId
from semcodec.limits import DEFAULT_LIMITS
from semcodec.models import default_models
from semcodec.search.shown import vector_of
from semcodec.types import Region, Regions

CAPTION = "Two macaws."
PARTS = Regions((Region(2, 10, 30, 50, "red macaw"),), "en")


@pytest.fixture(scope="module")
def picture(photo_path: Path) -> np.ndarray:
    with Image.open(photo_path) as photo:
        return np.asarray(photo.convert("RGB").resize((192, 128)))


@pytest.fixture(scope="module")
def data(picture: np.ndarray) -> bytes:
    return semcodec.encode(
        picture, bytes=400, caption=CAPTION, language="en", regions=PARTS, vector=True, picture="tokens"
    ).data


def test_it_goes_into_a_file_behind_words_and_regions_and_counts(data: bytes) -> None:
    assert len(data) <= 400
    _, sections, _ = read_file(data, DEFAULT_LIMITS)
    assert [section.layer for section in sections] == [LayerId.TEXT, LayerId.REGIONS, LayerId.VECTOR, LayerId.TOKENS]
    assert sections[2].model == 1 and len(sections[2].payload) == 32
    found = semcodec.info(data)
    assert found.warnings == () and found.vector == semcodec.read(data).scene.vector is not None


def test_unasked_it_goes_in_where_it_is_little(picture: np.ndarray) -> None:
    for wish, num_bytes, is_there in ((False, 6000, False), (None, 6000, True), (None, 1000, False)):
        encoded = semcodec.encode(picture, bytes=num_bytes, vector=wish)
        assert ("vector" in encoded.bytes_by_layer) == is_there
    assert "vector" not in semcodec.encode(picture, profile="text", caption=CAPTION, vector=None).bytes_by_layer
    alone = semcodec.encode(picture, profile="text", caption=CAPTION, vector=True)
    assert alone.bytes_by_layer["vector"] == 32


def test_without_an_embedder_for_the_describer_only_a_wish_fails(picture: np.ndarray, root: Path) -> None:
    models = default_models().but(describer=str(root / "tests" / "data" / "words-debug"))
    assert "vector" not in semcodec.encode(picture, bytes=6000, vector=None, models=models).bytes_by_layer
    for wrong in (models, default_models().but(embedder=None), default_models().but(describer=None)):
        with pytest.raises(WeightsError):
            semcodec.encode(picture, bytes=6000, vector=True, models=wrong)


def test_the_least_size_is_named_with_its_share(picture: np.ndarray) -> None:
    with pytest.raises(BudgetError, match="32 of them for the vector"):
        semcodec.encode(picture, bytes=40, vector=True)


def test_it_comes_on_top_of_a_wish_for_quality(picture: np.ndarray) -> None:
    without, with_one = (
        semcodec.encode(picture, bpp=0.2, vector=wish, picture="tokens").bytes_by_layer for wish in (False, True)
    )
    assert with_one["tokens"] >= without["tokens"] - 8


def test_a_cut_drops_it_before_the_regions_and_only_where_no_block_has_room(data: bytes) -> None:
    whole = semcodec.read(data).scene
    sizes = sorted({len(semcodec.cut(data, bytes=most)) for most in range(40, 400, 12)})
    had = []
    for size in sizes:
        scene = semcodec.read(semcodec.cut(data, bytes=size)).scene
        assert scene.vector in (None, whole.vector) and scene.words == whole.words
        assert scene.vector is None or scene.regions == whole.regions
        had.append(scene.vector is not None)
    assert had == sorted(had) and len(set(had)) == 2


def test_packets_carry_it_and_lose_it_whole(data: bytes) -> None:
    packets = semcodec.split(data, mtu=60)
    assert semcodec.join(packets).reading.scene.vector == semcodec.read(data).scene.vector
    for lost in range(1, len(packets)):
        joined = semcodec.join([*packets[:lost], *packets[lost + 1 :]])
        assert joined.reading.scene.vector in (None, semcodec.read(data).scene.vector)
        assert joined.reading.scene.words is not None


def test_it_is_about_the_picture_whatever_its_size(data: bytes, photo_path: Path) -> None:
    mine, whole = semcodec.read(data).scene.vector, vector_of(photo_path.read_bytes(), name="kodim23.png")
    assert mine is not None
    numbers = [np.frombuffer(one.levels, np.uint8) - 7.5 for one in (mine, whole)]
    cosine = numbers[0] @ numbers[1] / np.linalg.norm(numbers[0]) / np.linalg.norm(numbers[1])
    assert cosine > 0.8
