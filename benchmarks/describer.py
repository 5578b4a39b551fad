"""How good the describer's captions are for their bits, on 200 captioned pictures that no stage of its training saw.

    python benchmarks/describer.py --describer describer_lite2 --data DIR --trained DIR --writers DIR [--sees NAME]

`--trained` is what `semcodec_train.describer.train` left, `--writers` holds weights from
`semcodec_train.describer.self_critical`, one file each, `RECIPE-seed-N.pt`; `--sees` is a packaged describer whose
detector they get. Compared are: the cross-entropy writer with beams of 1 to 8 (the best one is chosen on the 80
pictures for choosing, not on these), at the rate that stopped its training; the writers after self-critical learning,
per recipe and rate (a beam of 1 or 3, chosen likewise), the mean of the seeds, beside the cross-entropy writer at the
same rate; one person's caption against the others'; the caption of the most similar training picture; and one caption
for all. CIDEr-D has its document frequencies from captions/train. Bits are those of the whole bytes of the words
section's payload. Intervals are bootstrap over pictures (95 %). Writes `benchmarks/results/describer.json`.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from semcodec.evaluation.bootstrap import mean_interval
from semcodec.evaluation.measures.cider import CiderD, words_of
from semcodec.zoo.catalog import shipped
from semcodec_train.describer.caption_bits import CaptionBits, payload_bits
from semcodec_train.describer.detector import packaged_detector, seeing_with
from semcodec_train.describer.model import Writer
from semcodec_train.describer.recipes import DESCRIBERS
from semcodec_train.describer.scores import Judge, memories
from semcodec_train.describer.train import Trained, train_describer
from semcodec_train.describer.writing import beam_search, finished

ROOT = Path(__file__).resolve().parent
MANIFEST_PATH = ROOT / "manifests" / "describer-test.json"
OBJECTS_PATH = ROOT / "manifests" / "describer-objects.json"
RESULTS_PATH = ROOT / "results" / "describer.json"
BEAMS = (1, 2, 3, 4, 5, 8)
WRITER_BEAMS = (1, 3)  # after self-critical learning
DEAR_BEAM, DEAR = 6, (-0.02, -0.01, -0.005, 0.0, 0.005, 0.01, 0.02, 0.05, 0.1)  # of a bit, in mean log-probability


@dataclass(frozen=True, slots=True)
class Measured:
    """Of each picture's caption."""

    texts: list[str]
    scores: np.ndarray
    bits: np.ndarray
    words: np.ndarray

    def summary(self) -> dict[str, Any]:
        return {
            "cider_d": _rounded(self.scores.mean()),
            "cider_d_interval": [_rounded(end) for end in mean_interval(self.scores.tolist())],
            "bits": _rounded(self.bits.mean(), 2),
            "words": _rounded(self.words.mean(), 2),
        }


def _rounded(value: float, digits: int = 4) -> float:
    return round(float(value), digits)


class Bench:
    """One part of the split, ready to be described."""

    def __init__(self, trained: Trained, part: str, max_words: int) -> None:
        self.trained, self.max_words = trained, max_words
        self.photos = trained.photos(part)
        self.judge = Judge.of_photos(trained.language, self.photos)
        self.memory = memories(trained.model, trained.seen, trained.logits, trained.rows[part])
        self.vocabulary = trained.language.vocabulary
        self.grammar = trained.grammar(trained.rows[part])

    def measure(self, writer: Writer, rate: int, beam: int) -> Measured:
        rates = torch.full((len(self.photos),), self.vocabulary.first_rate + rate)
        found = beam_search(writer, self.memory, rates, self.grammar, beam=beam, max_words=self.max_words)
        return self.of_ids([list(caption.ids) for caption in found])

    def by_dear(self, writer: Writer, rate: int) -> dict[str, Any]:
        """By how dear a bit is, what the captions are worth."""
        rates = torch.full((len(self.photos),), self.vocabulary.first_rate + rate)
        how = {"beam": DEAR_BEAM, "max_words": self.max_words, "all_of_them": True}
        found = finished(writer, self.memory, rates, self.grammar, **how)
        prices = CaptionBits()
        priced = [[(one, prices.bits(self.vocabulary.text_of(one.ids))) for one in some] for some in found]
        result = {}
        for dear in DEAR:
            taken = [max(some, key=lambda it, dear=dear: it[0].score - dear * it[1])[0] for some in priced]
            result[str(dear)] = self.of_ids([one.ids for one in taken]).summary()
        return result

    def of_ids(self, captions: Sequence[Sequence[int]]) -> Measured:
        texts = [self.vocabulary.text_of(ids) for ids in captions]
        return Measured(
            texts,
            np.array([self.judge.score(row, ids) for row, ids in enumerate(captions)]),
            np.array([payload_bits(text) for text in texts]),
            np.array([len(words_of(text)) for text in texts]),
        )


def gain(mine: np.ndarray, theirs: np.ndarray) -> dict[str, Any]:
    """Of means, relative; the interval is that of the paired differences over the other's mean."""
    low, high = mean_interval((mine - theirs).tolist())
    base = theirs.mean()
    return {
        "relative": _rounded(mine.mean() / base - 1),
        "interval": [_rounded(low / base), _rounded(high / base)],
    }


def human_caption(bench: Bench) -> Measured:
    """Each picture's first caption against its other ones."""
    cider = CiderD(bench.trained.language.frequencies)
    texts = [photo.captions[0] for photo in bench.photos]
    scores = [
        cider.score(words_of(photo.captions[0]), cider.references(words_of(text) for text in photo.captions[1:]))
        for photo in bench.photos
    ]
    bits = [payload_bits(text.strip()) for text in texts]
    return Measured(texts, np.array(scores), np.array(bits), np.array([len(words_of(text)) for text in texts]))


