"""What the describer learns from: pictures with captions, class labels, tags and boxes; and sentences without pictures.

Shapes: N = pictures; S = pixels of a side; C = 3 (RGB).

Every picture is taken whole and made square, as it is at run time, so a box of fractions means the same before and
after. Pictures that a manifest lists are kept out of every stage, and so are the sentences that describe them.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from semcodec_train.describer.class_words import names_of_classes, words_of_classes, words_of_label

Pictures = NDArray[np.uint8]  # (N, S, S, 3)


@dataclass(frozen=True, slots=True)
class Box:
    """`xywh` are fractions of the picture's sides."""

    label: str
    xywh: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture of the collection and what is known of it; `file` is relative to the collection's folder."""

    file: str
    source: str
    captions: tuple[str, ...] = ()
    label: str | None = None
    tags: tuple[str, ...] = ()
    boxes: tuple[Box, ...] = ()
    things: tuple[str, ...] = ()  # words for what label, tags and boxes name
    rare_names: tuple[str, ...] = ()  # of its class, that captions hardly use

    @property
    def id(self) -> str:
        """As in the caption files."""
        return Path(self.file).stem


def load_index(photos: Path, labels: Path | None = None) -> list[Photo]:
    """The lines of `photos`/index.jsonl. `labels`: names of ImageNet's classes (`class_numbers`)."""
    classes = class_numbers(labels) if labels is not None else {}
    result = []
    for line in (photos / "index.jsonl").read_text("utf-8").splitlines():
        about = json.loads(line)
        boxes = tuple(Box(box["label"], tuple(box["xywh"])) for box in about.get("boxes", ()))
        result.append(
            Photo(
                about["file"],
                about["source"],
                tuple(about.get("captions", ())),
                about.get("label"),
                tuple(about.get("tags", ())),
                boxes,
                words_told(about, classes),
                _rare_names(about, classes),
            )
        )
    return result


def words_told(about: Mapping[str, Any], classes: Mapping[str, int]) -> tuple[str, ...]:
    """Words for what a picture's label, boxes and tags name. `classes`: numbers of ImageNet's labels."""
    label = about.get("label")
    if about["source"] == "imagenet" and label in classes:
        return words_of_classes()[classes[label]]
    words = list(words_of_label(label)) if label else []
    words += [word for box in about.get("boxes", ()) for word in words_of_label(box["label"])]
    words += [tag.lower() for tag in about.get("tags", ()) if " " not in tag]
    return tuple(dict.fromkeys(words))


def _rare_names(about: Mapping[str, Any], classes: Mapping[str, int]) -> tuple[str, ...]:
    if about["source"] != "imagenet" or about.get("label") not in classes:
        return ()
    number = classes[about["label"]]
    return tuple(name for name in names_of_classes()[number] if name not in words_of_classes()[number])


def class_numbers(labels: Path) -> dict[str, int]:
    """Of a list of MobileNet's labels (one a line, the background first) the first name -> number from 0."""
    lines = labels.read_text("utf-8").splitlines()[1:]
    return {line.split(",")[0]: at for at, line in reversed(list(enumerate(lines)))}


def held_out_files(*manifests: Path) -> frozenset[str]:
    return frozenset(
        entry["file"] for manifest in manifests for entry in json.loads(manifest.read_text("utf-8"))["files"]
    )


@dataclass(frozen=True, slots=True)
class Split:
    """`train` is for learning, `choose` (captioned, of the training folder too) for stopping early, `test` for
    figures.
    """

    train: tuple[Photo, ...]
    choose: tuple[Photo, ...]
    test: tuple[Photo, ...]


