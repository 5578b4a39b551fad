"""The Python doors, on real photographs and the embedded networks."""

from __future__ import annotations

import contextlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import semcodec
from semcodec.container.decode import read_file
from semcodec.container.encode import write_file
from semcodec.errors import (
    BudgetError,
    DamagedInputWarning,
    FormatError,
    LimitError,
    NoPictureError,
    NotSemcError,
    TruncatedError,
    UnknownFamilyError,
)
from semcodec.ids import FAMILY_NAMES, LayerId, Origin
from semcodec.layers.tokens.family import find_family
from semcodec.models import DEFAULT_FAMILY
from semcodec.painters.stub import StubPainter
from semcodec.types import FileHeader, Section, Size, Words

CAPTION = "Two macaws, one red, one blue and yellow."


@pytest.fixture(scope="module")
def photo(photo_path: Path) -> Image.Image:
    return Image.open(photo_path).convert("RGB")


@pytest.fixture(scope="module")
def small(photo: Image.Image) -> Image.Image:
    return photo.resize((240, 160))


@pytest.fixture(scope="module")
def kilobyte(photo: Image.Image) -> bytes:
    return semcodec.encode(photo, bytes=1000, caption=CAPTION, language="en").data


@pytest.mark.parametrize("budget", [100, 137, 340, 1000, 2500, 3200])
def test_a_budget_is_a_ceiling_and_at_least_95_percent_used(photo: Image.Image, budget: int) -> None:
    encoded = semcodec.encode(photo, bytes=budget)
    assert 0.95 * budget <= len(encoded.data) <= budget


def test_bytes_by_layer_and_framing_add_up_to_the_file(kilobyte: bytes, photo: Image.Image) -> None:
    encoded = semcodec.encode(photo, bytes=1000, caption=CAPTION, language="en")
    assert encoded.data == kilobyte  # the same file every time
    assert list(encoded.bytes_by_layer) == ["text", "tokens"]
    assert len(encoded.data) - sum(encoded.bytes_by_layer.values()) == 12


def test_a_picture_comes_back_at_its_size_and_looks_like_itself(kilobyte: bytes, photo: Image.Image) -> None:
    picture_HWC = semcodec.decode(kilobyte)
    assert picture_HWC.shape == (512, 768, 3) and picture_HWC.dtype == np.uint8
    error = np.mean((picture_HWC.astype(float) - np.asarray(photo, dtype=float)) ** 2)
    assert 10 * np.log10(255**2 / error) > 20


def test_more_bytes_give_a_nearer_picture(photo: Image.Image) -> None:
    errors = []
    for budget in (60, 340, 1500, 5000):
        picture_HWC = semcodec.decode(semcodec.encode(photo, bytes=budget).data).astype(float)
        errors.append(np.mean((picture_HWC - np.asarray(photo, dtype=float)) ** 2))
    assert errors == sorted(errors, reverse=True)


@pytest.mark.parametrize("size", [(1, 1), (7, 300), (129, 65), (1000, 3)])
def test_any_size_comes_back(small: Image.Image, size: tuple[int, int]) -> None:
    encoded = semcodec.encode(small.resize(size), bytes=200)
    assert semcodec.decode(encoded.data).shape == (size[1], size[0], 3)


def test_a_large_photo_at_a_small_budget_is_coded_small(photo: Image.Image) -> None:
    encoded = semcodec.encode(photo.resize((3000, 2000)), bytes=340)
    about = semcodec.info(encoded.data)
    assert about.size == Size(3000, 2000)
    assert about.working.width_px < 1000
    assert 0.95 * 340 <= len(encoded.data) <= 340
    assert semcodec.decode(encoded.data).shape == (2000, 3000, 3)


def test_quality_is_monotone_in_bytes_and_bpp_is_kept(small: Image.Image) -> None:
    sizes = [len(semcodec.encode(small, quality=q).data) for q in (0, 40, 50, 75, 100)]
    assert sizes == sorted(sizes) and len(set(sizes)) == 5
    assert len(semcodec.encode(small).data) == sizes[2]
    assert len(semcodec.encode(small, bpp=0.1).data) <= 240 * 160 * 0.1 / 8


