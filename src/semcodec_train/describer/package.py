"""A trained describer into the package: graphs, words.json with its confidence, and the row in the catalogue.

    python -m semcodec_train.describer.package --describer RECIPE --data DIR --held-out MANIFEST ... \
        --trained DIR [--writer writer.pt] [--sees DESCRIBER] --rate 2 --beam 3 --name words-nano-3 --facts facts.json

How sure it is: the mean log-probability of a caption's tokens, with the log-odds of the least likely thing it names, is
turned into how often such captions are right, on the pictures for choosing; the log-odds of a keyword into how often
somebody used it. What plain sentences name is fitted apart (`describer.kinds`). A caption is taken as right if at least
half of its words that say what is there were used of the picture by at least one of five people, and it names no thing
or living being of a kind that nobody named.
Points of the calibration are the means of groups of equal size, made to rise by pooling neighbours that do not.

With `--sees` the detector, the kinds and the sureness of keywords are those of a describer that is packaged: then plain
sentences, keywords and vectors are what they were, and captions alone change.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from semcodec.evaluation.measures.cider import words_of
from semcodec.extractors.words import MOST_KEYWORDS
from semcodec.nets.describer import DescriberNets
from semcodec.nets.sayings import surest
from semcodec.zoo.catalog import Package, package_at, shipped
from semcodec_train.common.release import add_row, carry_run, folder_and_facts, release_arguments
from semcodec_train.describer.data import (
    CAPTION,
    END,
    KEYWORDS,
    NOT_CONCEPTS,
    PAD,
    REGIONS,
    UNKNOWN,
    Photo,
    square,
)
from semcodec_train.describer.detector import packaged_detector, seeing_with
from semcodec_train.describer.export import export_describer, num_places_of, num_places_read_by_words, write_about
from semcodec_train.describer.kinds import fitted_kinds, kinds_json, persons_seen
from semcodec_train.describer.objects import is_place, is_thing, unheard
from semcodec_train.describer.recipes import DESCRIBERS, DescriberRecipe
from semcodec_train.describer.train import Trained, train_describer

RIGHT_SHARE = 1 / 2
THRESHOLD = 0.65  # of a caption: below, a plain sentence is right more often
KEYWORDS_THRESHOLD = 0.5  # more often right than wrong
GROUPS, KEYWORD_GROUPS = 5, 10
EVIDENCE_WEIGHT = 0.3  # of the least likely thing, beside the mean log-probability
REGIONS_THRESHOLD = -0.05  # a mean log-probability that none reaches: no box was right (benchmarks/dense.py)


def agreed_share(words: Sequence[str], photo: Photo) -> float:
    """Of a caption's words that say what is there: the share that some person used of the picture. 0 if it has none."""
    said = set(words) - NOT_CONCEPTS
    people = {word for text in photo.captions for word in words_of(text)}
    return len(said & people) / len(said) if said else 0.0


def rising_points(scores: Sequence[float], right: Sequence[bool], groups: int) -> list[list[float]]:
    """(score, share that is right) of groups of about equal size, by rising score; shares never fall."""
    order = np.argsort(scores, kind="stable")
    blocks = [
        [float(np.mean(np.array(scores)[part])), float(np.mean(np.array(right, dtype=float)[part])), len(part)]
        for part in np.array_split(order, groups)
        if len(part)
    ]
    pooled: list[list[float]] = []
    for block in blocks:
        pooled.append(block)
        while len(pooled) > 1 and pooled[-2][1] >= pooled[-1][1]:
            score, share, size = pooled.pop()
            before = pooled[-1]
            total = before[2] + size
            pooled[-1] = [(before[i] * before[2] + value * size) / total for i, value in enumerate((score, share))] + [
                total
            ]
    return [[round(score, 4), round(share, 4)] for score, share, _ in pooled]


def is_right(words: Sequence[str], photo: Photo) -> bool:
    """At least half of what is said was said by somebody, and nothing is named that nobody named."""
    people = {word for text in photo.captions for word in words_of(text)}
    return agreed_share(words, photo) >= RIGHT_SHARE and not unheard(words, people)


def is_said(word: str, people: set[str]) -> bool:
    """Whether people used it, for one or for several."""
    return bool({word, f"{word}s", word.removesuffix("s")} & people)


def calibrate(nets: DescriberNets, folder: Path, photos: Sequence[Photo]) -> dict[str, list[list[float]]]:
    """By task, points of its calibration: what the package itself says of pictures, which lie in `folder`."""
    vocabulary = nets.vocabulary
    captions: list[tuple[float, bool]] = []
    keywords: list[tuple[float, bool]] = []
    for photo in photos:
        with Image.open(folder / photo.file) as picture:
            features = nets.see(square(picture, vocabulary.image_px))
        saying, score = surest(nets, features, task="caption")[0]
        words = words_of(vocabulary.text_of(list(saying.tokens), task="caption"))
        captions.append((score, is_right(words, photo)))
        people = {word for text in photo.captions for word in words_of(text)}
        for token, odds in vocabulary.things_seen(features, most=MOST_KEYWORDS):
            keywords.append((odds, is_said(vocabulary.words[token].strip(), people)))
    return {
        task: rising_points(*zip(*found, strict=True), groups=groups)
        for task, found, groups in (("caption", captions, GROUPS), ("keywords", keywords, KEYWORD_GROUPS))
        if found
    }


