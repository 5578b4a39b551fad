"""The doors with the restorer: every picture is finished by it unless that is forbidden, and no byte depends on it."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import semcodec
from semcodec.metadata.provenance import provenance
from semcodec.models import Models, default_models, models_by_default
from semcodec.options import PaintOptions
from semcodec.painters.base import BasePainter
from semcodec.painters.restored import RestoredPainter
from semcodec.painters.stub import StubPainter
from semcodec.painters.tokens import TokenPainter
from semcodec.painting import paint_reading
from semcodec.types import Size


@pytest.fixture(scope="module")
def photo(photo_path: Path) -> Image.Image:
    return Image.open(photo_path).convert("RGB").resize((192, 128))


@pytest.fixture(scope="module")
def file(photo: Image.Image) -> bytes:
    return semcodec.encode(photo, bytes=300, caption="two macaws").data


@pytest.fixture(scope="module")
def bare(file: bytes) -> np.ndarray:
    """As the file's own networks paint it."""
    scene = semcodec.read(file).scene
    assert scene.tokens is not None
    return default_models().token_painter(scene.tokens.family).render(scene)


def test_what_is_decoded_is_restored_unless_that_is_forbidden(
    file: bytes, bare: np.ndarray, embedded_restorer: str
) -> None:
    restored = semcodec.decode(file)
    assert restored.shape == bare.shape and not np.array_equal(restored, bare)
    assert np.array_equal(semcodec.decode(file, restore=False), bare)
    scene = semcodec.read(file).scene
    assert np.array_equal(semcodec.render(scene), restored)
    assert np.array_equal(semcodec.render(scene, restore=False), bare)


def test_a_build_without_a_restorer_shows_what_was_decoded(file: bytes, bare: np.ndarray) -> None:
    assert np.array_equal(semcodec.decode(file), bare)


@pytest.mark.parametrize("options", [{"effort": 7}, {"painter": "generator", "tries": 2}])
def test_another_restorer_changes_no_byte_of_a_file(
    photo: Image.Image,
    options: dict[str, object],
    embedded_restorer: str,
    tiny_generator: Path,
) -> None:
    if "painter" in options:
        options = {**options, "painter": semcodec.open_painter(str(tiny_generator))}

    def encoded() -> bytes:
        return semcodec.encode(photo, bytes=300, caption="two macaws", picture="tokens", **options).data

    with_one = encoded()
    with models_by_default(default_models().but(restorer=None)):
        assert encoded() == with_one


