"""What the generator learns from: photographs as token grids, and the words that go with them.

Tokenising is done once, outside the training loop:

    python -m semcodec_train.generator.data tokenise --photos DIR --out GRIDS [--graphs DIR --tables FILE]
    python -m semcodec_train.generator.data describe --photos DIR --out WORDS.json

The first leaves shards of grids, each photograph cut to one of a few shapes (a batch has one shape), flipped or not;
the second what the embedded describer says of each photograph, since that is what files carry.

Shapes: N = pictures; H, W = pixels; R, K = token rows, columns of a scale; D = digits of a token; L = words.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import threading
import zipfile
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from semcodec.layers.tokens.family import Family, find_family, parse_family
from semcodec.models import DEFAULT_FAMILY
from semcodec.nets.anchored import NO_WORDS, words_to_tokens
from semcodec.nets.encoder import EncoderNets
from semcodec.types import Words
from semcodec.zoo.catalog import package_at, shipped
from semcodec_train.common.photos import Picture, pictures_in
from semcodec_train.describer.data import Photo, load_index

# Width and height in pixels, and how often. Their areas are those of working pictures of 340 bytes, roughly. Some are
# no multiples of the coarsest stride: pictures end inside a token, too.
SHAPES: dict[tuple[int, int], float] = {
    (384, 256): 4,
    (448, 320): 1,
    (320, 256): 2,
    (256, 192): 1,
    (512, 320): 1,
    (256, 256): 1.5,
    (384, 384): 0.5,
    (256, 384): 2,
    (256, 320): 1,
}
LEAST_SHARE = 0.45  # of the largest crop's area
LARGEST_GAIN = 1.4  # a photograph is not enlarged more than this
SHARD = 50  # pictures
SPECIAL_WORDS = ("<none>", "<unknown>")  # their places are NO_WORDS and UNKNOWN_WORD
VECTOR_SPREAD = 0.3  # standard deviation of the first word vectors
_WORD = re.compile(r"[a-z']+")
EDGE_CELL_PX = 8
FULL_EDGE = 96.0  # mean Sobel magnitude (grey levels per pixel, over two pixels) that counts as 1


@dataclass(frozen=True, slots=True)
class Grid:
    """One view of a photograph: `digits` per scale (R, K, D) uint8, `edges` (R, K) uint8 at stride 8, 255 = strong."""

    stem: str
    digits: tuple[NDArray[np.uint8], ...]
    edges: NDArray[np.uint8]

    @property
    def shape(self) -> tuple[tuple[int, ...], ...]:
        return tuple(digits.shape for digits in self.digits)


def edge_strength(image_HWC: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(H, W, 3) -> (ceil(H / 8), ceil(W / 8)): mean Sobel magnitude of the luma of each cell, 255 at `FULL_EDGE`."""
    luma = image_HWC.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
    around = np.pad(luma, 1, mode="edge")
    down = around[2:] - around[:-2]
    right = around[:, 2:] - around[:, :-2]
    dy = (down[:, :-2] + 2 * down[:, 1:-1] + down[:, 2:]) / 4
    dx = (right[:-2] + 2 * right[1:-1] + right[2:]) / 4
    magnitude = np.hypot(dx, dy)
    rows, cols = (-(-side // EDGE_CELL_PX) for side in magnitude.shape)
    padded = np.pad(
        magnitude,
        ((0, rows * EDGE_CELL_PX - magnitude.shape[0]), (0, cols * EDGE_CELL_PX - magnitude.shape[1])),
        mode="edge",
    )
    cells = padded.reshape(rows, EDGE_CELL_PX, cols, EDGE_CELL_PX).mean(axis=(1, 3))
    return np.asarray(np.rint(np.minimum(cells / FULL_EDGE, 1) * 255), dtype=np.uint8)


def random_view(photo: Image.Image, rng: random.Random) -> NDArray[np.uint8]:
    """(H, W, 3): a crop of the photograph, of one of `SHAPES` of about its aspect, flipped half of the time."""
    aspect = np.log(photo.width / photo.height)
    fitting = [shape for shape in SHAPES if abs(np.log(shape[0] / shape[1]) - aspect) < 0.36] or [(256, 256)]
    width, height = rng.choices(fitting, [SHAPES[shape] for shape in fitting])[0]
    largest = min(photo.width / width, photo.height / height)  # source pixels per pixel of the view
    least = min(max(largest * LEAST_SHARE**0.5, 1 / LARGEST_GAIN), largest)
    # Mostly nearly the whole picture: that is what is encoded, and what the words speak of.
    scale = largest - (largest - least) * rng.random() ** 2
    wide, high = min(width * scale, photo.width), min(height * scale, photo.height)  # (floats may be over by a hair)
    left, top = rng.uniform(0, photo.width - wide), rng.uniform(0, photo.height - high)
    box = (left, top, min(left + wide, photo.width), min(top + high, photo.height))
    pixels = np.asarray(photo.convert("RGB").resize((width, height), Image.Resampling.LANCZOS, box=box))
    return np.ascontiguousarray(pixels[:, ::-1] if rng.random() < 0.5 else pixels)


def tokenise(
    photos: Sequence[Picture], nets: EncoderNets, out: Path, *, seed: int, log: Callable[[str], None] = print
) -> None:
    """Writes one view of each photograph, in shuffled order, `SHARD` to a file; shards that are there are left."""
    out.mkdir(parents=True, exist_ok=True)
    order = list(photos)
    random.Random(seed).shuffle(order)
    for at in range(0, len(order), SHARD):
        path = out / f"grids-{seed}-{at:05}.npz"
        if path.exists():
            continue
        arrays: dict[str, NDArray[np.generic]] = {"stems": np.array([photo.stem for photo in order[at : at + SHARD]])}
        for i, photo in enumerate(order[at : at + SHARD]):
            image = random_view(photo.open(), random.Random(f"{seed} {photo.stem}"))
            for scale, digits in enumerate(nets.encode(image)):
                arrays[f"{i}-{scale}"] = digits
            arrays[f"{i}-edges"] = edge_strength(image)
        part = path.with_suffix(".part")
        with part.open("wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]
        part.replace(path)
        log(f"{at + SHARD} of {len(order)}")


def load_grids(paths: Sequence[Path]) -> list[Grid]:
    grids = []
    for path in paths:
        with np.load(path) as shard:
            num_scales = sum(name.startswith("0-") for name in shard.files) - 1
            for i, stem in enumerate(shard["stems"]):
                digits = tuple(shard[f"{i}-{scale}"] for scale in range(num_scales))
                grids.append(Grid(str(stem), digits, shard[f"{i}-edges"]))
    return grids


def describe(photos: Sequence[Picture], out: Path, log: Callable[[str], None] = print) -> None:
    """Stem -> what the embedded describer says of it, sure or not: [caption, keywords]. Goes on where it was."""

    from semcodec.extractors.words import WordsExtractor
    from semcodec.nets.describer import DescriberNets

    said: dict[str, list[str]] = json.loads(out.read_text("utf-8")) if out.exists() else {}
    extractor = WordsExtractor(DescriberNets(shipped().find("describer").files, threads=1))
    order = [photo for photo in photos if photo.stem not in said]
    random.Random(0).shuffle(order)
    for at, photo in enumerate(order):
        found = extractor.describe(np.asarray(photo.open()), tasks=("caption", "keywords"))
        said[photo.stem] = [
            guess.said.text
            for guess in (found.caption, found.keywords)
            if guess is not None and isinstance(guess.said, Words)
        ]
        if at % 200 == 199 or at + 1 == len(order):
            part = out.with_suffix(".part")
            part.write_text(json.dumps(said, ensure_ascii=False, indent=0, sort_keys=True) + "\n", "utf-8")
            part.replace(out)
            log(f"{at + 1} of {len(order)}")


def texts_of(photos: Sequence[Photo], described: Mapping[str, Sequence[str]]) -> dict[str, tuple[list[str], list[str]]]:
    """Stem -> (what people said: captions, or label and tags; what the describer said)."""
    result = {}
    for photo in photos:
        people = list(photo.captions)
        if not people:
            people += [photo.label] if photo.label else []
            people += [", ".join(photo.tags)] if photo.tags else []
            people += [", ".join(dict.fromkeys(box.label for box in photo.boxes))] if photo.boxes else []
        result[photo.id] = (people, list(described.get(photo.id, ())))
    return result


def picture_texts(
    photos: Path, described: Path | None, *, without: Collection[str] = ()
) -> dict[str, tuple[list[str], list[str]]]:
    """`texts_of` for the pictures of `photos`/index.jsonl. Stems in `without` have no words."""
    said = json.loads(described.read_text("utf-8")) if described is not None else {}
    return {stem: both for stem, both in texts_of(load_index(photos), said).items() if stem not in without}


def build_vocabulary(texts: Iterable[str], *, most: int, least: int) -> list[str]:
    """Words by their tokens: the two specials, then at most `most` that occur `least` times or more, frequent first."""
    counts = Counter(word for text in texts for word in words_of(text))
    kept = sorted((word for word, count in counts.items() if count >= least), key=lambda word: (-counts[word], word))
    return [*SPECIAL_WORDS, *kept[:most]]


def words_of(text: str) -> list[str]:
    """The run time's own way of taking a text apart."""
    return _WORD.findall(text.lower())


def word_vectors(texts: Iterable[str], vocabulary: Sequence[str], width: int) -> NDArray[np.float32]:
    """(tokens, width): words that are said together with the same words lie close to each other.

    Positive pointwise mutual information within a text, reduced by its largest singular values. A picture's words are
    few and many occur in few pictures: so they begin with what sentences without pictures tell of them.
    """
    ids = {word: at for at, word in enumerate(vocabulary)}
    together = np.zeros((len(vocabulary), len(vocabulary)), np.float32)
    for text in texts:
        said = sorted({ids[word] for word in words_of(text) if word in ids})
        together[np.ix_(said, said)] += 1
    np.fill_diagonal(together, 0)
    alone = together.sum(1)
    expected = np.outer(alone, alone) / max(alone.sum(), 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        information = np.nan_to_num(np.maximum(np.log(together / expected), 0), posinf=0, neginf=0)
    values, vectors = np.linalg.eigh(information)
    best = np.argsort(-np.abs(values))[:width]
    found = vectors[:, best] * np.abs(values[best]) ** 0.75
    result = np.zeros((len(vocabulary), width), np.float32)
    result[:, : found.shape[1]] = found
    return result * (VECTOR_SPREAD / max(float(result.std()), 1e-6))


def token_batch(texts: Sequence[str], vocabulary: Mapping[str, int], max_words: int) -> tuple[Tensor, Tensor]:
    """(tokens_NL, there_NL), as long as the longest."""
    said = [words_to_tokens(text, vocabulary, max_words) for text in texts]
    longest = max(map(len, said))
    tokens = torch.full((len(said), longest), NO_WORDS)
    there = torch.zeros(len(said), longest)
    for row, ids in enumerate(said):
        tokens[row, : len(ids)] = torch.tensor(ids)
        there[row, : len(ids)] = 1
    return tokens, there


def draw_text(texts: tuple[Sequence[str], Sequence[str]], rng: random.Random, *, people: float) -> str:
    """What is said with a picture this time: people's words, or the describer's; "" where there are none."""
    first, second = texts if rng.random() < people else texts[::-1]
    chosen = first or second
    return rng.choice(list(chosen)) if chosen else ""


@dataclass(frozen=True, slots=True)
class Batch:
    """`digits` per scale (N, R, K, D) uint8; `edges` (N, 1, R, K) at the finest stride, 0..1; `texts` one each."""

    digits: tuple[Tensor, ...]
    edges: Tensor
    texts: tuple[str, ...]

    def to(self, device: str | torch.device) -> Batch:
        return Batch(tuple(digits.to(device) for digits in self.digits), self.edges.to(device), self.texts)


class GridPool:
    """The grids of a folder by their shape. `refresh` takes in shards that were added since."""

    def __init__(self, folder: Path, *, limit: int | None = None) -> None:
        self._folder, self._limit = folder, limit
        self._seen: set[Path] = set()
        self._by_shape: dict[tuple[tuple[int, ...], ...], list[Grid]] = {}
        self._lock = threading.Lock()
        self.refresh()

    def __len__(self) -> int:
        return sum(map(len, self._by_shape.values()))

    def refresh(self) -> int:
        """How many grids are new."""
        with self._lock:
            paths = sorted(set(self._folder.glob("grids-*.npz")) - self._seen)[: self._limit]
            self._seen |= set(paths)
            try:
                grids = load_grids(paths)
            except zipfile.BadZipFile as error:
                raise ValueError(f"{self._folder}: a damaged shard ({error}); delete it and tokenise again") from error
            for grid in grids:
                self._by_shape.setdefault(grid.shape, []).append(grid)
            return len(grids)

    def some(self, count: int) -> list[Grid]:
        """The first ones of each shape."""
        with self._lock:
            return [grid for found in self._by_shape.values() for grid in found[: -(-count // len(self._by_shape))]]

    def batches(
        self, batch: int, texts: Mapping[str, tuple[Sequence[str], Sequence[str]]], *, seed: int, people: float = 0.5
    ) -> Iterator[Batch]:
        """Endless. A shape is drawn as often as it has grids; larger shapes come in smaller batches."""
        rng = random.Random(seed)
        left: dict[tuple[tuple[int, ...], ...], list[Grid]] = {}
        while True:
            with self._lock:
                shapes = list(self._by_shape)
                counts = [len(self._by_shape[shape]) for shape in shapes]
            shape = rng.choices(shapes, counts)[0]
            rows, cols, _ = shape[-1]
            # as many tokens at stride 8 as `batch` pictures of 384 x 256 pixels have
            count = max(1, min(round(batch * 48 * 32 / (rows * cols)), counts[shapes.index(shape)]))
            waiting = left.setdefault(shape, [])
            if len(waiting) < count:
                with self._lock:
                    fresh = list(self._by_shape[shape])
                rng.shuffle(fresh)
                waiting += fresh
            picked, left[shape] = waiting[:count], waiting[count:]
            yield stacked(picked, [draw_text(texts.get(grid.stem, ((), ())), rng, people=people) for grid in picked])


def stacked(grids: Sequence[Grid], texts: Sequence[str]) -> Batch:
    digits = tuple(torch.from_numpy(np.stack(scale)) for scale in zip(*(grid.digits for grid in grids), strict=True))
    edges = torch.from_numpy(np.stack([grid.edges for grid in grids]))[:, None].float() / 255
    return Batch(digits, edges, tuple(texts))


def nets_of(graphs: Path | None, tables: Path | None, *, threads: int = 1) -> tuple[EncoderNets, Family]:
    """The shipped encoder, or one of a folder of exported graphs and its family file."""
    if graphs is None:
        family = find_family(DEFAULT_FAMILY)
        files, predictor = (shipped().find(purpose, family=family.id).files for purpose in ("encoder", "predictor"))
        return EncoderNets(files, predictor, family, threads=threads), family
    if tables is None:
        raise ValueError("a folder of graphs needs the family file that belongs to it")
    family = parse_family(tables.read_bytes(), int(tables.stem))
    files = package_at(graphs).files
    return EncoderNets(files, files, family, threads=threads), family


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=("tokenise", "describe"))
    parser.add_argument("--photos", type=Path, required=True, nargs="+", help="folders, or tar archives, of pictures")
    parser.add_argument("--out", type=Path, required=True, help="a folder of shards, or a JSON file of words")
    parser.add_argument("--graphs", type=Path, default=None, help="exported graphs; without: the shipped ones")
    parser.add_argument("--tables", type=Path, default=None, help="the family file of --graphs, named by its number")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0], help="one view of every picture for each")
    args = parser.parse_args()
    photos = pictures_in(*args.photos)
    if args.what == "describe":
        describe(photos, args.out, log=lambda line: print(line, flush=True))
        return
    nets, _ = nets_of(args.graphs, args.tables)
    for seed in args.seeds:
        tokenise(photos, nets, args.out, seed=seed, log=lambda line: print(line, flush=True))


if __name__ == "__main__":
    main()
