"""Is what the describer says there? Its words about 280 pictures whose objects are known and that it never saw.

    python benchmarks/said.py --photos DIR --labels FILE [--describer NAME]

DIR holds `train/`, `val/` and `index.jsonl`. Of the 80 pictures of COCO and 200 of ImageNet in the manifest
`describer-objects` it tells for how many a sentence is given, for how many keywords, and how many of these name an
object that no box and no label has (`semcodec_train.describer.objects`). Reliability: of the 200 pictures of the
manifest `describer-test`, how often a caption is right (`semcodec_train.describer.package.is_right`) by how sure it
was. Writes `benchmarks/results/said.json`; intervals are bootstrap over pictures (95 %).
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import semcodec
from semcodec.evaluation.bootstrap import mean_interval
from semcodec.evaluation.measures.cider import words_of
from semcodec.extractors.guess import Guess
from semcodec.extractors.words import WordsExtractor
from semcodec.types import Words
from semcodec.zoo.catalog import shipped
from semcodec_train.describer.data import Photo, held_out_files, load_index
from semcodec_train.describer.objects import absent
from semcodec_train.describer.package import is_right

HERE = Path(__file__).resolve().parent
EDGES = (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.01)


def text_of(guess: Guess | None) -> str:
    return guess.said.text if guess is not None and isinstance(guess.said, Words) else ""


def described(describer: WordsExtractor, file: Path) -> tuple[Guess | None, Guess | None]:
    """A caption and keywords."""
    with Image.open(file) as picture:
        found = describer.describe(np.asarray(picture.convert("RGB")), tasks=("caption", "keywords"))
    return found.caption, found.keywords


def objects(
    describer: WordsExtractor, photos: Path, pictures: list[Photo]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Shares of pictures, and what was said of each."""
    rows = []
    for photo in pictures:
        caption, keywords = described(describer, photos / photo.file)
        given = next((guess for guess in (caption, keywords) if guess is not None and guess.is_sure), None)
        rows.append(
            {
                "file": photo.file,
                "caption": text_of(caption),
                "sure": round(caption.confidence, 3) if caption else 0.0,
                "absent": sorted(absent(words_of(text_of(caption)), photo)),
                "given": "nothing" if given is None else "sentence" if given is caption else "keywords",
                "keywords": text_of(keywords),
                "absent_keywords": sorted(absent(words_of(text_of(keywords)), photo)),
            }
        )
    sentences = [row for row in rows if row["given"] == "sentence"]
    only_keywords = [row for row in rows if row["given"] == "keywords"]
    shares = {
        "pictures": len(rows),
        "sentence_given": _share([row["given"] == "sentence" for row in rows]),
        "keywords_given": _share([row["given"] == "keywords" for row in rows]),
        "sentences_that_name_an_absent_object": _share([bool(row["absent"]) for row in sentences]),
        "keywords_that_name_an_absent_object": _share([bool(row["absent_keywords"]) for row in only_keywords]),
        "all_captions_sure_or_not": _share([bool(row["absent"]) for row in rows]),
    }
    return shares, rows


def _share(found: list[bool]) -> dict[str, Any]:
    if not found:
        return {"share": None, "of": 0}
    low, high = mean_interval([float(one) for one in found])
    return {"share": round(float(np.mean(found)), 3), "interval": [round(low, 3), round(high, 3)], "of": len(found)}


def reliability(describer: WordsExtractor, photos: Path, pictures: list[Photo]) -> list[dict[str, Any]]:
    """By how sure it was: how many captions, how sure on average, how many right."""
    told = []
    for photo in pictures:
        caption, _ = described(describer, photos / photo.file)
        if caption is not None:
            told.append((caption.confidence, is_right(words_of(text_of(caption)), photo)))
    bins = []
    for low, high in zip(EDGES, EDGES[1:], strict=False):
        inside = [(sure, right) for sure, right in told if low <= sure < high]
        if inside:
            sure, right = np.mean(inside, axis=0)
            bins.append(
                {"from": low, "captions": len(inside), "sure": round(float(sure), 3), "right": round(float(right), 3)}
            )
    return bins


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--describer", default=None, help="its name or folder; the newest in the package")
    parser.add_argument("--labels", type=Path, required=True, help="names of ImageNet's classes, one a line")
    parser.add_argument("--out", type=Path, default=HERE / "results" / "said.json")
    args = parser.parse_args()
    describer = semcodec.open_describer(args.describer or str(shipped().name_of("describer")))
    index = load_index(args.photos, args.labels)
    sets = {
        name: [photo for photo in index if photo.file in held_out_files(HERE / "manifests" / f"{name}.json")]
        for name in ("describer-objects", "describer-test")
    }
    result: dict[str, Any] = {}
    every = []
    for source in ("coco", "imagenet"):
        pictures = [photo for photo in sets["describer-objects"] if photo.source == source]
        result[source], rows = objects(describer, args.photos, pictures)
        every += rows
    result["reliability"] = reliability(describer, args.photos, sets["describer-test"])
    args.out.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    print(json.dumps(result, indent=1))
    for row in every:
        print(json.dumps(row))


if __name__ == "__main__":
    main()
