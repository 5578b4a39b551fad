"""Tiny video pipelines film words, and what lies between pictures: all that a user can turn changes the film."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from semcodec import clips
from semcodec.contracts import VideoPainter
from semcodec.errors import ModelError
from semcodec.types import Size

from .conftest import HEIGHT, NUM_FRAMES, WIDTH

FROM_WORDS = ("ltx", "cogvideox", "wan", "animatediff")
FROM_A_PICTURE = ("ltx", "cogvideox-from-picture", "wan-from-picture")
SIZE, RATE = Size(WIDTH, HEIGHT), Fraction(24)


@pytest.fixture(scope="module")
def opened(tiny_video: Callable[[str], Path]) -> Callable[..., Any]:
    """Painters that film at the size of their tiny networks' pictures."""
    kept: dict[object, Any] = {}

    def get(family: str, **options: object) -> Any:
        key = family, tuple(options.items())
        if key not in kept:
            kept[key] = painter = clips.open_painter(tiny_video(family), **{"steps": 2, "device": "cpu"} | options)
            painter._pipeline.family = replace(painter._pipeline.family, native_px=64)
        return kept[key]

    return get


def film(painter: VideoPainter, prompt: str = "two macaws", num: int = NUM_FRAMES, **how: Any) -> np.ndarray:
    return np.stack(list(painter.film(prompt, SIZE, num, RATE, **how)))


def change(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(int) - other).mean())


@pytest.mark.parametrize("family", FROM_WORDS)
def test_words_are_filmed_at_the_size_and_length_that_are_asked_for(opened, family: str):
    painter = opened(family)
    assert isinstance(painter, VideoPainter)
    assert painter.films_from_words
    filmed = film(painter)
    assert filmed.shape == (NUM_FRAMES, HEIGHT, WIDTH, 3)
    assert filmed.dtype == np.uint8
    assert np.array_equal(film(painter), filmed), "the same seed films the same"
    assert change(film(painter, seed=1), filmed) > 0.5
    assert change(film(painter, "a red car"), filmed) > 0
    if family != "cogvideox":  # (whose random decoder shows the first frames alike)
        assert change(filmed[0], filmed[-1]) > 0.5, "it moves"


@pytest.mark.parametrize("family", FROM_A_PICTURE)
def test_a_film_goes_on_from_the_picture_that_it_is_given(opened, photo_HWC: np.ndarray, family: str):
    painter = opened(family)
    assert painter.films_from_a_picture
    filmed = film(painter, first_HWC=photo_HWC)
    assert filmed.shape == (NUM_FRAMES, HEIGHT, WIDTH, 3)
    assert change(film(painter, first_HWC=255 - photo_HWC), filmed) > 0.5


def test_one_that_can_be_told_the_last_picture_is(opened, photo_HWC: np.ndarray):
    painter = opened("wan-from-picture")
    filmed = film(painter, first_HWC=photo_HWC)
    assert change(film(painter, first_HWC=photo_HWC, last_HWC=255 - photo_HWC), filmed) > 0.1


def test_a_scene_longer_than_a_film_shows_it_more_slowly(opened):
    painter = opened("animatediff")  # 16 frames at 8 a second, at most
    slow = film(painter, num=97)  # four seconds
    assert len(slow) == 97
    steps = [change(before, after) for before, after in zip(slow, slow[1:], strict=False)]
    assert np.mean(steps[-8:]) > 0, "it moves to its end"


def test_steps_guidance_and_an_adapter_change_the_film(opened, tiny_video_lora: Path):
    filmed = film(opened("ltx"))
    for options in ({"steps": 3}, {"guidance": 9.0}, {"loras": (str(tiny_video_lora),)}):
        assert change(film(opened("ltx", **options)), filmed) > 0.01, options


def test_what_a_model_cannot_film_is_a_sentence(opened, photo_HWC: np.ndarray):
    with pytest.raises(ModelError, match="does not film on from a picture"):
        film(opened("wan"), first_HWC=photo_HWC)
    with pytest.raises(ModelError, match="does not film from words alone"):
        film(opened("wan-from-picture"))


def test_an_adapter_of_another_model_is_a_sentence(tiny_video, tiny_video_lora: Path):
    with pytest.raises(ModelError, match=r"do not fit|takes no LoRA"):
        clips.open_painter(tiny_video("animatediff"), loras=(str(tiny_video_lora),), device="cpu")


def test_options_of_stills_are_refused_by_what_films(tiny_video):
    with pytest.raises(ModelError, match="strength is about painters of stills"):
        clips.open_painter(tiny_video("ltx"), strength=0.5, device="cpu")


def test_a_clip_of_words_is_filmed_and_all_of_it_is_invented(opened, clip_bytes: bytes):
    shown = list(clips.decode(clip_bytes, mode="tt2v", painter=opened("ltx")).frames())
    assert [one.frame for one in shown] == list(range(NUM_FRAMES))
    assert {one.made for one in shown} == {clips.Made.INVENTED}
    other = list(clips.decode(clip_bytes, mode="tt2v", painter=opened("ltx"), seed=5).frames())
    assert change(shown[3].image_HWC, other[3].image_HWC) > 0.5


def test_what_lies_between_key_frames_is_filmed_and_they_stay_as_they_were_sent(opened, clip_bytes: bytes):
    plain = list(clips.decode(clip_bytes).frames())
    filmed = list(clips.decode(clip_bytes, painter=opened("ltx")).frames())
    assert [one.made for one in filmed[1:-1]] == [clips.Made.INVENTED] * (NUM_FRAMES - 2)
    for end in (0, -1):
        assert np.array_equal(filmed[end].image_HWC, plain[end].image_HWC)
        assert filmed[end].made == plain[end].made
    assert change(filmed[2].image_HWC, plain[2].image_HWC) > 1
    to_the_end = [change(one.image_HWC, plain[-1].image_HWC) for one in filmed]
    assert to_the_end[-2] < to_the_end[4], "it fades into the next key frame"


def test_a_painter_that_cannot_do_what_the_mode_asks_is_a_sentence(opened, clip_bytes: bytes):
    with pytest.raises(ModelError, match="films from words alone"):
        list(clips.decode(clip_bytes, painter=opened("wan")).frames())
    with pytest.raises(ModelError, match="films on from pictures"):
        list(clips.decode(clip_bytes, mode="tt2v", painter=opened("wan-from-picture")).frames())
