"""Kinds of things that plain sentences name: their words, their classes, and how far these are to be believed.

A kind is one of COCO's 80, or a word that a class of ImageNet goes by, for one and for several. How far the detector
and the classes are believed is fitted by logistic regression on pictures of which it is known what they show, from
what detectors said that had not learned from them.

Shapes: N = pictures; K = kinds; O = log-odds of concepts, then chances of classes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.evaluation.measures.cider import words_of
from semcodec.nets.kinds import Kind, witnesses
from semcodec_train.describer.class_words import names_of_classes
from semcodec_train.describer.data import Photo
from semcodec_train.describer.objects import is_place, is_thing, labels_of_words, told_words

Floats = NDArray[np.float64]

ENOUGH, BESIDE = 0.75, 0.85
# Classes of ImageNet where persons are not so likely: animals, and buildings and landscapes.
_WITHOUT_PERSONS = (
    *range(398), 410, 425, 437, 449, 460, 483, 497, 500, 525, 536, 538, 562, 634, 649, 660, 663, 668, 682, 698, 716,
    718, 743, 821, 825, 832, 839, 858, 888, 900, 970, *range(972, 981),
)  # fmt: skip
# How a place is said behind what is there; others are near.
_ON = {"field": "in a field", "snow": "in snow", "forest": "in a forest", "woods": "in the woods"}
_ON |= {word: f"on {word}" for word in ("grass", "sand")}
_ON |= {word: f"on a {word}" for word in ("beach", "street", "road", "path", "stage")}
_UNCOUNTED = frozenset("food broccoli bread pasta corn chocolate hay beer coffee tea coral water wine fruit".split())
_UNSAID = frozenset("sky wave waves door window statue".split())  # of places: said of pictures that show more
# Words of classes that are said of other things as well, or name what no thing is.
_OTHERWISE = frozenset(
    "animal player yellow hot snow field fire beach ocean lake cliff mountain swimming rugby golf baseball basketball "
    "football soccer volleyball tennis pirate stage ice bubble rocks house store restaurant weights trash polar teddy "
    "meter traffic suit chain wall railing patio dock pier bakery barber horn uniform screen paddle shield vegetables "
    "diver fence sign pole bow ram crane seal swing mask player shirt jeans".split()
)


@dataclass(frozen=True, slots=True)
class Named:
    """A kind before it is fitted. `labels`: those of COCO that it is; none, if COCO does not know it."""

    say: str
    words: frozenset[str]
    labels: frozenset[str]
    fit: str  # which of the fits is its own


def named_kinds() -> list[Named]:
    """People, COCO's kinds, classes of ImageNet, places."""
    by_word = labels_of_words()
    labels: dict[str, set[str]] = {}
    for word, its in by_word.items():
        for label in its:
            labels.setdefault(label, set()).add(word)
    both = {"bike", "bikes"}  # bicycle or motorcycle
    found = [
        Named("people", frozenset(word for word in labels["person"] if _is_many(word)), frozenset(("person",)), "many"),
        Named("a person", frozenset(labels.pop("person")), frozenset(("person",)), "person"),
        Named("a bike", labels["bicycle"] | labels["motorcycle"], frozenset(("bicycle", "motorcycle")), "thing"),
    ]
    for label, words in sorted(labels.items()):
        own = words - both if label != "teddy bear" else words - {"bear", "bears"}
        found.append(Named(with_article(label), frozenset(own), frozenset((label,)), "thing"))
    known = {word for kind in found for word in kind.words} | both
    names = {word for words in names_of_classes() for word in words}
    for word in sorted(names - known - _OTHERWISE):
        if word.removesuffix("s") in names and word.endswith("s"):
            continue  # with those of one
        found.append(Named(with_article(word), frozenset((word, f"{word}s")), frozenset(), "thing"))
    return found


def named_places(concepts: Sequence[str]) -> list[Named]:
    places = [word for word in concepts if is_place(word) and not is_thing(word) and word not in _UNSAID]
    return [
        Named(_ON.get(word, f"near {with_article(word)}"), frozenset((word,)), frozenset(), "place") for word in places
    ]


def with_article(name: str) -> str:
    last = name.split()[-1]
    if last in _UNCOUNTED or (last.endswith("s") and not last.endswith("ss") and last != "bus"):
        return name
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _is_many(word: str) -> bool:
    return word in {"people", "men", "women", "children", "crowd", "couple", "ladies"} or word.endswith("s")


def is_there(kind: Named, photo: Photo, said: AbstractSet[str]) -> bool | None:
    """Whether a picture shows the kind; None if nothing known of the picture tells. `said`: words of its captions.

    Pictures of an animal, or of a thing on plain ground, are taken to show no person; others were looked at
    (`persons.json`).
    """
    if photo.captions:
        if kind.fit in ("many", "place", "person"):
            return bool(kind.words & said) or (kind.fit == "person" and "person" in {box.label for box in photo.boxes})
        if kind.words & said or any(labels_of_words().get(word, frozenset()) & kind.labels for word in said):
            return True
        return bool(kind.labels & {box.label for box in photo.boxes})
    if photo.boxes:
        num = sum(box.label in kind.labels for box in photo.boxes)
        return num > (1 if kind.fit == "many" else 0) if kind.labels else None
    if photo.label and kind.fit == "thing":
        return bool(kind.words & told_words(photo))
    if kind.fit in ("person", "many") and (persons := persons_seen().get(photo.file)) is not None:
        return persons if kind.fit == "person" or not persons else None
    if photo.label and kind.fit in ("person", "many"):
        alone = "animal" in photo.things or (photo.source == "caltech" and "face" not in photo.label.lower())
        return False if alone else None
    return None


