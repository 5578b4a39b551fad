"""Whether drawing what was not sent helps where a restorer stands behind it: the same files, restored, with the
generator and without.

    python benchmarks/invention_restored.py --kodak DIR --mobilenet FILE --lpips FILE --dists FILE

Files of 60 to 1,000 bytes, tokens alone, no words. Writes `benchmarks/results/invention_restored.json` (`--out`) and
the table of docs/fine-granularity.md. Intervals are 95 %, bootstrap over pictures, in pairs; errors of KID a jackknife.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from invention import gain, of, patch_features, rounded

import semcodec
from semcodec.evaluation.marks import write_between_marks
from semcodec.evaluation.measures.distance import unit_distance, unit_features
from semcodec.evaluation.measures.dists import Dists
from semcodec.evaluation.measures.kid import kid, kid_difference
from semcodec.evaluation.measures.lpips import Lpips
from semcodec.evaluation.measures.pixels import psnr_db
from semcodec.evaluation.network import LayerNetwork, to_network_range
from semcodec.evaluation.sets import Picture, load_set

if TYPE_CHECKING:
    from semcodec.types import Pixels

HERE = Path(__file__).resolve().parent
RESULTS_PATH = HERE / "results" / "invention_restored.json"
PAGE = HERE.parent / "docs" / "fine-granularity.md"
JUDGE2_PATH = HERE / "judges" / "judge2.safetensors"
BUDGETS = (60, 100, 340, 1000)
FILLED, DRAWN = "filled in", "drawn"
MEASURES = ("lpips", "dists", "judge2", "mobilenet", "psnr_db")
NETWORKS = ("judge2", "mobilenet")
BEGINS, ENDS = "<!-- restored: made by benchmarks/invention_restored.py -->\n", "<!-- /restored -->"


class Against:
    """One original, and how far paintings are from it (by DISTS, too, if there is one)."""

    def __init__(
        self, networks: Mapping[str, LayerNetwork], lpips: Lpips, dists: Dists | None, original_HWC: Pixels
    ) -> None:
        self._networks, self._lpips, self._dists, self._original = networks, lpips, dists, original_HWC
        self._seen = self._features(original_HWC)

    def _features(self, image_HWC: Pixels) -> dict[str, Any]:
        image_NCHW = to_network_range(image_HWC)
        seen = {name: unit_features(network.features(image_NCHW)) for name, network in self._networks.items()}
        seen |= {"lpips": self._lpips.features(image_NCHW)}
        return seen if self._dists is None else seen | {"dists": self._dists.features(image_HWC)}

    def measure(self, painted_HWC: Pixels) -> dict[str, float]:
        mine, own = self._features(painted_HWC), self._seen
        told = {name: unit_distance(own[name], mine[name]) for name in NETWORKS}
        told |= {"lpips": self._lpips.distance(own["lpips"], mine["lpips"])}
        if self._dists is not None:
            told |= {"dists": self._dists.distance(own["dists"], mine["dists"])}
        return told | {"psnr_db": psnr_db(self._original, painted_HWC)}


def measured(args: argparse.Namespace, pictures: Sequence[Picture]) -> dict[str, Any]:
    networks = {"judge2": LayerNetwork(JUDGE2_PATH), "mobilenet": LayerNetwork(args.mobilenet)}
    lpips, dists = Lpips(args.lpips), Dists(args.dists)
    rows: dict[int, dict[str, list[dict[str, float]]]] = {at: {FILLED: [], DRAWN: []} for at in BUDGETS}
    patches: dict[int, dict[str, list[dict[str, np.ndarray]]]] = {at: {FILLED: [], DRAWN: []} for at in BUDGETS}
    real = []
    for picture in pictures:
        original_HWC = picture.load()
        against = Against(networks, lpips, dists, original_HWC)
        real.append(patch_features(networks, original_HWC))
        for budget in BUDGETS:
            data = semcodec.encode(original_HWC, bytes=budget, picture="tokens").data
            for way, invent in ((FILLED, False), (DRAWN, True)):
                painted_HWC = semcodec.decode(data, invent=invent)
                rows[budget][way].append({"file_bytes": len(data), **against.measure(painted_HWC)})
                patches[budget][way].append(patch_features(networks, painted_HWC))
        print(picture.name, flush=True)
    return {str(at): summary(rows[at], real, patches[at]) for at in BUDGETS}


def summary(
    rows: Mapping[str, Sequence[Mapping[str, float]]],
    real: Sequence[Mapping[str, np.ndarray]],
    patches: Mapping[str, Sequence[Mapping[str, np.ndarray]]],
) -> dict[str, Any]:
    """Of one budget: the means of both ways, and what drawing adds to each measure."""
    told: dict[str, Any] = {way: {} for way in rows}
    for way, of_way in rows.items():
        told[way] = {name: round(statistics.mean(row[name] for row in of_way), 4) for name in of_way[0]}
        for network in NETWORKS:
            told[way][f"kid_{network}"] = rounded(kid(of(network, real), of(network, patches[way])))
    told["drawn_less_filled"] = {
        name: gain([row[name] for row in rows[DRAWN]], [row[name] for row in rows[FILLED]]) for name in MEASURES
    }
    for network in NETWORKS:
        sides = (of(network, side) for side in (real, patches[DRAWN], patches[FILLED]))
        told["drawn_less_filled"][f"kid_{network}"] = rounded(kid_difference(*sides))
    return told


def table(results: Mapping[str, Any]) -> str:
    lines = [
        "| bytes | what was not sent is | LPIPS | DISTS | second network | MobileNetV2 | PSNR | KID, second network |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for budget, found in results["budgets"].items():
        for way in (FILLED, DRAWN):
            means = found[way]
            kid_value, kid_error = means["kid_judge2"]
            lines.append(
                f"| {int(budget):,} | {way} | "
                + " | ".join(f"{means[name]:.3f}" for name in MEASURES[:-1])
                + f" | {means['psnr_db']:.2f} dB | {kid_value:.3f} ± {kid_error:.3f} |"
            )
        less = found["drawn_less_filled"]
        cells = [f"{less[m]['mean']:+.3f} ({less[m]['low']:+.3f} to {less[m]['high']:+.3f})" for m in MEASURES]
        value, error = less["kid_judge2"]
        lines.append(f"| | *difference* | {' | '.join(cells)} | {value:+.3f} ± {error:.3f} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    for name in ("kodak", "mobilenet", "lpips", "dists"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=RESULTS_PATH)
    args = parser.parse_args()
    pictures = load_set(args.kodak, manifest=HERE / "manifests" / "kodak.json").pictures
    results = {"pictures": len(pictures), "budgets": measured(args, pictures)}
    args.out.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    write_between_marks(PAGE, BEGINS, ENDS, f"{table(results)}\n")


if __name__ == "__main__":
    main()
