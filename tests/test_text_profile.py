"""`profile="text"`: words are all that is sent."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

import semcodec
import semcodec.pillow_plugin
from semcodec.errors import BudgetError, CaptionError, WeightsError
from semcodec.extractors.words import WordsExtractor
from semcodec.ids import Origin
from semcodec.models import default_models, models_by_default
from semcodec.types import Region, Regions, Size, Words

CAPTION = "Two macaws, one red, one blue and yellow."
XMP = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'></x:xmpmeta>"
GUESSED = Words("A red cap on the wall.", "en", Origin.MACHINE)


def test_a_caption_and_the_size_are_all_there_is(red_HWC: np.ndarray) -> None:
    encoded = semcodec.encode(red_HWC, profile="text", caption=CAPTION, language="en")
    assert len(encoded.data) < 30 and set(encoded.bytes_by_layer) == {"text"}
    about = semcodec.info(encoded.data)
    assert (about.size, about.words, about.family, about.profile) == (Size(144, 96), Words(CAPTION, "en"), None, "text")
    assert semcodec.read(encoded.data).scene.tokens is None
    assert semcodec.info(semcodec.encode(red_HWC, bytes=100).data).profile == "anchor"


@pytest.mark.usefixtures("debug_describer")
def test_without_a_caption_the_describer_is_asked(red_HWC: np.ndarray) -> None:
    encoded = semcodec.encode(red_HWC, profile="text")
    assert semcodec.read_words(encoded.data) == GUESSED
    assert encoded.described.startswith('described: "A red cap') and encoded.notes == ()


@pytest.mark.usefixtures("debug_describer")
def test_what_it_is_not_sure_of_is_sent_all_the_same_and_said(grey_HWC: np.ndarray) -> None:
    encoded = semcodec.encode(grey_HWC, profile="text")
    words = semcodec.read_words(encoded.data)
    assert words is not None and words.origin is Origin.MACHINE
    (note,) = encoded.notes
    assert note.startswith("the words are a guess: ") and "wanted: 90%" in note


@pytest.mark.usefixtures("debug_describer")
def test_keywords_it_is_sure_of_go_before_a_caption_it_is_not(
    red_HWC: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    words_of = WordsExtractor.words

    def unsure_of_captions(self, features, *, task="caption", max_bits=None):  # type: ignore[no-untyped-def]
        guess = words_of(self, features, task=task, max_bits=max_bits)
        return guess if task == "keywords" else type(guess)(guess.said, 0.1, guess.threshold)

    monkeypatch.setattr(WordsExtractor, "words", unsure_of_captions)
    encoded = semcodec.encode(red_HWC, profile="text")
    words = semcodec.read_words(encoded.data)
    assert words is not None and words.text == "red, cap" and encoded.notes == ()


@pytest.mark.usefixtures("debug_describer")
def test_a_ceiling_is_kept_in_fewer_words_or_the_least_is_named(red_HWC: np.ndarray) -> None:
    longest = len(semcodec.encode(red_HWC, profile="text").data)
    for max_bytes in range(9, longest + 2):
        try:
            encoded = semcodec.encode(red_HWC, profile="text", bytes=max_bytes)
        except BudgetError as too_few:
            assert too_few.least_bytes > max_bytes
        else:
            assert len(encoded.data) <= max_bytes
    with pytest.raises(BudgetError, match="the least for these words is") as caught:
        semcodec.encode(red_HWC, profile="text", caption=CAPTION, bytes=12)
    least = caught.value.least_bytes
    assert len(semcodec.encode(red_HWC, profile="text", caption=CAPTION, bytes=least).data) == least


def test_words_are_needed_and_wishes_about_tokens_are_refused(red_HWC: np.ndarray) -> None:
    with pytest.raises(CaptionError):
        semcodec.encode(red_HWC, profile="text", caption="")
    for wish in ({"quality": 50}, {"bpp": 0.1}, {"regions": True}):
        with pytest.raises(ValueError, match="alone"):
            semcodec.encode(red_HWC, profile="text", caption=CAPTION, **wish)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="none of anchor, text"):
        semcodec.encode(red_HWC, profile="poem")


def test_without_a_describer_words_have_to_be_given(red_HWC: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    import semcodec

    with (
        models_by_default(default_models().but(describer=None)),
        pytest.raises(WeightsError, match="give the words yourself"),
    ):
        semcodec.encode(red_HWC, profile="text")


def test_what_is_given_beside_the_words_is_kept(red_HWC: np.ndarray) -> None:
    regions = Regions((Region(3, 4, 20, 20, "a cap"),), "en")
    encoded = semcodec.encode(
        red_HWC, profile="text", caption=CAPTION, language="en", regions=regions, boxed=True, xmp=XMP
    )
    assert set(encoded.bytes_by_layer) == {"text", "regions", "xmp"}
    assert semcodec.info(encoded.data).regions == regions
    assert semcodec.read_metadata(encoded.data).xmp == XMP


@pytest.mark.usefixtures("embedded_generator")
def test_pillow_saves_and_opens_words_alone(red_HWC: np.ndarray) -> None:
    out = io.BytesIO()
    Image.fromarray(red_HWC).save(out, "SEMC", profile="text", caption="a red dog")
    with Image.open(out) as image:
        assert image.info["words"].text == "a red dog" and image.size == (144, 96)
        image.load()
        assert "from its words alone" in image.info["comment"]
    assert np.array_equal(np.asarray(image), semcodec.decode(out.getvalue()))
