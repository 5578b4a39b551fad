"""The embedder learns which words are said of which pictures, from what a trained describer sees.

    python -m semcodec_train.embedder.train RECIPE --describer RECIPE --data DIR --held-out MANIFEST ... \
        --trained DIR --out DIR [--serves words-nano-2 --name vector-nano-1 --facts facts.json]

`--trained` is what `describer.train` left (`concepts.pt`: the logits of strangers, which no detector gave that had
learnt from the picture). Pictures of the manifests are seen by no stage, nor are sentences about them, nor the pictures
for choosing. Leaves `embedder.pt`, `run.json`, `about.json` and `tables.npz` in `--out`; with `--name` the last three
go into the catalogue, too. Half a minute on one CPU core.
"""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from semcodec.evaluation.measures.cider import words_of
from semcodec.ids import VECTOR_SPACES
from semcodec_train.common.loop import Log, Loop, say
from semcodec_train.common.recipes import arguments, chosen
from semcodec_train.common.release import ZOO, add_row
from semcodec_train.common.run import RUN, Sources, save, write_run
from semcodec_train.describer.data import (
    Vocabulary,
    held_out_files,
    load_index,
    sentences_by_picture,
    shares_of,
    split_photos,
)
from semcodec_train.describer.language import learn_words
from semcodec_train.describer.recipes import DESCRIBERS, DescriberRecipe
from semcodec_train.describer.train import useful_of
from semcodec_train.embedder.model import STEP, EmbedderModel, MadeUp, roots_of
from semcodec_train.embedder.recipes import RECIPES, EmbedderRecipe

FILES = ("about.json", "tables.npz")
# Words that tell nothing of a picture, as a search leaves them out.
LITTLE_WORDS = frozenset("a an and are as at by for from in is it its of on or that the their there to with ,".split())

Captions = list[list[int]]


@dataclass(frozen=True, slots=True)
class Lessons:
    """Captions as numbers of words: of pictures whose logits (N, views, W) are known, and of others, of which is known
    how many captions use each concept's word.
    """

    logits: Tensor
    captions: list[Captions]
    shares: Tensor
    sentences: list[Captions]
    vocabulary: Vocabulary
    concepts: tuple[str, ...]

    def ids(self, words: Sequence[str]) -> list[int]:
        return ids_of(self.vocabulary, words)


def ids_of(vocabulary: Vocabulary, words: Sequence[str]) -> list[int]:
    """Places in `vocabulary.words` of those that tell something."""
    first = vocabulary.first_word
    return [at - first for at in vocabulary.ids(w for w in words if w not in LITTLE_WORDS) if at >= first]


def lessons_of(describer: DescriberRecipe, data: Path, held_out: Sequence[Path], trained: Path) -> Lessons:
    """From what `describer.train` learnt from, with the same arguments."""
    labels = data / "perceptual" / "imagenet_labels.txt"
    index = load_index(data / "photos", labels if labels.exists() else None)
    unseen = held_out_files(*held_out[1:])
    photos = [photo for photo in index if photo.file not in unseen]
    split = split_photos(photos, held_out_files(held_out[0]), num_choose=describer.num_choose)
    said = sentences_by_picture(data / "captions" / "train.jsonl.gz", without=split.test)
    language = learn_words(split, said, describer)
    kept = {photo.id for photo in split.choose}
    groups = [[words_of(text) for text in texts] for picture, texts in said.items() if picture not in kept]
    shares = torch.zeros(len(groups), len(language.concepts))
    for row, group in enumerate(groups):
        for concept, share in shares_of(group, language.concept_ids).items():
            shares[row, concept] = share
    useful = useful_of(split, describer)
    rows = [row for row, photo in enumerate(useful) if photo.captions]
    logits = torch.load(trained / "concepts.pt", weights_only=True, map_location="cpu")["logits"][rows].float()
    captions = [[words_of(text) for text in useful[row].captions] for row in rows]
    vocabulary = language.vocabulary

    def numbers(groups: Sequence[Sequence[Sequence[str]]]) -> list[Captions]:
        return [[ids_of(vocabulary, words) for words in group] for group in groups]

    return Lessons(logits, numbers(captions), shares, numbers(groups), vocabulary, language.concepts)


