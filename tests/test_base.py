"""Files whose picture is a base: there and back, what a part of one gives, and machines without AVIF."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import semcodec
from semcodec import pillow_plugin
from semcodec.container.decode import read_file
from semcodec.container.encode import write_file
from semcodec.container.header import working_size
from semcodec.errors import BudgetError, DamagedInputWarning, MissingAvifError, NoPictureError, TruncatedError
from semcodec.ids import LayerId
from semcodec.options import PaintOptions
from semcodec.painters.stub import StubPainter
from semcodec.painting import paint_reading
from semcodec.pictures import av1
from semcodec.types import BasePicture, FileHeader, Section, Size

CAPTION = "two macaws"


@pytest.fixture(scope="module")
def photo(photo_path: Path) -> Image.Image:
    with Image.open(photo_path) as whole:
        return whole.convert("RGB").resize((384, 256))


@pytest.fixture(scope="module")
def data(photo: Image.Image) -> bytes:
    return semcodec.encode(photo, bytes=600, caption=CAPTION, picture="base").data


@pytest.fixture(scope="module")
def with_tokens(photo: Image.Image, data: bytes) -> bytes:
    """Words, tokens at the size of the base, and the base."""
    header, (words, base), _ = read_file(data, semcodec.Limits())
    size = working_size(header)
    small = photo.resize((size.width_px, size.height_px))
    of_tokens = semcodec.encode(small, bytes=150, picture="tokens").data
    tokens_header, (tokens,), _ = read_file(of_tokens, semcodec.Limits())
    return write_file(replace(header, step=header.step + tokens_header.step), [words, tokens, base])


@pytest.fixture
def no_avif(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Pillow without AVIF."""
    monkeypatch.setattr(av1, "has_avif", lambda: False)


def test_a_base_there_and_back_is_the_picture_in_at_most_so_many_bytes(photo: Image.Image, data: bytes) -> None:
    assert 0.93 * 600 < len(data) <= 600
    scene = semcodec.read(data).scene
    assert scene.base is not None and scene.tokens is None and scene.words is not None
    picture_HWC = semcodec.decode(data)
    assert picture_HWC.shape == (256, 384, 3)
    tokens_HWC = semcodec.decode(semcodec.encode(photo, bytes=600, caption=CAPTION, picture="tokens").data)
    errors = [np.abs(shown.astype(int) - np.asarray(photo)).mean() for shown in (picture_HWC, tokens_HWC)]
    assert errors[0] < 12
    assert len(set(errors)) == 2


def test_a_base_wins_over_tokens_beside_it_and_what_paints_says_so(data: bytes) -> None:
    reading = semcodec.read(data)
    told = paint_reading(reading, PaintOptions()).provenance
    assert told.painter == "av1"
    assert not told.is_invented
    assert f"from a picture of {reading.scene.base.coded} pixels" in told.sentence  # type: ignore[union-attr]
    assert "base picture" in told.parts


def test_a_base_is_chosen_where_one_fits_and_tokens_where_none_does(photo: Image.Image, measured_choice: None) -> None:
    few, many = (semcodec.encode(photo, bytes=num_bytes).bytes_by_layer for num_bytes in (24, 300))
    assert list(few) == ["tokens"] and list(many) == ["base"]


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (200, 3), (33, 17)])
def test_small_and_thin_pictures_have_bases_too(photo: Image.Image, size: tuple[int, int]) -> None:
    small = photo.resize(size)
    found = semcodec.encode(small, bytes=200, picture="base").data
    assert len(found) <= 200
    assert semcodec.decode(found).shape == (size[1], size[0], 3)


def test_too_few_bytes_are_refused_with_the_least(photo: Image.Image) -> None:
    with pytest.raises(BudgetError) as refusal:
        semcodec.encode(photo, bytes=20, picture="base")
    least = refusal.value.least_bytes
    assert 20 < least < 120
    assert len(semcodec.encode(photo, bytes=least, picture="base").data) <= least


def test_another_word_for_the_picture_is_refused(photo: Image.Image) -> None:
    with pytest.raises(ValueError, match="none of auto, tokens, base"):
        semcodec.encode(photo, picture="avif")


def test_boxes_stand_behind_a_base_and_words_before_it(photo: Image.Image) -> None:
    encoded = semcodec.encode(photo, bytes=700, caption=CAPTION, picture="base", boxed=True, xmp=b"<x:xmpmeta/>")
    assert list(encoded.bytes_by_layer) == ["text", "base", "xmp"]
    assert semcodec.read(encoded.data).metadata.xmp == b"<x:xmpmeta/>"


def test_no_prefix_shows_a_picture_and_all_have_the_words(data: bytes) -> None:
    for length in range(25, len(data), 37):
        reading = semcodec.read(data[:length])
        assert reading.scene.base is None
        assert reading.scene.words is not None and reading.scene.words.text == CAPTION
        assert isinstance(reading.problems[-1], TruncatedError)


def test_info_says_what_a_prefix_gives(data: bytes) -> None:
    found = semcodec.info(data)
    words, picture = found.prefixes
    assert (words.gives, picture.gives, picture.num_bytes) == ("words", "picture", len(data))
    assert semcodec.read_words(data[: words.num_bytes] + b"") is not None or words.num_bytes < 30
    assert found.profile == "anchor" and found.family is None
    assert found.working == semcodec.read(data).scene.base.coded  # type: ignore[union-attr]


def test_a_part_is_that_of_the_whole_and_there_is_nothing_to_invent(data: bytes) -> None:
    whole_HWC = semcodec.decode(data)
    part_HWC = semcodec.decode(data, roi=(50, 60, 40, 30)).astype(int)
    assert np.abs(part_HWC - whole_HWC[60:90, 50:90]).max() <= 1
    assert np.array_equal(semcodec.decode(data, invent=True), whole_HWC)