def kinds_from(trained: Trained, nets: DescriberNets, folder: Path) -> dict[str, Any]:
    """What plain sentences name, fitted on all pictures that are learnt from, as detectors of other fifths see them,
    and on those in `folder` of which it is only known whether persons are there, which no detector has learnt from.
    """
    concepts, seen = trained.language.concepts, trained.seen
    rows = sorted(set(range(len(seen.photos))) - {*trained.rows["choose"], *trained.rows["test"]})
    told = torch.cat([trained.logits[rows, 0], seen.classes[rows, 0].float().softmax(-1)], 1).numpy()
    photos = [seen.photos[row] for row in rows]
    learnt = {photo.file for photo in seen.photos}
    others = [file for file in persons_seen() if file not in learnt and (folder / file).exists()]
    for file in others:
        with Image.open(folder / file) as picture:
            of_other = nets.vocabulary.told(nets.see(square(picture, nets.vocabulary.image_px)))
        told = np.concatenate([told, of_other[None, : told.shape[1]]])
    return kinds_json(concepts, *fitted_kinds(concepts, told, [*photos, *(Photo(file, "") for file in others)]))


def words_json(
    trained: Trained, recipe: DescriberRecipe, *, calibration: dict[str, Any], rate: int, beam: int
) -> dict[str, Any]:
    """The content of words.json."""
    vocabulary, concepts = trained.language.vocabulary, trained.language.concepts
    named = {
        token: at
        for at, token in enumerate(vocabulary.ids(concepts))
        if is_thing(concepts[at]) or is_place(concepts[at])
    }
    return {
        "vocabulary": vocabulary.tokens,
        "specials": {
            "end": END,
            "never": [PAD, UNKNOWN],
            "caption": CAPTION,
            "regions": REGIONS,
            "keywords": KEYWORDS,
            "lambda": list(range(vocabulary.first_rate, vocabulary.first_cell)),
            "box": vocabulary.first_cell,
        },
        "keyword_separator": vocabulary.comma,
        "image_px": recipe.image_px,
        "lambdas": list(recipe.lambdas),
        "default_lambda": rate,
        "max_tokens": recipe.writer.max_tokens,
        "join": "",
        "case": {"caption": "sentence", "phrase": "plain", "keyword": "plain"},
        "language": "en",
        "evidence": {str(token): at for token, at in named.items()},
        "evidence_from": num_places_of(trained.model),
        "places": num_places_read_by_words(trained.model),
        "things": [token for token, at in named.items() if is_thing(concepts[at])],
        "evidence_weight": EVIDENCE_WEIGHT,
        "beam": {"caption": beam, "keywords": 1, "regions": 1},
        **calibration,
    }


def package(
    trained: Trained,
    recipe: DescriberRecipe,
    photos: Path,
    out: Path,
    *,
    rate: int,
    beam: int,
    sees: Package | None = None,
    log: Callable[[str], None] = print,
) -> dict[str, Path]:
    """The four files of the describer in `trained` into the folder `out`. `photos`: the collection's folder; `sees`:
    the describer whose detector and kinds it has, None: its own.
    """
    known = None
    if sees is not None:  # (read before its own files may be written over)
        trained = seeing_with(trained, packaged_detector(sees.files["image.onnx"]))
        known = json.loads(sees.files["words.json"].read_text("utf-8"))
    thresholds = {
        "confidence": {
            "caption": THRESHOLD,
            "keywords": KEYWORDS_THRESHOLD,
            "regions": REGIONS_THRESHOLD,
        }
    }
    about = words_json(trained, recipe, calibration=thresholds, rate=rate, beam=beam)
    tokens = trained.language.vocabulary.ids(trained.language.concepts)
    paths = export_describer(trained.model.cpu(), tokens, about, out)
    nets = DescriberNets(package_at(out).files)
    points = calibrate(nets, photos, trained.photos("choose"))
    if known is None:
        kinds = kinds_from(trained, nets, photos)
    else:
        kinds, points = known["kinds"], {**points, **known["calibration"], "caption": points["caption"]}
    log(json.dumps({"calibration": points}))
    write_about(about | {"kinds": kinds, "calibration": points}, paths["words.json"])
    return paths


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--describer", choices=sorted(DESCRIBERS), required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--held-out", type=Path, nargs="+", required=True)
    parser.add_argument("--trained", type=Path, required=True, help="what describer.train left")
    parser.add_argument(
        "--writer", type=Path, default=None, help="weights from describer.self_critical; else those of --trained"
    )
    parser.add_argument(
        "--sees", default=None, help="a describer, by name or folder, whose detector and kinds it has; else its own"
    )
    parser.add_argument("--rate", type=int, default=0, help="the first of the rate tokens that captions are said at")
    parser.add_argument("--beam", type=int, default=1)
    release_arguments(parser)
    args = parser.parse_args()
    recipe = DESCRIBERS[args.describer]()
    trained = train_describer(recipe, args.data, args.held_out, args.trained)
    if args.writer is not None:
        trained.model.writer.load_state_dict(torch.load(args.writer, weights_only=True, map_location="cpu"))
    folder, facts = folder_and_facts(args)
    sees = shipped().package_of("describer", args.sees) if args.sees else None
    if args.sees and sees is None:
        raise SystemExit(f"{args.sees}: neither a describer of the package nor a folder with one")
    how = {"rate": args.rate, "beam": args.beam}
    files = list(package(trained, recipe, args.data / "photos", folder, **how, sees=sees).values())
    files += carry_run(args.writer or args.trained, folder)
    if facts is not None:
        parts = trained.model.named_children()
        size = {"num_parameters": {name: sum(p.numel() for p in part.parameters()) for name, part in parts}}
        add_row(args.name, "describer", files, size | facts)


if __name__ == "__main__":
    main()