def train(recipe: EmbedderRecipe, lessons: Lessons, out: Path, sources: Sources, *, log: Log = say) -> EmbedderModel:
    """Runs a recipe to its end, or goes on with it."""
    torch.manual_seed(recipe.seed)
    words = [lessons.vocabulary.words.index(word) for word in lessons.concepts]
    model = EmbedderModel(lessons.logits.flatten(0, 1), len(lessons.vocabulary.words), words, recipe.named)
    optimiser = torch.optim.AdamW(model.parameters(), lr=recipe.lr, weight_decay=recipe.decay)
    made_up = MadeUp(lessons.shares, recipe.sensitivity)
    loop = Loop(out, {"model": model, "optimiser": optimiser}, device="cpu", log_every=100, log=log)
    rng = np.random.default_rng(recipe.seed + loop.step)
    num_views = lessons.logits.shape[1]
    for progress in loop.through(recipe.minutes, recipe.steps):
        falling = 0.5 * (1 + math.cos(math.pi * progress))
        optimiser.param_groups[0]["lr"] = recipe.lr * falling * min(1, (loop.step + 1) / 30)
        rows = rng.choice(len(lessons.captions), min(recipe.pictures, len(lessons.captions)), replace=False)
        seen = lessons.logits[rows, rng.integers(0, num_views, len(rows))]
        of_pictures = model.loss(seen, _one_each(lessons.captions, rows, rng), recipe.pictures_share)
        rows = rng.integers(0, len(lessons.sentences), recipe.sentences)
        told = _one_each(lessons.sentences, rows, rng)
        of_sentences = model.loss(made_up.logits_of(rows), told, recipe.pictures_share)
        loss = of_pictures + recipe.made_up_weight * of_sentences
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        loop.add({"pictures": of_pictures, "sentences": of_sentences}, crops=recipe.pictures)
    save(out / "embedder.pt", model.state_dict())
    write_run(out / RUN, recipe, loop, sources)
    return model


def _one_each(captions: Sequence[Captions], rows: Sequence[int], rng: np.random.Generator) -> Captions:
    return [captions[row][rng.integers(len(captions[row]))] for row in rows]


@torch.no_grad()
def package(model: EmbedderModel, lessons: Lessons, out: Path, *, space: int) -> list[Path]:
    """The two files of `semcodec.nets.embedder` into the folder `out`: 8-bit tables, a scale for each of 64 numbers."""
    seen = lessons.logits.flatten(0, 1)
    steps_D = STEP * model.of_pictures(seen).std(0).clamp(min=1e-6)
    picture, picture_scale = _in_8_bits(model.picture / model.spread[:, None] / steps_D)
    # (so that a usual picture lies in the middle, whatever the rounding of the table)
    offset_D = -(roots_of(seen).mean(0) @ (picture * picture_scale))
    telling = [row for row, word in enumerate(lessons.vocabulary.words) if word not in LITTLE_WORDS]
    words, words_scale = _in_8_bits(model.words[telling] * steps_D)
    tables = {
        "picture": picture.to(torch.int8), "picture_scale": picture_scale, "offset": offset_D,
        "words": words.to(torch.int8), "words_scale": words_scale,
    }  # fmt: skip
    np.savez(out / "tables.npz", **{name: table.numpy() for name, table in tables.items()})
    about = {
        "space": space,
        "concepts": len(lessons.concepts),
        "words": [lessons.vocabulary.words[row] for row in telling],
    }
    (out / "about.json").write_text(json.dumps(about, ensure_ascii=False) + "\n", "utf-8")
    return [out / name for name in FILES]


def _in_8_bits(table: Tensor) -> tuple[Tensor, Tensor]:
    """Whole numbers of -127 to 127, and what they are multiplied with, by column."""
    scale = table.abs().amax(0).clamp(min=1e-9) / 127
    return (table / scale).round(), scale


def main() -> None:
    parser = arguments(__doc__, RECIPES)
    parser.add_argument("--describer", choices=sorted(DESCRIBERS), required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--held-out", type=Path, nargs="+", required=True)
    parser.add_argument("--trained", type=Path, required=True, help="what describer.train left")
    parser.add_argument("--space", type=int, default=max(VECTOR_SPACES), help="its number in semcodec.ids")
    parser.add_argument("--serves", nargs="+", help="describers of the catalogue that see what it learnt from")
    parser.add_argument("--name", help="of the release: its folder in semcodec.zoo and its row in the catalogue")
    parser.add_argument("--facts", type=Path, help="JSON: licence, recipe, data, results ...; of a release")
    args = parser.parse_args()
    lessons = lessons_of(DESCRIBERS[args.describer](), args.data, args.held_out, args.trained)
    data = {
        "index": args.data / "photos" / "index.jsonl",
        "captions": args.data / "captions" / "train.jsonl.gz",
        "concepts": args.trained / "concepts.pt",
        **{f"held_out_{path.stem}": path for path in args.held_out},
    }
    model = train(chosen(args, RECIPES), lessons, args.out, Sources.of(data=data))
    files = [*package(model, lessons, args.out, space=args.space), args.out / RUN]
    if args.name is not None:
        folder = ZOO / "weights" / args.name
        folder.mkdir(parents=True, exist_ok=True)
        there = [Path(shutil.copyfile(path, folder / path.name)) for path in files]
        facts = json.loads(args.facts.read_text("utf-8"))
        size = {"num_parameters": {name: part.numel() for name, part in model.named_parameters()}}
        add_row(args.name, "embedder", there, size | facts, serves=args.serves)


if __name__ == "__main__":
    main()
