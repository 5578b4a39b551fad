"""Which kinds plain sentences name, what pictures show of them, and how far their witnesses are believed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from semcodec_train.describer.data import Box, Photo, held_out_files
from semcodec_train.describer.kinds import (
    Named,
    fitted_kinds,
    is_there,
    logistic,
    named_kinds,
    persons_seen,
    with_article,
)

MANIFESTS = Path(__file__).parents[3] / "benchmarks" / "manifests"
KINDS = {kind.say: kind for kind in named_kinds()}


def _there(say: str, photo: Photo) -> bool | None:
    said = {word.strip(".").lower() for text in photo.captions for word in text.split()}
    return is_there(KINDS[say], photo, said)


def test_things_have_the_article_that_english_gives_them() -> None:
    names = ("dog", "umbrella", "bus", "skis", "broccoli", "tennis racket", "glass")
    assert ", ".join(map(with_article, names)) == "a dog, an umbrella, a bus, skis, broccoli, a tennis racket, a glass"


def test_no_word_belongs_to_two_kinds_but_for_people_bikes_and_what_is_part_of_another() -> None:
    found: dict[str, list[str]] = {}
    for kind in KINDS.values():
        for word in kind.words:
            found.setdefault(word, []).append(kind.say)
    twice = {tuple(sorted(says)) for says in found.values() if len(says) > 1}
    assert twice <= {("a person", "people"), ("a bicycle", "a bike"), ("a bike", "a motorcycle")}


def test_a_caption_tells_of_a_kind_by_any_of_its_words() -> None:
    photo = Photo("train/1.webp", "flickr8k", ("Two puppies and a man.",))
    assert _there("a dog", photo) and _there("a person", photo)
    assert _there("people", photo) is False and _there("a cat", photo) is False


def test_boxes_tell_of_cocos_kinds_alone_and_people_are_several() -> None:
    photo = Photo("train/1.webp", "coco", boxes=(Box("person", (0, 0, 1, 1)),))
    assert _there("a person", photo) and _there("people", photo) is False
    assert _there("a spider", photo) is None


def test_a_class_tells_of_things_and_an_animals_that_no_person_is_there() -> None:
    dog = Photo("train/1.webp", "imagenet", label="husky", things=("dog", "husky", "animal"))
    assert _there("a dog", dog) and _there("a cat", dog) is False and _there("a person", dog) is False
    cup = Photo("train/2.webp", "imagenet", label="cup", things=("cup",))
    assert _there("a person", cup) is None
    spider = Photo("train/3.webp", "imagenet", label="tarantula", rare_names=("scorpion",))
    assert _there("a scorpion", spider)


def test_of_pictures_that_were_looked_at_it_is_known_whether_persons_are_there_but_not_how_many() -> None:
    seen = persons_seen()
    someone, nobody = (next(file for file, there in seen.items() if there is wanted) for wanted in (True, False))
    assert _there("a person", Photo(someone, "bsds")) and _there("people", Photo(someone, "bsds")) is None
    assert _there("a person", Photo(nobody, "bsds")) is False and _there("people", Photo(nobody, "bsds")) is False
    assert _there("a dog", Photo(nobody, "bsds")) is None
    assert _there("a person", Photo("train/1.webp", "bsds")) is None


def test_none_of_those_is_a_picture_for_figures() -> None:
    seen = persons_seen()
    assert (len(seen), sum(seen.values())) == (850, 176)
    assert all(file.startswith("train/") for file in seen)
    assert not held_out_files(*(MANIFESTS / f"describer-{name}.json" for name in ("test", "objects"))) & set(seen)


def test_the_fit_believes_a_witness_as_far_as_it_was_right() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(4000, 2))
    true = rng.random(4000) < 1 / (1 + np.exp(-(2 * x[:, 0] - 1)))
    first, second, one = logistic(x, true.astype(float))
    assert first == pytest.approx(2, abs=0.2) and abs(second) < 0.15 and one == pytest.approx(-1, abs=0.15)


def test_kinds_are_fitted_on_what_is_known_and_nothing_is_likely_without_examples() -> None:
    photos = [Photo(f"train/{at}.webp", "flickr8k", ("A dog." if at % 2 else "A cup.",)) for at in range(40)]
    words = np.where(np.arange(40) % 2, 1.0, -3.0)[:, None] + np.random.default_rng(0).normal(size=(40, 1))
    told = np.concatenate([words, np.full((40, 1000), 1e-3)], 1)
    kinds, fits, names = fitted_kinds(["dog"], told, photos)
    dog = next(kind for kind in kinds if kind.say == "a dog")
    assert dog.words == (0,) and (151, 268) in dog.classes and dog.fit == tuple(fits["both"]) and dog.fit[0] > 0
    assert len(names) == len(kinds) and "many" in names
    nothing, none, _ = fitted_kinds(["dog"], told, [Photo("train/1.webp", "food")] * 40)
    assert none["both"] == [0.0, 0.0, -10.0] and len(nothing) == len(kinds)


def test_places_are_not_kinds_of_things() -> None:
    assert all(isinstance(kind, Named) and kind.fit != "place" for kind in KINDS.values())
    assert not {"a beach", "snow", "a field"} & set(KINDS)