def test_the_encoder_never_opens_the_restorer(photo: Image.Image, monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(models: Models) -> None:
        raise AssertionError("the restorer was asked for")

    monkeypatch.setattr(Models, "restorer", opened)
    data = semcodec.encode(photo, bytes=300, effort=7).data
    semcodec.cut(data, bytes=200)
    with pytest.raises(AssertionError, match="asked for"):
        semcodec.decode(data)


def test_a_part_is_the_wholes(file: bytes, embedded_restorer: str) -> None:
    whole = semcodec.decode(file)
    part = semcodec.decode(file, roi=(50, 20, 90, 60))
    assert (part != whole[20:80, 50:140]).mean() < 0.002


def test_a_smaller_picture_is_the_restored_one_shrunk(file: bytes, bare: np.ndarray, embedded_restorer: str) -> None:
    small = semcodec.decode(file, size=Size(96, 64))
    assert small.shape == (64, 96, 3)
    assert not np.array_equal(small, semcodec.decode(file, size=Size(96, 64), restore=False))


def test_what_is_said_of_a_restored_picture(file: bytes, embedded_restorer: str) -> None:
    reading = semcodec.read(file)
    restored, as_decoded = (
        default_models().painter(reading.scene, PaintOptions(restore=restore)) for restore in (True, False)
    )
    assert isinstance(restored, RestoredPainter) and isinstance(as_decoded, TokenPainter)
    told = provenance(reading, restored)
    assert told.sentence.startswith("Painted by semcodec (nano-1), restored (restorer-debug): ")
    assert told.parts.startswith("painted by nano-1, restored by restorer-debug; sent of")
    assert "restored" not in provenance(reading, as_decoded).sentence
    assert told.num_painted == provenance(reading, as_decoded).num_painted


@pytest.mark.usefixtures("embedded_generator")
def test_what_is_invented_is_restored_too(file: bytes, embedded_restorer: str) -> None:
    reading = semcodec.read(file)
    told = paint_reading(reading, PaintOptions(invent=True)).provenance
    assert (told.painter, told.restorer, told.drawn_down_to) == ("tiny-1", "restorer-debug", 16)
    invented = semcodec.decode(file, invent=True)
    assert not np.array_equal(invented, semcodec.decode(file, invent=True, restore=False))


@pytest.mark.usefixtures("embedded_generator")
def test_an_impression_of_words_alone_is_not_restored(photo: Image.Image, embedded_restorer: str) -> None:
    data = semcodec.encode(photo, profile="text", caption="two macaws").data
    assert np.array_equal(semcodec.decode(data), semcodec.decode(data, restore=False))
    reading = semcodec.read(data)
    assert paint_reading(reading, PaintOptions()).provenance.restorer is None


def test_a_base_picture_is_restored_too(photo: Image.Image, embedded_restorer: str) -> None:
    data = semcodec.encode(photo, bytes=400, picture="base").data
    scene = semcodec.read(data).scene
    assert scene.base is not None
    restored, enlarged = semcodec.decode(data), semcodec.decode(data, restore=False)
    assert restored.shape == enlarged.shape and not np.array_equal(restored, enlarged)
    assert np.array_equal(enlarged, BasePainter().render(scene))
    told = paint_reading(semcodec.read(data), PaintOptions()).provenance
    assert told.sentence.startswith("Painted by semcodec (av1), restored (restorer-debug): enlarged from a picture of ")
    assert told.is_invented and told.parts.endswith(", restored by restorer-debug")
    part = semcodec.decode(data, roi=(50, 20, 90, 60))
    assert (part != restored[20:80, 50:140]).mean() < 0.002


def test_what_somebody_elses_painter_paints_is_left_alone(file: bytes, embedded_restorer: str) -> None:
    painted = semcodec.decode(file, painter=StubPainter())
    assert np.array_equal(painted, StubPainter().render(semcodec.read(file).scene))


def test_each_picture_of_an_arriving_file_is_restored(file: bytes, embedded_restorer: str) -> None:
    first, *_, last = semcodec.decode_progressive(file[at : at + 60] for at in range(0, len(file), 60))
    assert np.array_equal(last, semcodec.decode(file)) and not np.array_equal(first, last)
    *_, last = semcodec.decode_progressive(file, restore=False)
    assert np.array_equal(last, semcodec.decode(file, restore=False))


def test_joined_packets_are_restored_as_their_file_is(file: bytes, embedded_restorer: str) -> None:
    joined = semcodec.join(semcodec.split(file, mtu=100))
    scene = joined.reading.scene
    assert scene.tokens is not None and abs(scene.tokens.num_bytes - 290) < 30
    off = semcodec.render(scene).astype(int) - semcodec.decode(file)
    assert np.abs(off).max() <= 2


def test_pillow_shows_and_tells_it(file: bytes, embedded_restorer: str) -> None:
    import semcodec.pillow_plugin

    with Image.open(io.BytesIO(file)) as picture:
        assert np.array_equal(np.asarray(picture), semcodec.decode(file))
        assert "restored (restorer-debug)" in picture.info["comment"]


def test_the_shipped_restorer_finishes_a_file_of_the_first_family(
    file: bytes, bare: np.ndarray, shipped_restorer: str
) -> None:
    restored = semcodec.decode(file)
    # (it is no other picture)
    assert 0 < np.abs(restored.astype(int) - bare).mean() < 12
    told = paint_reading(semcodec.read(file), PaintOptions()).provenance
    assert told.restorer == shipped_restorer