def test_while_it_arrives_nothing_shows_until_it_is_whole(data: bytes) -> None:
    pieces = (data[at : at + 20] for at in range(0, len(data), 20))
    (shown_HWC,) = semcodec.decode_progressive(pieces)
    assert np.array_equal(shown_HWC, semcodec.decode(data))


def test_while_it_arrives_its_tokens_show_first(with_tokens: bytes) -> None:
    pieces = (with_tokens[at : at + 20] for at in range(0, len(with_tokens), 20))
    shown = list(semcodec.decode_progressive(pieces))
    assert len(shown) >= 3
    assert np.array_equal(shown[-1], semcodec.decode(with_tokens))
    assert not np.array_equal(shown[-2], shown[-1])


def test_a_shorter_file_keeps_the_base_or_nothing_of_it(data: bytes) -> None:
    assert semcodec.cut(data, bytes=len(data)) == data
    shorter = semcodec.cut(data, bytes=len(data) - 1)
    scene = semcodec.read(shorter).scene
    assert scene.base is None and scene.words is not None and len(shorter) < 30
    alone = write_file(FileHeader(Size(384, 256), 8), [section for section in _sections(data) if section.layer == 4])
    with pytest.raises(BudgetError) as refusal:
        semcodec.cut(alone, bytes=len(alone) - 1)
    assert refusal.value.least_bytes == len(alone)


def test_a_shorter_file_has_the_tokens_where_there_are_some(with_tokens: bytes) -> None:
    without_tokens = semcodec.cut(with_tokens, bytes=len(with_tokens) - 40)
    assert semcodec.read(without_tokens).scene.base is not None, "the tokens go before the base does"
    shorter = semcodec.cut(with_tokens, bytes=120)
    scene = semcodec.read(shorter).scene
    assert scene.base is None and scene.tokens is not None and scene.words is not None
    assert len(shorter) <= 120


def test_packets_give_the_base_when_all_are_there_and_say_so_when_not(with_tokens: bytes) -> None:
    packets = semcodec.split(with_tokens, mtu=60)
    joined = semcodec.join(packets)
    assert joined.data == with_tokens and not joined.reading.problems
    lossy = semcodec.join(packets[:-1])
    assert lossy.reading.scene.base is None and lossy.reading.scene.tokens is not None
    assert any("base picture is not whole" in str(problem) for problem in lossy.reading.problems)


def test_damage_costs_the_base_alone(with_tokens: bytes) -> None:
    damaged = bytearray(with_tokens)
    damaged[-9] ^= 4
    with pytest.warns(DamagedInputWarning, match="base"):
        shown_HWC = semcodec.decode(bytes(damaged))
    assert shown_HWC.shape == (256, 384, 3)


def test_a_frame_that_is_none_costs_the_base_alone(with_tokens: bytes) -> None:
    header, (words, tokens, _), _ = read_file(with_tokens, semcodec.Limits())
    from semcodec.layers.base.encode import pack_base

    hostile = pack_base(BasePicture(working_size(header), 14, bytes(50)))
    with pytest.warns(DamagedInputWarning, match="cannot be decoded"):
        semcodec.decode(write_file(header, [words, tokens, hostile]))
    with pytest.raises(semcodec.SemcodecError, match="cannot be decoded"):
        semcodec.decode(write_file(header, [hostile]))


def test_an_unknown_coding_costs_the_base_alone(with_tokens: bytes) -> None:
    sections = [Section(s.layer, 9 if s.layer == LayerId.BASE else s.model, s.payload) for s in _sections(with_tokens)]
    header, _, _ = read_file(with_tokens, semcodec.Limits())
    with pytest.warns(DamagedInputWarning, match="base coding 9 is unknown"):
        semcodec.decode(write_file(header, sections))


def test_without_avif_tokens_are_sent_and_tokens_or_words_are_shown(
    photo: Image.Image, data: bytes, with_tokens: bytes, no_avif: None, measured_choice: None
) -> None:
    encoded = semcodec.encode(photo, bytes=600)
    assert list(encoded.bytes_by_layer) == ["tokens"]
    assert any("AVIF" in note for note in encoded.notes)
    with pytest.raises(MissingAvifError):
        semcodec.encode(photo, bytes=600, picture="base")
    with pytest.warns(DamagedInputWarning, match=r"Pillow 11\.3"):
        assert semcodec.decode(with_tokens).shape == (256, 384, 3)
    with pytest.warns(DamagedInputWarning, match=r"Pillow 11\.3"):
        assert semcodec.decode(data, painter=StubPainter()).shape == (256, 384, 3)


def test_without_avif_and_words_there_is_no_picture(data: bytes, no_avif: None) -> None:
    header, sections, _ = read_file(data, semcodec.Limits())
    with pytest.raises(MissingAvifError):
        semcodec.decode(write_file(header, sections[1:]))


def test_tokens_of_a_file_without_them_are_asked_for_in_vain(data: bytes) -> None:
    with pytest.raises(NoPictureError, match=r'bytes of AV1 \(a base\); encode the original with picture="tokens"'):
        semcodec.tokens(data)


def test_pillow_opens_and_saves_them(photo: Image.Image, data: bytes, measured_choice: None) -> None:
    with Image.open(io.BytesIO(data)) as image:
        assert isinstance(image, pillow_plugin.SemcImageFile)
        assert np.array_equal(np.asarray(image), semcodec.decode(data))
        assert "from a picture of" in image.info["comment"]
    written = io.BytesIO()
    photo.save(written, "SEMC", bytes=600, caption=CAPTION, picture="base")
    assert written.getvalue() == data


def _sections(data: bytes) -> tuple[Section, ...]:
    return read_file(data, semcodec.Limits())[1]
