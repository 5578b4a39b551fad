"""What the describer learns from: pictures with captions, class labels, tags and boxes; and sentences without pictures.

Shapes: N = pictures; S = pixels of a side; C = 3 (RGB).

Every picture is taken whole and made square, as it is at run time, so a box of fractions means the same before and
after. Pictures that a manifest lists are kept out of every stage, and so are the sentences that describe them.
"""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections import Counter
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from semcodec_train.common.photos import load_frames

Pictures = NDArray[np.uint8]  # (N, S, S, 3)

STORED_PX = 256  # a view of 224 is cut from it
TINY_PX = 64


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

    @property
    def id(self) -> str:
        """As in the caption files."""
        return Path(self.file).stem


def load_index(photos: Path) -> list[Photo]:
    """The lines of `photos`/index.jsonl."""
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
            )
        )
    return result


def held_out_files(manifest: Path) -> frozenset[str]:
    return frozenset(entry["file"] for entry in json.loads(manifest.read_text("utf-8"))["files"])


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


def load_squares(paths: Iterable[Path], side_px: int = STORED_PX) -> Pictures:
    squares = []
    for path in paths:
        with Image.open(path) as picture:
            squares.append(square(picture, side_px))
    return np.stack(squares)


def load_frame_squares(folder: Path, side_px: int = STORED_PX) -> Pictures:
    """Frames of the clips of a folder, 0.4 s apart; none, where there are no clips."""
    frames = [square(frame, side_px) for frame in load_frames(folder)]
    return np.stack(frames) if frames else np.empty((0, side_px, side_px, 3), np.uint8)


def load_tiny(tar: Path) -> Pictures:
    """The JPEG files of a tar archive of 64-pixel pictures."""
    squares = []
    with tarfile.open(tar) as members:
        for member in members:
            if member.name.lower().endswith((".jpeg", ".jpg")):
                data = members.extractfile(member)
                assert data is not None
                squares.append(square(Image.open(io.BytesIO(data.read())), TINY_PX))
    return np.stack(squares)


def to_input(pictures: Pictures) -> Tensor:
    """(N, 3, S, S) in -1..1, in the order that convolutions like."""
    image = torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 127.5 - 1
    return image.contiguous(memory_format=torch.channels_last)


def random_view(picture: NDArray[np.uint8], size_px: int, rng: np.random.Generator, least_share: float) -> Pictures:
    """(S, S, 3): a random rectangle of at least `least_share` of each side, flipped half of the time, re-lit now and
    then.
    """
    side = picture.shape[0]
    wide, high = (side * (1 - (1 - least_share) * rng.random() ** 1.5) for _ in range(2))
    left, top = rng.uniform(0, side - wide), rng.uniform(0, side - high)
    view = Image.fromarray(picture).resize(
        (size_px, size_px), Image.Resampling.BILINEAR, box=(left, top, left + wide, top + high), reducing_gap=1.0
    )
    pixels = np.asarray(view)
    if rng.random() < 0.5:
        pixels = pixels[:, ::-1]
    if rng.random() < 0.3:
        gain = rng.uniform(0.75, 1.25) * rng.uniform(0.9, 1.1, size=3)
        pixels = np.clip(pixels * gain + rng.uniform(-20, 20), 0, 255).astype(np.uint8)
    return pixels


def view_batches(
    large: Pictures, small: Pictures, *, batch: int, small_share: float, seed: int, least_share: float = 0.4
) -> Generator[tuple[int, Pictures], int, None]:
    """Endless batches of views; send the wanted size in pixels. `small` pictures are a share of each batch."""
    rng = np.random.default_rng(seed)
    size_px = yield 0, np.empty((0, 0, 0, 3), np.uint8)
    num_small = round(batch * small_share) if len(small) else 0
    orders = {id(pool): np.empty(0, np.int64) for pool in (large, small)}
    while True:
        views = []
        for pool, count in ((large, batch - num_small), (small, num_small)):
            order = orders[id(pool)]
            if count and len(order) < count:
                order = np.concatenate([order, rng.permutation(len(pool))])
            orders[id(pool)], picks = order[count:], order[:count]
            views += [random_view(pool[pick], size_px, rng, least_share) for pick in picks]
        size_px = yield size_px, np.stack(views)


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