@cache
def persons_seen() -> dict[str, bool]:
    """Pictures of the training whose captions, boxes and labels do not tell, and whether somebody is there: landscapes
    and buildings (329), things (521), looked at or, where it was sure, told by a detector of objects.

    Without them "A person." was wrong of 44 % of such landscapes of which it was said, and of 34 % of such things.
    """
    known = json.loads(Path(__file__).with_name("persons.json").read_text("utf-8"))
    return {f"train/{name}.webp": key == "there" for key, names in known.items() for name in names}


def fitted_kinds(
    concepts: Sequence[str], told_NO: Floats, photos: Sequence[Photo]
) -> tuple[list[Kind], dict[str, list[float]], list[str]]:
    """The kinds that either witness knows, the fits (weights of the words, of the classes, and one) by name, and which
    of them each kind has.
    """
    place_of = {word: at for at, word in enumerate(concepts)}
    classes_of: dict[str, list[int]] = {}
    for at, words in enumerate(names_of_classes()):
        for word in words:
            classes_of.setdefault(word, []).append(at)
    named, kinds, names = [*named_kinds(), *named_places(concepts)], list[Kind](), list[str]()
    kept = list[Named]()
    for one in named:
        words = tuple(sorted(place_of[word] for word in one.words if word in place_of))
        numbers = sorted({at for word in one.words for at in classes_of.get(word, ()) if one.fit == "thing"})
        if one.fit in ("person", "many"):
            numbers = list(_WITHOUT_PERSONS)
        numbers = [number for number in numbers if number < told_NO.shape[1] - len(concepts)]
        if not words and not numbers:
            continue
        kept.append(one)
        kinds.append(Kind(one.say, words, _runs(numbers), (0.0, 0.0, 0.0), one.fit == "place"))
        witnessed = "words" if not numbers else "classes" if not words else "both"
        names.append(witnessed if one.fit == "thing" else one.fit)
    words_NK, classes_NK = witnesses(kinds, told_NO, len(concepts))
    said_of = [{word for text in photo.captions for word in words_of(text)} for photo in photos]
    truth_NK = np.array(
        [[_number(is_there(one, photo, said)) for one in kept] for photo, said in zip(photos, said_of, strict=True)]
    )
    fits: dict[str, list[float]] = {}
    for name in dict.fromkeys(names):
        which = np.array([other == name for other in names])
        known = ~np.isnan(truth_NK[:, which])
        columns = [(words_NK, name != "classes"), (classes_NK, name in ("classes", "both", "person", "many"))]
        used = np.stack([np.where(wanted, x[:, which][known], 0.0) for x, wanted in columns], 1)
        fits[name] = [round(weight, 4) for weight in logistic(used, truth_NK[:, which][known])]
    fitted = [
        Kind(kind.say, kind.words, kind.classes, (fits[name][0], fits[name][1], fits[name][2]), kind.is_place)
        for kind, name in zip(kinds, names, strict=True)
    ]
    return fitted, fits, names


def _number(known: bool | None) -> float:
    return float("nan") if known is None else float(known)


def logistic(x_NF: Floats, true_N: Floats, *, decay: float = 1e-5, rounds: int = 40) -> list[float]:
    """Weights of the features, and that of one, by Newton's method; without examples nothing is likely."""
    if not len(x_NF):
        return [0.0] * x_NF.shape[1] + [-10.0]
    x_NF = np.concatenate([x_NF, np.ones((len(x_NF), 1))], 1)
    weights = np.zeros(x_NF.shape[1])
    for _ in range(rounds):
        chance = 1 / (1 + np.exp(-x_NF @ weights))
        slope = x_NF.T @ (chance - true_N) / len(true_N) + decay * weights
        bend = (x_NF * (chance * (1 - chance))[:, None]).T @ x_NF / len(true_N) + decay * np.eye(len(weights))
        weights -= np.linalg.solve(bend, slope)
    return weights.tolist()


def _runs(numbers: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """Rising numbers as (first, last) of those without gaps."""
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return tuple(found)


def kinds_json(
    concepts: Sequence[str], kinds: Sequence[Kind], fits: dict[str, list[float]], names: Sequence[str]
) -> dict[str, Any]:
    """What `semcodec.nets.kinds.kinds_of` reads."""
    return {
        "classes_from": len(concepts),
        "enough": ENOUGH,
        "beside": BESIDE,
        "fits": fits,
        "list": [
            {"say": kind.say, "words": kind.words, "classes": kind.classes, "fit": name}
            for kind, name in zip(kinds, names, strict=True)
        ],
    }
