"""Is what the describer says there? Its words about 280 pictures whose objects are known and that it never saw.

    python benchmarks/said.py --photos DIR --labels FILE --captions FILE [--describer NAME]

DIR holds `train/`, `val/` and `index.jsonl`. Of the 80 pictures of COCO and 200 of ImageNet in the manifest
`describer-objects` it tells for how many a sentence is given, for how many keywords, and how many of these name an
object that no box and no label has (`semcodec_train.describer.objects`); and what share of pictures would get a
sentence, and how many of these would be wrong, if plain sentences (`semcodec.extractors.plain`) had to be surer or less
sure. Of the 200 pictures of the manifest `describer-test`: CIDEr-D and bits of the network's own captions, sure or not,
and how often one is right (`semcodec_train.describer.package.is_right`) by how sure it was; and how often a plain
sentence names only what somebody named, likewise. Writes `benchmarks/results/said.json`; intervals are
bootstrap over pictures (95 %).
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from semcodec.evaluation.bootstrap import mean_interval
from semcodec.evaluation.measures.cider import CiderD, DocumentFrequencies, words_of
from semcodec.extractors.guess import Guess
from semcodec.extractors.plain import plain_sentences
from semcodec.extractors.words import WordsExtractor
from semcodec.nets.describer import DescriberNets
from semcodec.types import Words
from semcodec.zoo.catalog import shipped
from semcodec_train.describer.caption_bits import payload_bits
from semcodec_train.describer.data import Photo, held_out_files, load_index, sentences_by_picture
from semcodec_train.describer.objects import absent, unheard
from semcodec_train.describer.package import is_right

HERE = Path(__file__).resolve().parent
EDGES = (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.01)
ENOUGH = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
PEOPLE_ALONE = ("A person.", "People.")
GENERAL = {"person", "people"}  # said of anybody


def text_of(guess: Guess | None) -> str:
    return guess.said.text if guess is not None and isinstance(guess.said, Words) else ""


@dataclass(frozen=True, slots=True)
class Told:
    """`own`: the network's own caption. `plain`: the longest plain sentence by how sure each of its parts has to be."""

    caption: Guess | None
    keywords: Guess | None
    own: Guess | None
    plain: dict[float, tuple[str, float]]


def described(nets: DescriberNets, file: Path) -> Told:
    kinds = nets.vocabulary.kinds
    describer = WordsExtractor(nets)
    with Image.open(file) as picture:
        features_1PF = describer.see(np.asarray(picture.convert("RGB")))
    plain = {}
    if kinds is not None:
        chances = kinds.chances(nets.vocabulary.told(features_1PF))
        for enough in ENOUGH:
            found = plain_sentences(replace(kinds, enough=enough, beside=max(enough, kinds.beside)), chances)
            plain[enough] = found[0] if found else ("", 0.0)
    keywords = describer.words(features_1PF, task="keywords")
    return Told(describer.words(features_1PF), keywords, describer.written(features_1PF), plain)


