"""What the generator learns from: photographs as token grids, and the words that go with them.

Tokenising is done once, outside the training loop:

    python -m semcodec_train.generator.data tokenise --photos DIR --out GRIDS [--graphs DIR --tables FILE]
    python -m semcodec_train.generator.data describe --photos DIR --out WORDS.json

The first leaves shards of grids, each photograph cut to one of a few shapes (a batch has one shape), flipped or not;
the second what the embedded describer says of each photograph, since that is what files carry.

Shapes: N = pictures; H, W = pixels; R, K = token rows, columns of a scale; D = digits of a token; L = words; B =
budgets of outlines.
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
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from semcodec.layers.tokens.family import Family, find_family, parse_family
from semcodec.models import DEFAULT_FAMILY, default_models
from semcodec.nets.anchored import NO_WORDS, words_to_tokens
from semcodec.nets.encoder import EncoderNets
from semcodec.rate.outlines import Networks
from semcodec.types import Words
from semcodec.zoo.catalog import package_at, shipped
from semcodec_train.common.photos import Picture, pictures_in
from semcodec_train.describer.data import Photo, load_index
from semcodec_train.generator.views import outlines_of, random_view

SHARD = 50  # pictures
SPECIAL_WORDS = ("<none>", "<unknown>")  # their places are NO_WORDS and UNKNOWN_WORD
VECTOR_SPREAD = 0.3  # standard deviation of the first word vectors
_WORD = re.compile(r"[a-z']+")


@dataclass(frozen=True, slots=True)
class Grid:
    """One view of a photograph: `digits` per scale (R, K, D) uint8, `outlines` (B, H / 4, W / 4) uint8: as they are
    drawn from so many bytes, 255 where one is sure.
    """

    stem: str
    digits: tuple[NDArray[np.uint8], ...]
    outlines: NDArray[np.uint8]

    @property
    def shape(self) -> tuple[tuple[int, ...], ...]:
        return tuple(digits.shape for digits in self.digits)


def tokenise(
    photos: Sequence[Picture],
    nets: EncoderNets,
    networks: Networks,
    out: Path,
    *,
    seed: int,
    part: tuple[int, int] = (0, 1),
    log: Callable[[str], None] = print,
) -> None:
    """Writes one view of each photograph, in shuffled order, `SHARD` to a file; shards that are there are left. Seeds
    above 0 have views in other lights. `part`: every nth shard, from which on.
    """
    out.mkdir(parents=True, exist_ok=True)
    order = list(photos)
    random.Random(seed).shuffle(order)
    first, each = part
    for at in range(first * SHARD, len(order), each * SHARD):
        path = out / f"grids-{seed}-{at:05}.npz"
        if path.exists():
            continue
        arrays: dict[str, NDArray[np.generic]] = {"stems": np.array([photo.stem for photo in order[at : at + SHARD]])}
        for i, photo in enumerate(order[at : at + SHARD]):
            rng = random.Random(f"{seed} {photo.stem}")
            view = random_view(photo.open(), rng, lit=seed > 0)
            for scale, digits in enumerate(nets.encode(view.image)):
                arrays[f"{i}-{scale}"] = digits
            arrays[f"{i}-outlines"] = outlines_of(view, networks, rng)
        beside = path.with_suffix(".part")
        with beside.open("wb") as file:
            np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
        beside.replace(path)
        log(f"{at + SHARD} of {len(order)}")


def load_grids(paths: Sequence[Path]) -> list[Grid]:
    grids = []
    for path in paths:
        with np.load(path) as shard:
            num_scales = sum(name.startswith("0-") for name in shard.files) - 1
            for i, stem in enumerate(shard["stems"]):
                digits = tuple(shard[f"{i}-{scale}"] for scale in range(num_scales))
                grids.append(Grid(str(stem), digits, shard[f"{i}-outlines"]))
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
    """`digits` per scale (N, R, K, D) uint8; `outlines` (N, 1, H / 4, W / 4), 0..1; `texts` one each."""

    digits: tuple[Tensor, ...]
    outlines: Tensor
    texts: tuple[str, ...]

    def to(self, device: str | torch.device) -> Batch:
        return Batch(tuple(digits.to(device) for digits in self.digits), self.outlines.to(device), self.texts)


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
            said = [draw_text(texts.get(grid.stem, ((), ())), rng, people=people) for grid in picked]
            yield stacked(picked, said, [rng.randrange(len(grid.outlines)) for grid in picked])


def stacked(grids: Sequence[Grid], texts: Sequence[str], maps: Sequence[int] | None = None) -> Batch:
    """`maps`: which map of outlines of each; without: the first."""
    digits = tuple(torch.from_numpy(np.stack(scale)) for scale in zip(*(grid.digits for grid in grids), strict=True))
    chosen = [grid.outlines[at] for grid, at in zip(grids, maps or [0] * len(grids), strict=True)]
    return Batch(digits, torch.from_numpy(np.stack(chosen))[:, None].float() / 255, tuple(texts))


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
    parser.add_argument("--part", default="0/1", help="I/N: every Nth shard, from the Ith on")
    args = parser.parse_args()
    photos = pictures_in(*args.photos)
    if args.what == "describe":
        describe(photos, args.out, log=lambda line: print(line, flush=True))
        return
    nets, _ = nets_of(args.graphs, args.tables)
    first, each = map(int, args.part.split("/"))
    for seed in args.seeds:
        say = partial(print, flush=True)
        tokenise(photos, nets, default_models(), args.out, seed=seed, part=(first, each), log=say)


if __name__ == "__main__":
    main()
