"""Regions in words on 80 pictures of COCO whose boxes are known and that the describer never saw.

    python benchmarks/dense.py --photos DIR [--describer NAME]

DIR holds the pictures and `index.jsonl`. Mean average precision as in dense captioning
(`semcodec.evaluation.measures.dense`): over intersections of 0.3, 0.4, 0.5, 0.6 and 0.7 of the union. What stands for
METEOR is whether the phrase has a word for the box's class of 80; the same is told of boxes alone. Beside the
describer's regions, sure or not, stand the words of its kinds (`semcodec.nets.kinds`), each with a box around nearly
the whole picture: what naming without finding is worth. Bits are those of the whole bytes of the regions' section, of
regions that are sure and of all. Writes `benchmarks/results/dense.json`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import semcodec
from semcodec.evaluation.measures.cider import words_of
from semcodec.evaluation.measures.dense import Found, There, average_precision, mean_average_precision
from semcodec.extractors.guess import Guess
from semcodec.extractors.words import WordsExtractor
from semcodec.layers.regions.encode import pack_regions
from semcodec.types import Region, Regions
from semcodec.zoo.catalog import shipped
from semcodec_train.describer.data import held_out_files, load_index
from semcodec_train.describer.objects import labels_of_words

HERE = Path(__file__).resolve().parent
NEARLY_ALL = (0.1, 0.1, 0.8, 0.8)


def says(phrase: str, label: str) -> bool:
    """Whether one of its words names the class."""
    return any(label in labels_of_words().get(word, ()) for word in words_of(phrase))


def found_in(guesses: Sequence[Guess]) -> list[Found]:
    regions = [(guess.said, guess.confidence) for guess in guesses if isinstance(guess.said, Region)]
    return [
        Found((one.x / 64, one.y / 64, (one.w + 1) / 64, (one.h + 1) / 64), one.phrase, sure) for one, sure in regions
    ]


def named_in(describer: WordsExtractor, pixels: np.ndarray) -> list[Found]:
    vocabulary = describer.vocabulary
    if vocabulary.kinds is None:
        return []
    chances = vocabulary.kinds.chances(vocabulary.told(describer.see(pixels)))
    return [
        Found(NEARLY_ALL, kind.say, float(chance))
        for kind, chance in zip(vocabulary.kinds.all, chances, strict=True)
        if not kind.is_place
    ]


def bits_of(guesses: Sequence[Guess]) -> int:
    regions = tuple(guess.said for guess in guesses if isinstance(guess.said, Region))
    return 8 * len(pack_regions(Regions(regions, "en")).payload) if regions else 0


def precision(found: Sequence[Sequence[Found]], there: Sequence[Sequence[There]]) -> dict[str, Any]:
    by_overlap = {
        str(least): round(average_precision(found, there, least_overlap=least, says=says), 4) for least in (0.3, 0.5)
    }
    return {
        "mean_average_precision": round(mean_average_precision(found, there, says=says), 4),
        "at_overlap": by_overlap,
        "boxes_alone": round(mean_average_precision(found, there), 4),
        "regions_a_picture": round(float(np.mean([len(some) for some in found])), 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--describer", default=None, help="its name or folder; the newest in the package")
    parser.add_argument("--out", type=Path, default=HERE / "results" / "dense.json")
    args = parser.parse_args()
    describer = semcodec.open_describer(args.describer or str(shipped().name_of("describer")))
    files = held_out_files(HERE / "manifests" / "describer-objects.json")
    pictures = [photo for photo in load_index(args.photos) if photo.file in files and photo.source == "coco"]
    there = [[There(box.xywh, box.label) for box in photo.boxes] for photo in pictures]
    guesses, named = list[tuple[Guess, ...]](), list[list[Found]]()
    for photo in pictures:
        with Image.open(args.photos / photo.file) as picture:
            pixels = np.asarray(picture.convert("RGB"))
        guesses.append(describer.describe(pixels, tasks=("regions",)).regions)
        named.append(named_in(describer, pixels))
    sure = [[guess for guess in some if guess.is_sure] for some in guesses]
    result = {
        "pictures": len(pictures),
        "boxes": sum(map(len, there)),
        "regions": precision([found_in(some) for some in guesses], there)
        | {"bits": round(float(np.mean([bits_of(some) for some in guesses])), 1)},
        "sure_regions": precision([found_in(some) for some in sure], there)
        | {"bits": round(float(np.mean([bits_of(some) for some in sure])), 1)},
        "kinds_in_one_box": precision(named, there),
    }
    args.out.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