def split_photos(photos: Iterable[Photo], held_out: frozenset[str], *, num_choose: int = 80) -> Split:
    """Evenly spaced captioned pictures are for choosing; whatever else lies in the folder `val` is left alone."""
    photos = sorted(photos, key=lambda photo: photo.file)
    test = [photo for photo in photos if photo.file in held_out]
    rest = [photo for photo in photos if photo.file not in held_out and photo.file.startswith("train/")]
    captioned = [photo for photo in rest if photo.captions]
    choose = [captioned[i * len(captioned) // num_choose] for i in range(min(num_choose, len(captioned)))]
    kept = {photo.file for photo in choose}
    return Split(tuple(photo for photo in rest if photo.file not in kept), tuple(choose), tuple(test))


def sentences_by_picture(path: Path, *, without: Iterable[Photo]) -> dict[str, list[str]]:
    """Captions of a .jsonl.gz file by the id of their picture; nothing that was said of the pictures `without`."""
    ids = {photo.id for photo in without}
    texts = {text.strip() for photo in without for text in photo.captions}
    result: dict[str, list[str]] = {}
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            about = json.loads(line)
            text = about["text"].strip()
            if about["id"] not in ids and text not in texts:
                result.setdefault(about["id"], []).append(text)
    return result


def square(picture: Image.Image, side_px: int) -> NDArray[np.uint8]:
    """(S, S, 3): the whole picture, its aspect not kept."""
    return np.asarray(picture.convert("RGB").resize((side_px, side_px), Image.Resampling.BICUBIC))


def to_input(pictures: Pictures) -> Tensor:
    """(N, 3, S, S) in -1..1, in the order that convolutions like."""
    image = torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 127.5 - 1
    return image.contiguous(memory_format=torch.channels_last)


SPECIALS = ("<end>", "<pad>", "<unknown>", "<caption>", "<regions>", "<keywords>")
END, PAD, UNKNOWN, CAPTION, REGIONS, KEYWORDS = range(len(SPECIALS))
NUM_CELLS = 64  # a coordinate's values
NOT_CONCEPTS = frozenset(
    "a an the of on in at to and with is are his her its their it he she they them him there this that these by for "
    "from as up into over out down some one while who which or off be has have very another other each next near "
    "through behind front around onto being 's it's both all s something someone various several".split()
)


class Vocabulary:
    """Tokens: specials, rates, 64 coordinates, then words, the space in front of a word included."""

    def __init__(self, words: Sequence[str], num_rates: int) -> None:
        self.num_rates = num_rates
        self.first_rate = len(SPECIALS)
        self.first_cell = self.first_rate + num_rates
        self.first_word = self.first_cell + NUM_CELLS
        head = [*SPECIALS, *(f"<rate {i}>" for i in range(num_rates)), *(f"<{i}>" for i in range(NUM_CELLS))]
        self.words = tuple(words)
        self.tokens = [*head, *(word if word[0] in "'," else f" {word}" for word in words)]
        self._ids = {word: at for at, word in enumerate(words, start=self.first_word)}
        self.comma = self._ids[","]

    def __len__(self) -> int:
        return len(self.tokens)

    def ids(self, words: Iterable[str]) -> list[int]:
        return [self._ids.get(word, UNKNOWN) for word in words]

    def words_of(self, ids: Iterable[int]) -> list[str]:
        return [self.words[i - self.first_word] for i in ids if i >= self.first_word]

    def text_of(self, ids: Iterable[int]) -> str:
        """A caption as it is sent: a capital first, a full stop last; empty for no words."""
        text = "".join(self.tokens[i] for i in ids if i >= self.first_word).strip()
        return text[:1].upper() + text[1:] + "." if text else ""


def count_words(texts: Iterable[Sequence[str]], least: int) -> list[str]:
    """Words that occur at least so often, the most frequent first."""
    counts = Counter(word for words in texts for word in words)
    return [word for word, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])) if count >= least]


def count_concepts(pictures: Iterable[Sequence[Sequence[str]]], least: int) -> list[str]:
    """Words that say what is there, and were said of at least n pictures."""
    said = [sorted({word for words in captions for word in words} - NOT_CONCEPTS) for captions in pictures]
    return [word for word in count_words(said, least) if word != ","]


def shares_of(captions: Sequence[Sequence[str]], concepts: dict[str, int]) -> dict[int, float]:
    """Concept -> of how many of a picture's captions use its word, 0 to 1."""
    counts = Counter(concepts[word] for words in captions for word in set(words) if word in concepts)
    return {concept: count / len(captions) for concept, count in counts.items()}


def cells_of(xywh: tuple[float, float, float, float]) -> tuple[int, int, int, int]:
    """Fractions to x, y, w, h in 64ths of the sides; w = 0 is one column wide."""

    def span(begin: float, extent: float) -> tuple[int, int]:
        first = min(NUM_CELLS - 1, round(NUM_CELLS * begin))
        return first, min(NUM_CELLS, max(first + 1, round(NUM_CELLS * (begin + extent)))) - first - 1

    (x, w), (y, h) = span(xywh[0], xywh[2]), span(xywh[1], xywh[3])
    return x, y, w, h


def region_ids(boxes: Iterable[Box], vocabulary: Vocabulary, *, flipped: bool, max_tokens: int) -> list[int]:
    """x y w h phrase, for as many boxes as there is room for, the largest first."""
    ids: list[int] = []
    for box in sorted(boxes, key=lambda box: -box.xywh[2] * box.xywh[3]):
        left, top, wide, high = box.xywh
        cells = cells_of((1 - left - wide if flipped else left, top, wide, high))
        more = [vocabulary.first_cell + cell for cell in cells] + vocabulary.ids(box.label.split())
        if len(ids) + len(more) > max_tokens or UNKNOWN in more:
            break
        ids += more
    return ids


def simulated_logits(
    shares: Sequence[dict[int, float]],
    said_of: NDArray[np.float64],
    mean_share: NDArray[np.float64],
    rng: np.random.Generator,
    sensitivity: tuple[float, float],
) -> NDArray[np.float32]:
    """What a detector of a sensitivity d' in the given range would say of pictures that only captions are known of.

    Its evidence for a concept is Gaussian, d' apart for pictures with and without it, and it knows how often a
    concept is there (`said_of`) and how many captions then say so (`mean_share`): (N, W) logits of shares, as
    calibrated as those of a detector that was trained on shares.
    """
    num, num_concepts = len(shares), len(said_of)
    d = rng.uniform(*sensitivity, size=(num, 1))
    there = np.zeros((num, num_concepts))
    for row, known in enumerate(shares):
        there[row, list(known)] = 1
    evidence = (2 * there - 1) * d * d / 2 + d * rng.standard_normal((num, num_concepts))
    chance = mean_share / (1 + (1 - said_of) / said_of * np.exp(-evidence))
    return np.log(chance / (1 - chance)).astype(np.float32)
