"""Is what the describer says there? Its words about 280 pictures whose objects are known and that it never saw.

    python benchmarks/said.py --photos DIR --labels FILE --captions FILE [--describer NAME]

DIR holds `train/`, `val/` and `index.jsonl`. Of the 80 pictures of COCO and 200 of ImageNet in the manifest
`describer-objects` it tells for how many a sentence is given, for how many keywords, and how many of these name an
object that no box and no label has (`semcodec_train.describer.objects`). Of the 200 pictures of the manifest
`describer-test`: CIDEr-D and bits of its captions, sure or not, and how often a caption is right
(`semcodec_train.describer.package.is_right`) by how sure it was. Writes `benchmarks/results/said.json`; intervals are
bootstrap over pictures (95 %).
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
from semcodec.evaluation.measures.cider import CiderD, DocumentFrequencies, words_of
from semcodec.extractors.guess import Guess
from semcodec.extractors.words import WordsExtractor
from semcodec.types import Words
from semcodec.zoo.catalog import shipped
from semcodec_train.describer.caption_bits import payload_bits
from semcodec_train.describer.data import Photo, held_out_files, load_index, sentences_by_picture
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


def captions(
    describer: WordsExtractor, photos: Path, pictures: list[Photo], frequencies: DocumentFrequencies
) -> dict[str, Any]:
    """CIDEr-D and bits of all captions, sure or not; by how sure it was, how many there are and how many are right."""
    cider = CiderD(frequencies)
    told, scores, bits, lengths = [], [], [], []
    for photo in pictures:
        caption, _ = described(describer, photos / photo.file)
        text = text_of(caption)
        scores.append(cider.score(words_of(text), cider.references(words_of(other) for other in photo.captions)))
        bits.append(payload_bits(text))
        lengths.append(len(words_of(text)))
        told.append((caption.confidence if caption else 0.0, is_right(words_of(text), photo)))
    bins = []
    for low, high in zip(EDGES, EDGES[1:], strict=False):
        inside = [(sure, right) for sure, right in told if low <= sure < high]
        if inside:
            sure, right = np.mean(inside, axis=0)
            bins.append(
                {"from": low, "captions": len(inside), "sure": round(float(sure), 3), "right": round(float(right), 3)}
            )
    low, high = mean_interval(scores)
    return {
        "cider_d": round(float(np.mean(scores)), 4),
        "cider_d_interval": [round(low, 4), round(high, 4)],
        "bits": round(float(np.mean(bits)), 2),
        "words": round(float(np.mean(lengths)), 2),
        "sure_of": round(float(np.mean([sure >= 0.5 for sure, _ in told])), 3),
        "reliability": bins,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--describer", default=None, help="its name or folder; the newest in the package")
    parser.add_argument("--labels", type=Path, required=True, help="names of ImageNet's classes, one a line")
    parser.add_argument("--captions", type=Path, required=True, help="captions/train.jsonl.gz: how rare words are")
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
    said = sentences_by_picture(args.captions, without=sets["describer-test"])
    frequencies = DocumentFrequencies.count([[words_of(text) for text in texts] for texts in said.values()])
    result["captions"] = captions(describer, args.photos, sets["describer-test"], frequencies)
    args.out.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    print(json.dumps(result, indent=1))
    for row in every:
        print(json.dumps(row))


if __name__ == "__main__":
    main()
