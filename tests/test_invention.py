"""The doors with the embedded generator: what is painted from words, what is invented, and what never is."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import semcodec
from semcodec.container.decode import read_file
from semcodec.container.encode import write_file
from semcodec.errors import (
    DamagedInputWarning,
    ModelError,
    NoPictureError,
    OtherPainterWarning,
    RoiError,
    TruncatedError,
    UnknownFamilyError,
    WeightsError,
)
from semcodec.ids import LayerId
from semcodec.limits import DEFAULT_LIMITS
from semcodec.models import default_models
from semcodec.options import PaintOptions
from semcodec.painters.stub import StubPainter
from semcodec.painters.tokens import TokenPainter
from semcodec.painting import paint_reading
from semcodec.types import FileHeader, Scene, Section, Size

WORDS = "a red dog on the beach"


@pytest.fixture(scope="module")
def photo(photo_path: Path) -> Image.Image:
    return Image.open(photo_path).convert("RGB").resize((384, 256))


@pytest.fixture(scope="module")
def file(photo: Image.Image) -> bytes:
    return semcodec.encode(photo, bytes=300, caption=WORDS, language="en").data


@pytest.fixture(scope="module")
def words_only(photo: Image.Image) -> bytes:
    return semcodec.encode(photo, profile="text", caption=WORDS, language="en").data


# ---- words alone


@pytest.mark.usefixtures("embedded_generator")
def test_words_alone_are_painted_unless_it_is_forbidden(words_only: bytes) -> None:
    picture = semcodec.decode(words_only)
    assert picture.shape == (256, 384, 3)
    assert np.array_equal(picture, semcodec.decode(words_only, invent=True))
    assert np.array_equal(picture, semcodec.render(semcodec.read(words_only).scene))
    assert (picture != semcodec.decode(words_only, seed=1)).any()
    assert (picture != semcodec.decode(words_only, fast=True)).any()
    with pytest.raises(NoPictureError, match="no picture data"):
        semcodec.decode(words_only, invent=False)


@pytest.mark.usefixtures("no_generator")
def test_a_build_without_a_generator_shows_no_words(words_only: bytes, file: bytes) -> None:
    with pytest.raises(NoPictureError, match="no picture data"):
        semcodec.decode(words_only)
    for data in (words_only, file):
        with pytest.raises(WeightsError, match="no generator is shipped"):
            semcodec.decode(data, invent=True)
    assert semcodec.decode(file).shape == (256, 384, 3)


def test_what_this_build_ships_paints_words(words_only: bytes) -> None:
    first, again = semcodec.decode(words_only, fast=True), semcodec.decode(words_only, fast=True)
    assert first.shape == (256, 384, 3) and np.array_equal(first, again) and first.std() > 5


@pytest.mark.usefixtures("embedded_generator")
def test_a_file_that_ends_before_its_tokens_is_painted_from_its_words(file: bytes) -> None:
    header, sections, _ = read_file(file, DEFAULT_LIMITS)
    begin = next(section.offset for section in sections if section.layer == LayerId.TOKENS)
    with pytest.warns(DamagedInputWarning, match="ends"):
        picture = semcodec.decode(file[:begin])
    words = [section for section in sections if section.layer == LayerId.TEXT]
    assert np.array_equal(picture, semcodec.decode(write_file(header, words)))
    with pytest.raises(TruncatedError):
        semcodec.decode(file[:begin], invent=False)


@pytest.mark.usefixtures("embedded_generator")
def test_tokens_of_unknown_networks_are_not_passed_over_in_silence(words_only: bytes) -> None:
    header, (words,), _ = read_file(words_only, DEFAULT_LIMITS)
    foreign = write_file(header, [words, Section(LayerId.TOKENS, 250, b"?")])
    with pytest.raises(UnknownFamilyError):
        semcodec.decode(foreign)
    with pytest.warns(DamagedInputWarning, match="family 250"):
        assert np.array_equal(semcodec.decode(foreign, invent=True), semcodec.decode(words_only))


@pytest.mark.usefixtures("embedded_generator")
def test_a_file_without_words_and_tokens_shows_nothing_even_so() -> None:
    nothing = write_file(FileHeader(Size(9, 9)), [Section(60, 1, b"?")])
    for invent in (None, True, False):
        with pytest.raises(NoPictureError):
            semcodec.decode(nothing, invent=invent)


# ---- anchors


@pytest.mark.usefixtures("embedded_generator")
def test_with_tokens_nothing_is_invented_unless_asked(file: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    filled, invented = semcodec.decode(file), semcodec.decode(file, invent=True)
    assert (filled != invented).any()
    assert np.array_equal(filled, semcodec.decode(file, seed=3))
    monkeypatch.setattr("semcodec.models.INVENT_BY_DEFAULT", True)
    assert np.array_equal(semcodec.decode(file), invented)
    assert np.array_equal(semcodec.decode(file, invent=False), filled)


def test_what_was_sent_is_what_is_painted(embedded_generator: str, file: bytes) -> None:
    reading = semcodec.read(file)
    painter = default_models().generator()
    assert painter.name == embedded_generator
    completed, sent = painter.complete(reading.scene), reading.scene.tokens
    assert sent is not None
    for mine, theirs in zip(completed.digits, sent.digits, strict=True):
        assert np.array_equal(mine[theirs != 255], theirs[theirs != 255])
    assert (sent.digits[3] == 255).any() and (completed.digits[3] != 255).all()


@pytest.mark.usefixtures("embedded_generator")
def test_a_generator_for_other_tokens_is_only_an_error_where_it_is_asked_for(
    file: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("semcodec.models.INVENT_BY_DEFAULT", True)
    monkeypatch.setattr("semcodec.painters.anchored.AnchoredPainter.can_paint", lambda self, scene: False)
    assert isinstance(default_models().painter(semcodec.read(file).scene, PaintOptions()), TokenPainter)
    pyramid = semcodec.tokens(file)
    foreign = Scene(Size(9, 9), tokens=type(pyramid)(250, pyramid.working, pyramid.digits))
    with pytest.raises(ModelError, match="of 250"):
        semcodec.render(foreign, invent=True)


def test_wishes_about_the_embedded_generator_exclude_another_painter(file: bytes) -> None:
    for wish in ({"invent": True}, {"invent": False}, {"fast": True}):
        with pytest.raises(ValueError, match="embedded generator"):
            semcodec.decode(file, painter=StubPainter(), **wish)  # type: ignore[arg-type]


# ---- a painter by its name or folder, whose seed can stand in a file


def test_a_generator_is_opened_by_its_name_and_by_its_folder(
    embedded_generator: str, tiny_generator: Path, words_only: bytes
) -> None:
    by_default = semcodec.decode(words_only)
    for reference in (embedded_generator, str(tiny_generator)):
        painter = semcodec.open_painter(reference)
        assert np.array_equal(semcodec.decode(words_only, painter=painter), by_default)


def test_the_seed_that_the_encoder_chose_is_taken_by_the_painter_it_tried(
    embedded_generator: str, photo: Image.Image
) -> None:
    painter = semcodec.open_painter(embedded_generator)
    encoded = semcodec.encode(photo, profile="text", caption=WORDS, painter=painter, tries=4)
    hint = semcodec.info(encoded.data).painter
    assert hint is not None and (hint.name, hint.num_tries) == (embedded_generator, 4)
    scene = semcodec.read(encoded.data).scene
    original = np.asarray(photo, dtype=float)
    errors = [np.square(painter.render(scene, seed=seed) - original).mean() for seed in range(4)]
    assert hint.seed == int(np.argmin(errors))
    assert np.array_equal(semcodec.decode(encoded.data), painter.render(scene, seed=hint.seed))


def test_a_file_made_for_the_first_generator_is_painted_by_it(photo: Image.Image) -> None:
    first = semcodec.open_painter("anchored-nano-1")
    encoded = semcodec.encode(photo, profile="text", caption=WORDS, language="en", painter=first, tries=2)
    reading = semcodec.read(encoded.data)
    painted = paint_reading(reading, PaintOptions())
    assert painted.other_painter is None and reading.scene.painter is not None
    seed = reading.scene.painter.seed
    assert np.array_equal(painted.image_HWC, first.render(reading.scene, seed=seed))
    by_newest = semcodec.open_painter("anchored-nano-2").render(reading.scene, seed=seed)
    assert (painted.image_HWC != by_newest).any()


def test_a_file_made_for_the_generator_says_how_to_paint_with_it(embedded_generator: str, photo: Image.Image) -> None:
    painter = semcodec.open_painter(embedded_generator)
    encoded = semcodec.encode(photo, bytes=200, painter=painter)
    with pytest.warns(OtherPainterWarning, match="painted by the embedded one without --invent"):
        semcodec.decode(encoded.data)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        semcodec.decode(encoded.data, invent=True)


@pytest.mark.usefixtures("embedded_generator")
def test_a_seed_for_another_painter_is_not_taken(photo: Image.Image) -> None:
    encoded = semcodec.encode(photo, profile="text", caption=WORDS, painter=StubPainter(), tries=2)
    with pytest.warns(OtherPainterWarning, match=r"painter stub; painted by tiny-1"):
        picture = semcodec.decode(encoded.data)
    assert np.array_equal(picture, semcodec.render(semcodec.read(encoded.data).scene, seed=0))


# ---- regions of interest


@pytest.mark.usefixtures("embedded_generator")
@pytest.mark.parametrize("invent", [False, True])
def test_a_region_has_the_pixels_of_the_whole(file: bytes, invent: bool) -> None:
    whole = semcodec.decode(file, invent=invent).astype(int)
    part = semcodec.decode(file, invent=invent, roi=(100, 50, 120, 80))
    assert part.shape == (80, 120, 3)
    assert np.abs(part - whole[50:130, 100:220]).max() <= 1
    over_the_edge = semcodec.decode(file, invent=invent, roi=(-5, 200, 30, 500))
    assert over_the_edge.shape == (56, 25, 3) and np.abs(over_the_edge - whole[200:, :25]).max() <= 1


def test_any_painter_can_be_asked_for_a_part(file: bytes) -> None:
    whole = semcodec.decode(file, painter=StubPainter())
    assert np.array_equal(semcodec.decode(file, painter=StubPainter(), roi=(9, 8, 7, 6)), whole[8:14, 9:16])


def test_a_region_counts_in_pixels_of_the_picture_that_comes_out(file: bytes) -> None:
    size = Size(96, 64)
    whole = semcodec.decode(file, size=size).astype(int)
    assert np.abs(semcodec.decode(file, size=size, roi=(10, 20, 30, 40)) - whole[20:60, 10:40]).max() <= 1


@pytest.mark.parametrize("roi", [(384, 0, 5, 5), (0, 0, 0, 5), (-9, -9, 9, 9)])
def test_a_region_that_shows_nothing_is_refused(file: bytes, roi: tuple[int, int, int, int]) -> None:
    with pytest.raises(RoiError):
        semcodec.decode(file, roi=roi)


def test_transparency_is_cut_to_the_region(photo: Image.Image) -> None:
    seen_through = photo.copy()
    seen_through.putalpha(Image.linear_gradient("L").resize(photo.size))
    data = semcodec.encode(seen_through, bytes=900, boxed=True).data
    whole = semcodec.decode(data, alpha=True)
    part = semcodec.decode(data, alpha=True, roi=(10, 100, 40, 30))
    assert part.shape == (30, 40, 4) and np.array_equal(part[..., 3], whole[100:130, 10:50, 3])


# ---- what is said of it


def test_the_picture_tells_what_was_invented(embedded_generator: str, file: bytes, words_only: bytes) -> None:
    reading = semcodec.read(file)
    by_decoder = paint_reading(reading, PaintOptions()).provenance
    by_generator = paint_reading(reading, PaintOptions(invent=True)).provenance
    assert by_generator.painter == embedded_generator and not by_generator.repainted
    assert by_generator.num_painted == by_decoder.num_painted > 0
    assert "(others drawn)" in by_generator.parts and "(others drawn)" not in by_decoder.parts
    reading = semcodec.read(words_only)
    from_words = paint_reading(reading, PaintOptions()).provenance
    assert from_words.sentence == (
        f"Painted by semcodec ({embedded_generator}) from its words alone: all that it shows is invented."
    )
    assert from_words.num_painted == from_words.num_blocks