def nearest_caption(bench: Bench) -> Measured:
    """Of the training picture with the most similar features, the caption that the others agree with most."""
    trained = bench.trained
    rows = trained.rows["train"]
    cider = CiderD(trained.language.frequencies)

    def pooled(rows: Sequence[int]) -> Tensor:
        return torch.nn.functional.normalize(trained.seen.pooled[rows, 0].float().clamp(min=0).sqrt() - centre, dim=1)

    centre = torch.zeros(1)
    centre = trained.seen.pooled[rows, 0].float().clamp(min=0).sqrt().mean(0)
    known = pooled(rows)
    test_rows = [at for at, photo in enumerate(trained.seen.photos) if photo in set(bench.photos)]
    nearest = (pooled(test_rows) @ known.T).argmax(1).tolist()
    captions = []
    for at in nearest:
        texts = [words_of(text) for text in trained.seen.photos[rows[at]].captions]
        agreed = [cider.score(words, cider.references(texts[:i] + texts[i + 1 :])) for i, words in enumerate(texts)]
        captions.append(trained.language.vocabulary.ids(texts[int(np.argmax(agreed))]))
    return bench.of_ids([[i for i in ids if i >= trained.language.vocabulary.first_word] for ids in captions])


def run(args: argparse.Namespace) -> dict[str, Any]:
    recipe = DESCRIBERS[args.describer]()
    trained = train_describer(recipe, args.data, [MANIFEST_PATH, OBJECTS_PATH], args.trained)
    if args.sees is not None:
        package = shipped().package_of("describer", args.sees)
        if package is None:
            raise SystemExit(f"{args.sees}: neither a describer of the package nor a folder with one")
        trained = seeing_with(trained, packaged_detector(package.files["image.onnx"]))
    choose = Bench(trained, "choose", recipe.max_words)
    test = Bench(trained, "test", recipe.max_words)
    plain, judged = trained.model.writer, recipe.judged_rate
    if args.dear_alone:
        known = json.loads(args.out.read_text("utf-8"))
        return known | {"cross_entropy_by_dear": test.by_dear(plain, judged)}
    chosen = {beam: choose.measure(plain, judged, beam) for beam in BEAMS}
    best_beam = max(BEAMS, key=lambda beam: chosen[beam].scores.mean())
    by_beam = {beam: test.measure(plain, judged, beam) for beam in BEAMS}
    by_rate = [test.measure(plain, rate, best_beam) for rate in range(len(recipe.lambdas))]
    constant = test.vocabulary.ids(words_of(args.constant))
    result: dict[str, Any] = {
        "pictures": len(test.photos),
        "lambdas": list(recipe.lambdas),
        "cross_entropy": {
            "best_beam": best_beam,
            "by_rate": [measured.summary() for measured in by_rate],
            "judged_rate": judged,
            "by_beam": {str(beam): measured.summary() for beam, measured in by_beam.items()},
            "by_beam_when_choosing": {str(beam): _rounded(m.scores.mean()) for beam, m in chosen.items()},
        },
        "one_person": human_caption(test).summary(),
        "nearest_training_picture": nearest_caption(test).summary(),
        "one_caption_for_all": {"text": args.constant, **test.of_ids([constant] * len(test.photos)).summary()},
        "cross_entropy_by_dear": test.by_dear(plain, judged),
        "self_critical": {},
    }
    writers: dict[str, list[Path]] = defaultdict(list)
    for path in sorted(args.writers.glob("*-seed-*.pt")):
        writers[path.stem.split("-seed-")[0]].append(path)
    for name, paths in writers.items():
        by_seed: list[list[Measured]] = []
        beam = 1
        for path in paths:
            writer = Writer(recipe.writer, len(test.vocabulary)).eval()
            writer.load_state_dict(torch.load(path, weights_only=True, map_location="cpu"))
            if not by_seed:
                beam = max(WRITER_BEAMS, key=lambda beam, it=writer: choose.measure(it, judged, beam).scores.mean())
            by_seed.append([test.measure(writer, rate, beam) for rate in range(len(recipe.lambdas))])
        result["self_critical"][name] = [
            {
                "lambda": lam,
                "beam": beam,
                **_mean_of_seeds([seed[rate] for seed in by_seed], by_rate[rate]),
            }
            for rate, lam in enumerate(recipe.lambdas)
        ]
    return result


def _mean_of_seeds(seeds: Sequence[Measured], baseline: Measured) -> dict[str, Any]:
    scores = np.mean([measured.scores for measured in seeds], axis=0)
    bits = np.mean([measured.bits for measured in seeds], axis=0)
    words = np.mean([measured.words for measured in seeds], axis=0)
    return {
        **Measured([], scores, bits, words).summary(),
        "seeds": [_rounded(measured.scores.mean()) for measured in seeds],
        "gain_over_cross_entropy": gain(scores, baseline.scores),
        "bits_over_cross_entropy": _rounded(bits.mean() / baseline.bits.mean() - 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--describer", choices=sorted(DESCRIBERS), default="describer_lite2")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--trained", type=Path, required=True)
    parser.add_argument("--writers", type=Path, required=True)
    parser.add_argument("--sees", default=None, help="a describer, by name or folder, whose detector they get")
    parser.add_argument("--constant", default="A man in a blue shirt is standing on the grass.")
    parser.add_argument("--dear-alone", action="store_true")
    parser.add_argument("--out", type=Path, default=RESULTS_PATH)
    args = parser.parse_args()
    result = run(args)
    args.out.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
