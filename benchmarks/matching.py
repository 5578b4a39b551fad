"""Which picture is it? Outlines of files matched with those of originals, with and without painting.

    python benchmarks/matching.py --photos DIR [--queries 30] [--bytes 150]
    python benchmarks/matching.py --page-only           # only the table, from the committed results

`--photos` holds the folder `val`. Of 100 of its pictures, evenly spaced, `--queries` are sent as words and outlines
(`--profile structure`, the describer's words), and once as words alone. The originals are ranked by how their outlines,
as the shipped outliner finds them, correlate with those of a file: as the layer says them (nothing is painted), and as
the outliner finds them in the painting. Every map is squeezed to a square of 160 and blurred by 3 pixels, so no shape
gives a picture away. Beside it the ranking by the second network's features, averaged over the picture, as
`invention.py` has it for words alone. Writes `benchmarks/results/matching.json`, with 95 % bootstrap intervals over
queries, and the table in `docs/layers.md`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import semcodec
from semcodec.evaluation.bootstrap import mean_interval
from semcodec.evaluation.marks import write_between_marks
from semcodec.evaluation.network import LayerNetwork, to_network_range
from semcodec.evaluation.require import require
from semcodec.evaluation.sets import load_set
from semcodec.models import Models, ModelSettings
from semcodec.pictures import resized, resized_map
from semcodec.types import Size

HERE = Path(__file__).resolve().parent
RESULTS_PATH, PAGE = HERE / "results" / "matching.json", HERE.parent / "docs" / "layers.md"
BEGINS, ENDS = "<!-- matching: made by benchmarks/matching.py -->\n", "<!-- /matching -->"
NUM_ORIGINALS, CUTOFFS = 100, (1, 5)
SEEN, MAP, BLUR_PX, FEATURES_PX = Size(320, 320), Size(160, 160), 3.0, 64
TITLES = {
    "layer": "outlines of the layer, nothing painted",
    "painted": "outlines found in the painting",
    "features": "features of the painting (second network)",
    "words": "the same, painted from words alone",
}


class Bench:
    def __init__(self) -> None:
        self.models = Models(ModelSettings(threads=1))
        self._network = LayerNetwork(HERE / "judges" / "judge2.safetensors")

    def found(self, image_HWC: np.ndarray) -> np.ndarray:
        """The outlines of a picture as one vector of length 1."""
        return vector_of(resized_map(self.models.outliner().find(resized(image_HWC, SEEN)), MAP))

    def said(self, data: bytes) -> np.ndarray:
        return vector_of(semcodec.decode_structure(data, size=MAP, models=self.models))

    def features(self, image_HWC: np.ndarray) -> np.ndarray:
        small = Image.fromarray(image_HWC).resize((FEATURES_PX, FEATURES_PX), Image.Resampling.LANCZOS)
        return np.asarray(self._network.pooled(to_network_range(np.asarray(small)))[0], dtype=np.float64)


def vector_of(map_HW: np.ndarray) -> np.ndarray:
    soft = require("scipy.ndimage", extra="bench").gaussian_filter(map_HW.astype(np.float64), BLUR_PX).ravel()
    centred = soft - soft.mean()
    return np.asarray(centred / max(float(np.linalg.norm(centred)), 1e-9))


def recalls(asked_QD: np.ndarray, there_GD: np.ndarray, own: Iterable[int]) -> dict[str, Any]:
    """By cutoff: how many of the queries have their own original among the first."""
    likeness_QG = asked_QD @ there_GD.T
    ranks = [int((row > row[at]).sum()) for row, at in zip(likeness_QG, own, strict=True)]
    told = {}
    for cutoff in CUTOFFS:
        hits = [float(rank < cutoff) for rank in ranks]
        low, high = mean_interval(hits)
        told[f"recall@{cutoff}"] = {
            "mean": round(float(np.mean(hits)), 4),
            "low": round(low, 4),
            "high": round(high, 4),
        }
    return told


def measured(photos: Path, num_queries: int, num_bytes: int) -> dict[str, Any]:
    bench = Bench()
    pictures = load_set(photos / "val", manifest=HERE / "manifests" / "photos-val.json").first(NUM_ORIGINALS).pictures
    images = [picture.load() for picture in pictures]
    own = [at * len(images) // num_queries for at in range(num_queries)]
    files = [
        semcodec.encode(images[at], profile="structure", structure=num_bytes, models=bench.models).data for at in own
    ]
    painted = [semcodec.decode(data, models=bench.models) for data in files]
    worded = [semcodec.decode(data, layers=["semantic"], models=bench.models) for data in files]
    there = np.stack([bench.found(image) for image in images])
    seen = np.stack([bench.features(image) for image in images])
    centre = seen.mean(axis=0)

    def unit(images: list[np.ndarray]) -> np.ndarray:
        away = np.stack([bench.features(image) for image in images]) - centre
        return np.asarray(away / np.linalg.norm(away, axis=1, keepdims=True))

    ways = {
        "layer": recalls(np.stack([bench.said(data) for data in files]), there, own),
        "painted": recalls(np.stack([bench.found(image) for image in painted]), there, own),
        "features": recalls(unit(painted), unit(images), own),
        "words": recalls(unit(worded), unit(images), own),
    }
    return {
        "originals": len(images),
        "queries": num_queries,
        "mean_bytes": round(float(np.mean([len(data) for data in files])), 1),
        "generator": bench.models.name_of("generator"),
        "ways": ways,
    }


def table(results: dict[str, Any]) -> str:
    lines = [
        f"{results['queries']} files of {results['mean_bytes']:.0f} bytes, painted by `{results['generator']}`, among "
        f"{results['originals']} originals (`photos/val`); by chance 1 % are first, 5 % among the first five.",
        "",
        f"| ranked by | {' | '.join(f'recall@{cutoff}' for cutoff in CUTOFFS)} |",
        f"|---|{'---|' * len(CUTOFFS)}",
    ]
    for name, title in TITLES.items():
        found = [results["ways"][name][f"recall@{cutoff}"] for cutoff in CUTOFFS]
        cells = [f"{one['mean']:.0%} ({one['low']:.0%} to {one['high']:.0%})" for one in found]
        lines.append(f"| {title} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--queries", type=int, default=30)
    parser.add_argument("--bytes", type=int, default=150, dest="num_bytes", help="of outlines")
    parser.add_argument("--out", type=Path, default=RESULTS_PATH)
    parser.add_argument("--page-only", action="store_true", help="only the table, from --out")
    args = parser.parse_args()
    if not args.page_only:
        if args.photos is None:
            parser.error("--photos is needed")
        found = measured(args.photos, args.queries, args.num_bytes)
        args.out.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    results = json.loads(args.out.read_text("utf-8"))
    if args.out == RESULTS_PATH:
        write_between_marks(PAGE, BEGINS, ENDS, table(results))
    print(table(results))


if __name__ == "__main__":
    main()
