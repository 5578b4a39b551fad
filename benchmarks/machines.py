"""What machines still recognise in a decoded picture, beside real encoders at as many bytes.

    python benchmarks/machines.py --photos DIR --weights DIR [--first 50] [--jobs 2]
    python benchmarks/machines.py --page-only           # only the table, from the committed results

`--photos` holds the folder `val`; of its pictures (`manifests/photos-val.json`) `--first` are taken, evenly spaced.
`--weights` holds `mobilenet_v2.safetensors` and `efficientnet_lite2.safetensors` (classes), `yolox_nano.onnx` (things),
`yunet_n.onnx` (faces) and `lpips_alex.safetensors`. Each of them, and the outliner that is shipped, looks at the
original and at what was decoded; what it says of the original is the truth. semcodec is measured twice: with nothing
asked for, and with words and 150 bytes of outlines. Of the latter the outlines are also compared as the layer has them,
without any picture being painted. Of a peer's four scales (`semcodec bench`) the file counts that is nearest by LPIPS.
Where `--lines` (`results/photos-val/results.jsonl`) knows its scale and quality, it is coded again; else it is looked
for, which takes VVC minutes a picture. `--peers webp avif av1 vvc` measures all four.

Rows are kept in `benchmarks/cache/machines`, under the hashes of semcodec and of the weights: a run that was stopped
goes on, and after a change of semcodec only semcodec is measured. Writes `benchmarks/results/machines.json`, with 95 %
bootstrap intervals over pictures, and the table in `docs/layers.md`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import semcodec
from semcodec.errors import BudgetError
from semcodec.evaluation.bootstrap import mean_interval, ratio_interval
from semcodec.evaluation.budgets import Unit
from semcodec.evaluation.kept_rows import digest, kept_rows, measure_rows
from semcodec.evaluation.ladders import code_again, code_with_peer
from semcodec.evaluation.marks import write_between_marks
from semcodec.evaluation.measures.detection import Detector, matches
from semcodec.evaluation.measures.efficientnet import EfficientNet
from semcodec.evaluation.measures.faces import FaceDetector
from semcodec.evaluation.measures.judges import top1
from semcodec.evaluation.measures.lpips import Lpips
from semcodec.evaluation.measures.outlines import f_of_lines, lines_of
from semcodec.evaluation.network import LayerNetwork, to_network_range
from semcodec.evaluation.ours import fingerprint
from semcodec.evaluation.peers.registry import open_peers
from semcodec.evaluation.results import Line, read_lines
from semcodec.evaluation.sets import Picture, load_set
from semcodec.layers.structure import canvas_of
from semcodec.models import Models, ModelSettings
from semcodec.pictures import resized, resized_map
from semcodec.types import Size

if TYPE_CHECKING:
    from semcodec.evaluation.peers.peer import Peer
    from semcodec.types import Pixels

HERE = Path(__file__).resolve().parent
CACHE, RESULTS_PATH = HERE / "cache" / "machines", HERE / "results" / "machines.json"
PAGE = HERE.parent / "docs" / "layers.md"
BEGINS, ENDS = "<!-- machines: made by benchmarks/machines.py -->\n", "<!-- /machines -->"

OURS: dict[str, dict[str, Any]] = {"semcodec": {}, "semcodec-outlines": {"describe": True, "structure": 150}}
TITLES = {"semcodec": "semcodec", "semcodec-outlines": "semcodec with words and outlines"}
BUDGETS = (10, 20, 40)  # thousandths of a bit per pixel
WEIGHTS = {
    "mobilenet": "mobilenet_v2.safetensors",
    "efficientnet": "efficientnet_lite2.safetensors",
    "things": "yolox_nano.onnx",
    "faces": "yunet_n.onnx",
    "lpips": "lpips_alex.safetensors",
}
# Of the outliner: where its outlines agree best with those of people, uncoded and in 150 bytes (results/outlines.json).
LEAST_OUTLINE = 0.34

# Measure: title in the table, and what is divided by what, summed over pictures (None: a mean over pictures).
MEASURES: dict[str, tuple[str, str, str | None]] = {
    "mobilenet": ("MobileNetV2", "mobilenet", None),
    "efficientnet": ("EfficientNet-lite2", "efficientnet", None),
    "things": ("things, F1", "things_right", "things_all"),
    "faces": ("faces found", "faces_right", "faces_there"),
    "no_face": ("no face invented", "no_face", None),
    "outlines": ("outlines, F", "outlines", None),
    "outlines_layer": ("outlines without painting, F", "outlines_layer", None),
}


@dataclass(frozen=True, slots=True)
class Row:
    """What the machines found in one file. `judges`: the hash of their weights."""

    picture: str
    sha256: str
    codec: str
    settings: str
    budget: int
    num_bytes: int
    judges: str
    values: dict[str, float]

    @property
    def key(self) -> tuple[object, ...]:
        return (self.sha256, self.codec, self.settings, self.budget, self.judges)


@dataclass(frozen=True, slots=True)
class Task:
    """What of a picture is to be measured: (codec, budget)."""

    picture: Picture
    wanted: tuple[tuple[str, int], ...]


class Machines:
    """All networks, opened once."""

    def __init__(self, weights: Path) -> None:
        at = {name: weights / file for name, file in WEIGHTS.items()}
        self.models = Models(ModelSettings(threads=1))
        self.lpips = Lpips(at["lpips"])
        self._mobilenet, self._efficientnet = LayerNetwork(at["mobilenet"]), EfficientNet(at["efficientnet"])
        self._things, self._faces = Detector(at["things"]), FaceDetector(at["faces"])

    def see(self, image_HWC: Pixels) -> dict[str, Any]:
        return {
            "mobilenet": top1(self._mobilenet, image_HWC),
            "efficientnet": self._efficientnet.top1(image_HWC),
            "things": self._things.find(image_HWC),
            "faces": self._faces.find(image_HWC),
            "outlines": self.lines(image_HWC),
        }

    def lines(self, image_HWC: Pixels) -> np.ndarray:
        """(H, W) bool: the outlines that the shipped outliner is sure of."""
        size = Size(image_HWC.shape[1], image_HWC.shape[0])
        map_HW = self.models.outliner().find(resized(image_HWC, canvas_of(size)))
        return lines_of(resized_map(map_HW, size), LEAST_OUTLINE)


def compared(told: dict[str, Any], there: dict[str, Any]) -> dict[str, float]:
    """What was seen in the decoded picture, against what was seen in the original."""
    things, faces = matches(told["things"], there["things"]), matches(told["faces"], there["faces"])
    values = {name: float(told[name] == there[name]) for name in ("mobilenet", "efficientnet")}
    values |= {"things_right": 2.0 * things.both, "things_all": float(things.told + things.there)}
    values |= {"faces_right": float(faces.both), "faces_there": float(faces.there)}
    if not faces.there:
        values["no_face"] = float(not faces.told)
    return values | {"outlines": f_of_lines(told["outlines"], there["outlines"])}


class Worker:
    def __init__(self, weights: Path, judges: str, lines: Path) -> None:
        self._machines, self._judges = Machines(weights), judges
        self._known = nearest_lines(read_lines(lines) if lines.exists() else ())
        self._settings = settings_of()

    def rows_of(self, task: Task) -> list[Row]:
        image_HWC = task.picture.load()
        num_pixels = image_HWC.shape[0] * image_HWC.shape[1]
        there, rows = self._machines.see(image_HWC), []
        for codec in dict.fromkeys(codec for codec, _ in task.wanted):
            budgets = {Unit.MILLIBPP.num_bytes(b, num_pixels): b for c, b in task.wanted if c == codec}
            files = (
                self._ours(codec, image_HWC, budgets)
                if codec in OURS
                else self._peers(codec, task.picture, image_HWC, budgets)
            )
            for num_bytes, data, shown_HWC in files:
                values = compared(self._machines.see(shown_HWC), there)
                if "structure" in OURS.get(codec, {}):
                    drawn_HW = semcodec.decode_structure(data, models=self._machines.models)
                    values["outlines_layer"] = f_of_lines(lines_of(drawn_HW, LEAST_OUTLINE), there["outlines"])
                rounded = {name: round(value, 4) for name, value in values.items()}
                name, sha256 = task.picture.name, task.picture.sha256
                settings, budget = self._settings[codec], budgets[num_bytes]
                rows.append(Row(name, sha256, codec, settings, budget, len(data), self._judges, rounded))
        return rows

    def _ours(self, codec: str, image_HWC: Pixels, budgets: Iterable[int]) -> Iterator[tuple[int, bytes, Pixels]]:
        for budget in budgets:
            try:
                data = semcodec.encode(image_HWC, bytes=budget, models=self._machines.models, **OURS[codec]).data
            except BudgetError:
                continue
            yield budget, data, semcodec.decode(data, models=self._machines.models)

    def _peers(
        self, codec: str, picture: Picture, image_HWC: Pixels, budgets: dict[int, int]
    ) -> Iterator[tuple[int, bytes, Pixels]]:
        """Of all scales the nearest by LPIPS: as it was found before, else looked for."""
        (peer,), _ = open_peers([codec])
        unknown = dict(budgets)
        for num_bytes, budget in budgets.items():
            line = self._known.get((codec, picture.sha256, budget))
            again = None if line is None else code_again(peer, image_HWC, [line])
            if again:
                yield num_bytes, again[0].data, again[0].image_HWC
                del unknown[num_bytes]
        if unknown:
            yield from self._looked_for(peer, image_HWC, unknown)

    def _looked_for(self, peer: Peer, image_HWC: Pixels, budgets: Iterable[int]) -> Iterator[tuple[int, bytes, Pixels]]:
        lpips = self._machines.lpips
        original = lpips.features(to_network_range(image_HWC))
        coded = code_with_peer(peer, image_HWC, tuple(budgets))
        distances = [lpips.distance(original, lpips.features(to_network_range(one.image_HWC))) for one in coded]
        for budget in budgets:
            fits = [(distance, at) for at, distance in enumerate(distances) if budget in coded[at].budgets]
            if fits:
                best = coded[min(fits)[1]]
                yield budget, best.data, best.image_HWC


def nearest_lines(lines: Iterable[Line]) -> dict[tuple[str, str, int], Line]:
    """The line of least LPIPS, by codec, picture and budget in thousandths of a bit per pixel."""
    nearest: dict[tuple[str, str, int], Line] = {}
    for line in lines:
        for budget in line.budgets if "lpips" in line.values else ():
            key = (line.codec, line.picture_sha256, budget)
            if key not in nearest or line.values["lpips"] < nearest[key].values["lpips"]:
                nearest[key] = line
    return nearest


_worker: Worker  # one in each process of the pool


def _begin(weights: Path, judges: str, lines: Path) -> None:
    global _worker
    _worker = Worker(weights, judges, lines)


def _rows_of(task: Task) -> list[Row]:
    return _worker.rows_of(task)


def settings_of() -> dict[str, str]:
    """Of each codec, what decides about its files."""
    ours = f"semcodec {semcodec.__version__} {fingerprint()[:12]}"
    peers, _ = open_peers()
    return {name: f"{ours} {asked}".strip() for name, asked in OURS.items()} | {p.name: p.settings for p in peers}


def measure(args: argparse.Namespace) -> dict[str, Any]:
    codecs, settings = (*OURS, *args.peers), settings_of()
    judges = digest(args.weights / file for file in WEIGHTS.values())
    manifest = HERE / "manifests" / "photos-val.json"
    pictures = load_set(args.photos / "val", manifest=manifest).first(args.first).pictures
    args.cache.mkdir(parents=True, exist_ok=True)
    kept = args.cache / "rows.jsonl"
    rows = kept_rows(kept, Row)
    tasks = []
    for picture in pictures:
        pairs = [(codec, budget) for codec in codecs for budget in BUDGETS]
        wanted = tuple(p for p in pairs if (picture.sha256, p[0], settings[p[0]], p[1], judges) not in rows)
        if wanted:
            tasks.append(Task(picture, wanted))
    print(f"{len(tasks)} of {len(pictures)} pictures to do", flush=True)
    rows |= measure_rows(
        tasks, _rows_of, kept, num_jobs=args.jobs, begin=_begin, begin_with=(args.weights, judges, args.lines)
    )
    shas = {picture.sha256 for picture in pictures}
    wanted_rows = [
        r for r in rows.values() if r.sha256 in shas and r.judges == judges and r.settings == settings.get(r.codec)
    ]
    peers, _ = open_peers(args.peers)
    return {
        "pictures": len(pictures),
        "judges": judges,
        "least_outline": LEAST_OUTLINE,
        "titles": TITLES | {peer.name: peer.title for peer in peers},
        "settings": {codec: settings[codec] for codec in codecs},
        "budgets": {str(budget): of_budget(wanted_rows, codecs, budget) for budget in BUDGETS},
    }


def of_budget(rows: Sequence[Row], codecs: Sequence[str], budget: int) -> dict[str, Any]:
    found = {}
    for codec in codecs:
        of_codec = sorted((r for r in rows if r.codec == codec and r.budget == budget), key=lambda row: row.sha256)
        if of_codec:
            mean_bytes = round(float(np.mean([row.num_bytes for row in of_codec])), 1)
            values = {name: value for name in MEASURES if (value := mean_of(of_codec, name)) is not None}
            found[codec] = {"pictures": len(of_codec), "mean_bytes": mean_bytes, **values}
    return found


def mean_of(rows: Sequence[Row], measure: str) -> dict[str, float] | None:
    """Mean and interval over the pictures that have the measure; None where fewer than two do."""
    _, above, below = MEASURES[measure]
    if below is None:
        values = [row.values[above] for row in rows if above in row.values]
        if len(values) < 2:
            return None
        mean, (low, high) = float(np.mean(values)), mean_interval(values)
    else:
        pairs = [(row.values[above], row.values[below]) for row in rows if row.values[below]]
        if len(pairs) < 2:
            return None
        values, base = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        mean, (low, high) = sum(values) / sum(base), ratio_interval(values, base)
    return {"mean": round(mean, 4), "low": round(low, 4), "high": round(high, 4), "of": len(values)}


def table(results: dict[str, Any]) -> str:
    """The results in Markdown: per cent, the best of a size bold, of those that have a file of most pictures."""
    head = " | ".join(title for title, _, _ in MEASURES.values())
    lines = [
        f"{results['pictures']} photographs (`photos/val`, short side 320 px at most), per cent, with 95 % intervals "
        "over pictures (in brackets after a name: how many pictures it has a file of, where not all; its means are of "
        "the larger pictures, so they are not compared). Bold: the highest of those that have all.",
        "",
        f"| | bytes, mean | {head} |",
        f"|---|---|{'---|' * len(MEASURES)}",
    ]
    for budget, by_codec in results["budgets"].items():
        lines.append(f"| **{Unit.MILLIBPP.text(int(budget))}** |{' |' * (len(MEASURES) + 1)}")
        for codec, row in by_codec.items():
            cells = [cell(by_codec, codec, name) for name in MEASURES]
            few = "" if row["pictures"] == results["pictures"] else f" ({row['pictures']})"
            lines.append(f"| {results['titles'][codec]}{few} | {row['mean_bytes']:.0f} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def cell(by_codec: dict[str, Any], codec: str, measure: str) -> str:
    if measure not in by_codec[codec]:
        return ""
    value = by_codec[codec][measure]
    # (Means over fewer pictures are of the larger ones: they are not compared.)
    most = max(row["pictures"] for row in by_codec.values())
    means = [row[measure]["mean"] for row in by_codec.values() if measure in row and row["pictures"] == most]
    is_best = by_codec[codec]["pictures"] == most and value["mean"] >= max(means) > 0
    mean = f"{100 * value['mean']:.0f}"
    return f"{f'**{mean}**' if is_best else mean} ({100 * value['low']:.0f} to {100 * value['high']:.0f})"


def write_page(results: dict[str, Any]) -> None:
    write_between_marks(PAGE, BEGINS, ENDS, table(results))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--weights", type=Path, help="the folder of the machines' networks")
    parser.add_argument("--lines", type=Path, default=HERE / "results" / "photos-val" / "results.jsonl")
    parser.add_argument("--peers", nargs="+", default=["webp", "av1"])
    parser.add_argument("--first", type=int, help="that many of the pictures, evenly spaced")
    parser.add_argument("--jobs", type=int, default=1, help="processes, each on one core")
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--out", type=Path, default=RESULTS_PATH)
    parser.add_argument("--page-only", action="store_true", help="only the table, from --out")
    args = parser.parse_args()
    if not args.page_only:
        if None in (args.photos, args.weights):
            parser.error("--photos and --weights are needed")
        args.out.write_text(json.dumps(measure(args), indent=1) + "\n", "utf-8")
    results = json.loads(args.out.read_text("utf-8"))
    print(table(results))
    if args.out == RESULTS_PATH:
        write_page(results)


if __name__ == "__main__":
    main()