def objects(nets: DescriberNets, photos: Path, pictures: list[Photo]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Shares of pictures, and what was said of each."""
    rows = []
    curve: dict[float, list[tuple[bool, bool, bool]]] = defaultdict(list)
    for photo in pictures:
        told = described(nets, photos / photo.file)
        caption, keywords = told.caption, told.keywords
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
                "absent_in_own": sorted(absent(words_of(text_of(told.own)), photo)),
            }
        )
        for enough, (text, _) in told.plain.items():
            own = told.own is not None and told.own.is_sure
            said = text_of(told.own) if own else text
            curve[enough].append((bool(said), bool(absent(words_of(said), photo)), said in PEOPLE_ALONE))
    sentences = [row for row in rows if row["given"] == "sentence"]
    only_keywords = [row for row in rows if row["given"] == "keywords"]
    shares = {
        "pictures": len(rows),
        "sentence_given": _share([row["given"] == "sentence" for row in rows]),
        "keywords_given": _share([row["given"] == "keywords" for row in rows]),
        "sentences_that_name_an_absent_object": _share([bool(row["absent"]) for row in sentences]),
        "keywords_that_name_an_absent_object": _share([bool(row["absent_keywords"]) for row in only_keywords]),
        "all_captions_sure_or_not": _share([bool(row["absent_in_own"]) for row in rows]),
        "by_how_sure_a_plain_sentence_has_to_be": {
            str(enough): {
                "sentence_given": round(float(np.mean([said for said, _, _ in some])), 3),
                "of_them_absent": round(float(np.mean([wrong for said, wrong, _ in some if said] or [0])), 3),
                "of_them_people_alone": round(float(np.mean([alone for said, _, alone in some if said] or [0])), 3),
            }
            for enough, some in curve.items()
        },
    }
    return shares, rows


def _share(found: list[bool]) -> dict[str, Any]:
    if len(found) < 2:  # (of one there is no interval)
        return {"share": float(found[0]) if found else None, "of": len(found)}
    low, high = mean_interval([float(one) for one in found])
    return {"share": round(float(np.mean(found)), 3), "interval": [round(low, 3), round(high, 3)], "of": len(found)}


def captions(
    nets: DescriberNets, photos: Path, pictures: list[Photo], frequencies: DocumentFrequencies
) -> dict[str, Any]:
    """CIDEr-D and bits of the network's own captions, sure or not; by how sure it was of these and of plain sentences,
    how many there are and how many are right.
    """
    cider = CiderD(frequencies)
    told, plain, given, scores, bits, lengths = [], [], [], [], [], []
    for photo in pictures:
        found = described(nets, photos / photo.file)
        caption = found.own
        given.append(found.caption is not None and found.caption.is_sure)
        sentence, sure = found.plain.get(min(ENOUGH), ("", 0.0))
        if sentence:
            people = {word for other in photo.captions for word in words_of(other)}
            named = set(words_of(sentence)) - GENERAL
            plain.append((sure, not unheard(named, people)))
        text = text_of(caption)
        scores.append(cider.score(words_of(text), cider.references(words_of(other) for other in photo.captions)))
        bits.append(payload_bits(text))
        lengths.append(len(words_of(text)))
        told.append((caption.confidence if caption else 0.0, is_right(words_of(text), photo)))
    low, high = mean_interval(scores)
    return {
        "cider_d": round(float(np.mean(scores)), 4),
        "cider_d_interval": [round(low, 4), round(high, 4)],
        "bits": round(float(np.mean(bits)), 2),
        "words": round(float(np.mean(lengths)), 2),
        "sentence_given": round(float(np.mean(given)), 3),
        "reliability": reliability(told),
        "reliability_of_plain_sentences": reliability(plain),
    }


def reliability(told: list[tuple[float, bool]]) -> list[dict[str, Any]]:
    bins = []
    for low, high in zip(EDGES, EDGES[1:], strict=False):
        inside = [(sure, right) for sure, right in told if low <= sure < high]
        if inside:
            sure, right = np.mean(inside, axis=0)
            bins.append(
                {"from": low, "sentences": len(inside), "sure": round(float(sure), 3), "right": round(float(right), 3)}
            )
    return bins


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--describer", default=None, help="its name or folder; the newest in the package")
    parser.add_argument("--labels", type=Path, required=True, help="names of ImageNet's classes, one a line")
    parser.add_argument("--captions", type=Path, required=True, help="captions/train.jsonl.gz: how rare words are")
    parser.add_argument("--out", type=Path, default=HERE / "results" / "said.json")
    args = parser.parse_args()
    found = shipped().package_of("describer", args.describer or str(shipped().name_of("describer")))
    if found is None:
        raise SystemExit(f"{args.describer}: neither a describer of the package nor a folder with one")
    nets = DescriberNets(found.files)
    index = load_index(args.photos, args.labels)
    sets = {
        name: [photo for photo in index if photo.file in held_out_files(HERE / "manifests" / f"{name}.json")]
        for name in ("describer-objects", "describer-test")
    }
    result: dict[str, Any] = {}
    every = []
    for source in ("coco", "imagenet"):
        pictures = [photo for photo in sets["describer-objects"] if photo.source == source]
        result[source], rows = objects(nets, args.photos, pictures)
        every += rows
    said = sentences_by_picture(args.captions, without=sets["describer-test"])
    frequencies = DocumentFrequencies.count([[words_of(text) for text in texts] for texts in said.values()])
    result["captions"] = captions(nets, args.photos, sets["describer-test"], frequencies)
    args.out.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    print(json.dumps(result, indent=1))
    for row in every:
        print(json.dumps(row))


if __name__ == "__main__":
    main()