def test_too_small_a_budget_names_the_least_one_and_that_one_works(small: Image.Image) -> None:
    with pytest.raises(BudgetError, match="the least for this picture is") as caught:
        semcodec.encode(small, bytes=20, caption=CAPTION)
    least = caught.value.least_bytes
    assert len(semcodec.encode(small, bytes=least, caption=CAPTION).data) <= least
    with pytest.raises(BudgetError):
        semcodec.encode(small, bytes=least - 1, caption=CAPTION)


def test_higher_effort_still_keeps_the_budget(small: Image.Image) -> None:
    assert len(semcodec.encode(small, bytes=300, effort=8).data) <= 300


@pytest.mark.parametrize(
    "wrong", [{"bytes": 100, "bpp": 0.1}, {"quality": 101}, {"bpp": 0.0}, {"effort": 0}, {"origin": "cat"}]
)
def test_wishes_that_cannot_be_meant_are_refused(small: Image.Image, wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        semcodec.encode(small, **wrong)  # type: ignore[arg-type]


def test_words_and_info_need_no_picture_and_no_known_family(kilobyte: bytes) -> None:
    assert semcodec.read_words(kilobyte) == Words(CAPTION, "en", Origin.HUMAN)
    about = semcodec.info(kilobyte)
    assert (about.size, about.num_bytes, about.family) == (Size(768, 512), len(kilobyte), FAMILY_NAMES[DEFAULT_FAMILY])
    foreign = kilobyte.replace(bytes([0x82, DEFAULT_FAMILY]), b"\x82\xfa", 1)  # the tokens' head, family 250
    assert foreign != kilobyte
    assert semcodec.read_words(foreign) == Words(CAPTION, "en", Origin.HUMAN)
    assert "family 250 is unknown" in semcodec.info(foreign).warnings[0]
    with pytest.raises(UnknownFamilyError, match="family 250"):
        semcodec.decode(foreign)
    shorter = semcodec.cut(foreign, bytes=500)
    assert len(shorter) == 500 and semcodec.read_words(shorter) == Words(CAPTION, "en", Origin.HUMAN)


def test_a_section_of_an_unknown_layer_is_skipped(kilobyte: bytes) -> None:
    header, sections, _ = read_file(kilobyte, semcodec.Limits())
    extended = write_file(header, [sections[0], Section(33, 7, b"from the future"), sections[1]])
    assert np.array_equal(semcodec.decode(extended), semcodec.decode(kilobyte))


def test_tokens_are_integers_of_every_scale_with_missing_marked(kilobyte: bytes) -> None:
    pyramid = semcodec.tokens(kilobyte)
    family, (width, height) = find_family(DEFAULT_FAMILY), (pyramid.working.width_px, pyramid.working.height_px)
    levels = family.levels
    assert [d.shape[:2] for d in pyramid.digits] == [(-(-height // s), -(-width // s)) for s in family.strides]
    assert [d.shape[2] for d in pyramid.digits] == list(map(len, levels))
    assert all(d.dtype == np.uint8 for d in pyramid.digits)
    assert (pyramid.digits[0] < max(levels[0])).all() and (pyramid.digits[4] == 255).any()


def test_a_cut_file_is_whole_and_the_same_as_its_first_blocks(kilobyte: bytes) -> None:
    full = semcodec.tokens(kilobyte)
    for budget in (900, 400, 120, 60):
        shorter = semcodec.cut(kilobyte, bytes=budget)
        assert budget - 26 <= len(shorter) <= budget
        assert semcodec.read(shorter).problems == ()
        for mine, theirs in zip(semcodec.tokens(shorter).digits, full.digits, strict=True):
            assert np.array_equal(mine[mine != 255], theirs[mine != 255])
    words_only = semcodec.cut(kilobyte, bytes=26)
    assert semcodec.read_words(words_only) == Words(CAPTION, "en", Origin.HUMAN)
    with pytest.raises(NoPictureError, match="no picture data"):
        semcodec.decode(words_only, invent=False)
    with pytest.raises(BudgetError, match="the least for this file"):
        semcodec.cut(kilobyte, bytes=12)


def test_the_least_size_that_a_cut_names_is_one_that_works(small: Image.Image) -> None:
    data = semcodec.encode(small, bytes=200).data
    with pytest.raises(BudgetError) as caught:
        semcodec.cut(data, bytes=9)
    least = caught.value.least_bytes
    assert len(semcodec.cut(data, bytes=least)) <= least
    with pytest.raises(BudgetError):
        semcodec.cut(data, bytes=least - 1)


def test_cutting_to_more_than_a_file_has_leaves_it_alone(kilobyte: bytes) -> None:
    assert semcodec.cut(kilobyte, bytes=5000) == kilobyte


@pytest.mark.filterwarnings("ignore::semcodec.errors.DamagedInputWarning")
def test_every_prefix_is_a_picture_or_a_reason(small: Image.Image) -> None:
    data = semcodec.encode(small, bytes=160, caption=CAPTION, language="en").data
    pictures = 0
    for length in range(len(data)):
        try:
            pictures += semcodec.decode(data[:length], painter=StubPainter()).shape == (160, 240, 3)
        except (NotSemcError, TruncatedError) as reason:
            assert length < 40 and str(reason)
    assert pictures > len(data) - 40


def test_a_truncated_file_says_so_and_still_shows_what_it_has(kilobyte: bytes) -> None:
    with pytest.warns(DamagedInputWarning, match="ends inside the token stream"):
        assert semcodec.decode(kilobyte[:700]).shape == (512, 768, 3)
    with pytest.raises(TruncatedError):
        semcodec.tokens(kilobyte[:700])


def test_flipped_bits_never_pass_as_a_good_file(kilobyte: bytes) -> None:
    rng = np.random.default_rng(0)
    unnoticed = 0
    for _ in range(60):
        at = int(rng.integers(7, len(kilobyte)))
        flipped = kilobyte[:at] + bytes([kilobyte[at] ^ 1 << int(rng.integers(8))]) + kilobyte[at + 1 :]
        with contextlib.suppress(FormatError, LimitError):
            unnoticed += semcodec.read(flipped).problems == ()
    assert unnoticed <= 1


def test_the_stub_paints_words_alone() -> None:
    from semcodec.types import Scene

    image_HWC = semcodec.render(Scene(Size(5, 4), Words("a red boat")), painter=StubPainter())
    assert image_HWC.shape == (4, 5, 3) and len(np.unique(image_HWC.reshape(-1, 3), axis=0)) == 1


def test_a_file_of_sections_that_nobody_knows_has_no_picture() -> None:
    with pytest.raises(NoPictureError):
        semcodec.decode(write_file(FileHeader(Size(9, 9)), [Section(60, 1, b"?")]))
    assert semcodec.read_words(write_file(FileHeader(Size(9, 9)), [Section(LayerId.TOKENS, 250, b"?")])) is None


def test_a_painting_tells_all_that_is_known_of_a_picture(photo: Image.Image) -> None:
    data = semcodec.encode(photo, bytes=600, caption="two macaws").data
    painting = semcodec.paint(data)
    assert np.array_equal(painting.image_HWC, semcodec.decode(data)) and painting.warnings == ()
    told = painting.provenance
    assert told.packets is None and 0 < told.num_bytes < 600 and told.parts_RK.any()
    packets = semcodec.split(data, mtu=100)
    joined = semcodec.paint(semcodec.join(packets[:-2]).reading)
    assert joined.provenance.packets == (len(packets) - 2, len(packets))
    assert (joined.provenance.parts_RK == 0).sum() < (told.parts_RK == 0).sum()
    assert [type(warning).__name__ for warning in semcodec.paint(data[:-50]).warnings] == ["DamagedInputWarning"]


def test_two_sets_of_models_live_side_by_side(photo: Image.Image, debug_restorer: Path) -> None:
    data = semcodec.encode(photo, bytes=300).data
    plain = semcodec.Models(semcodec.ModelSettings(restorer=None))
    other = semcodec.Models(semcodec.ModelSettings(restorer=str(debug_restorer)))
    first, second = (semcodec.paint(data, models=models) for models in (plain, other))
    assert (first.provenance.restorer, second.provenance.restorer) == (None, debug_restorer.name)
    assert np.array_equal(semcodec.decode(data, models=plain), first.image_HWC)
    assert not np.array_equal(first.image_HWC, second.image_HWC)


def test_options_that_were_kept_encode_as_the_arguments_do(photo: Image.Image) -> None:
    options = semcodec.EncodeOptions(bytes=300, caption="two macaws")
    by_arguments = semcodec.encode(photo, bytes=300, caption="two macaws")
    assert semcodec.encode_with(photo, options=options).data == by_arguments.data
    with pytest.raises(TypeError, match=r"a semcodec\.EncodeOptions"):
        semcodec.encode_with(photo, options=semcodec.PaintOptions())
