"""What machines still recognise in a decoded picture, beside real encoders at as many bytes.

    python benchmarks/machines.py --photos DIR --weights DIR [--first 150] [--readers 50] [--peers webp av1 vvc=25]
    python benchmarks/machines.py --page-only           # only the table, from the committed results

`--photos` holds the folder `val`; of its pictures (`manifests/photos-val.json`) `--first` are taken, evenly spaced
(of a peer with a number, so many of these). `--weights` holds `mobilenet_v2.safetensors` and
`efficientnet_lite2.safetensors` (classes), `yolox_nano.onnx` (things), `yunet_n.onnx` (faces) and
`lpips_alex.safetensors`. Each of them, and the outliner that is shipped, looks at the original and at what was
decoded; what it says of the original is the truth. semcodec is measured three times: with nothing asked for, with
words and 150 bytes of outlines, and as words and outlines alone (`--profile structure`, on `--painted` pictures). Of
the latter two the outlines are also compared as the layer has them, without any picture being painted. Of a peer's
four scales (`semcodec bench`) the file counts that is nearest by LPIPS. Where `--lines`
(`results/photos-val/results.jsonl`) knows its scale and quality, it is coded again; else it is looked for, which
takes VVC minutes a picture.

On `--readers` pictures two more are asked: the describer, how many of its words for the original it still finds
(`measures/words_kept.py`), and people: where they drew boundaries (`edges` beside `val`, of the pictures of BSDS500)
the outliner should find some in the decoded picture.

Rows are kept in `benchmarks/cache/machines`, under the hashes of semcodec and of the weights: a run that was stopped
goes on, and after a change of semcodec only semcodec is measured. Writes `benchmarks/results/machines.json`: means, and
what semcodec has more than each peer on the pictures that both have a file of, with 95 % bootstrap intervals over
pictures. Writes the tables in `docs/layers.md` and the short one of the README, too.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

import semcodec
from semcodec.errors import BudgetError
from semcodec.evaluation.bootstrap import NUM_RESAMPLES, mean_interval, ratio_interval
from semcodec.evaluation.budgets import Unit
from semcodec.evaluation.kept_rows import digest, kept_rows, measure_rows
from semcodec.evaluation.ladders import code_again, code_with_peer
from semcodec.evaluation.marks import write_between_marks
from semcodec.evaluation.measures.detection import Detector, matches
from semcodec.evaluation.measures.efficientnet import EfficientNet
from semcodec.evaluation.measures.faces import FaceDetector
from semcodec.evaluation.measures.judges import top1
from semcodec.evaluation.measures.lpips import Lpips
from semcodec.evaluation.measures.outlines import THRESHOLDS, agreement, f_of_lines, lines_of
from semcodec.evaluation.measures.words_kept import WordsKept
from semcodec.evaluation.network import LayerNetwork, to_network_range
from semcodec.evaluation.ours import fingerprint
from semcodec.evaluation.peers.registry import open_peers
from semcodec.evaluation.results import Line, read_lines
from semcodec.evaluation.sets import Picture, load_set
from semcodec.ids import LayerId
from semcodec.layers.structure import canvas_of
from semcodec.models import Models, ModelSettings
from semcodec.pictures import resized, resized_map
from semcodec.types import Size

if TYPE_CHECKING:
    from semcodec.evaluation.peers.peer import Peer
    from semcodec.types import Pixels

HERE = Path(__file__).resolve().parent
CACHE, RESULTS_PATH = HERE / "cache" / "machines", HERE / "results" / "machines.json"
PAGE, README = HERE.parent / "docs" / "layers.md", HERE.parent / "README.md"
BEGINS, ENDS = "<!-- machines: made by benchmarks/machines.py -->\n", "<!-- /machines -->"
README_BUDGETS = (20, 40)

OURS: dict[str, dict[str, Any]] = {
    "semcodec": {},
    "semcodec-outlines": {"describe": True, "structure": 150},
    "semcodec-structure": {"profile": "structure"},
}
TITLES = {
    "semcodec": "semcodec",
    "semcodec-outlines": "semcodec with words and outlines",
    "semcodec-structure": "semcodec, words and outlines alone",
}
BUDGETS = (10, 20, 40)  # thousandths of a bit per pixel
MOST_BUDGET = {"semcodec-structure": 20}
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
    "words": ("words kept", "words", None),
    "drawn": ("people's boundaries, F", "drawn", None),
}
COMPARED = tuple(name for name in MEASURES if name != "outlines_layer")
PANELS = ("networks", "readers")
READ = ("semcodec", "webp", "avif", "av1")  # whose files readers are asked about


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
    """What of a picture is to be measured: (codec, budget, panel)."""

    picture: Picture
    wanted: tuple[tuple[str, int, str], ...]


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
        return lines_of(self.outlined(image_HWC), LEAST_OUTLINE)

    def outlined(self, image_HWC: Pixels) -> np.ndarray:
        """(H, W) uint8: all that it finds."""
        size = Size(image_HWC.shape[1], image_HWC.shape[0])
        return resized_map(self.models.outliner().find(resized(image_HWC, canvas_of(size))), size)


class Readers:
    """The describer, and what people drew on the original (None: nothing)."""

    def __init__(self, machines: Machines) -> None:
        name = machines.models.name_of("describer")
        assert name is not None, "a describer is shipped"
        self._machines, self._words = machines, WordsKept(name)

    def compare(self, shown_HWC: Pixels, original_HWC: Pixels, edges: Path) -> dict[str, float]:
        said, kept = self._words.caption(original_HWC), self._words.caption(shown_HWC)
        values = {"words": self._words.share(said, kept)}
        if edges.exists():
            with Image.open(edges) as drawn:
                drawn_HW = np.asarray(drawn.convert("L"))[: shown_HWC.shape[0], : shown_HWC.shape[1]]
            at = int(np.argmin(np.abs(THRESHOLDS - LEAST_OUTLINE)))
            values["drawn"] = float(agreement(self._machines.outlined(shown_HWC), drawn_HW).f_T[at])
        return values


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
    def __init__(self, weights: Path, judges: dict[str, str], lines: Path) -> None:
        self._machines, self._judges = Machines(weights), judges
        self._readers = Readers(self._machines)
        self._known = nearest_lines(read_lines(lines) if lines.exists() else ())
        self._settings = settings_of()

    def rows_of(self, task: Task) -> list[Row]:
        image_HWC = task.picture.load()
        num_pixels = image_HWC.shape[0] * image_HWC.shape[1]
        edges = task.picture.path.parent.parent / "edges" / f"{task.picture.name}.png"
        is_seen = any(panel == "networks" for _, _, panel in task.wanted)
        there, rows = self._machines.see(image_HWC) if is_seen else {}, []
        for codec in dict.fromkeys(codec for codec, _, _ in task.wanted):
            budgets = {Unit.MILLIBPP.num_bytes(b, num_pixels): b for c, b, _ in task.wanted if c == codec}
            files = (
                self._ours(codec, image_HWC, budgets)
                if codec in OURS
                else self._peers(codec, task.picture, image_HWC, budgets)
            )
            for num_bytes, data, shown_HWC in files:
                budget = budgets[num_bytes]
                for panel in (panel for panel in PANELS if (codec, budget, panel) in task.wanted):
                    if panel == "networks":
                        values = compared(self._machines.see(shown_HWC), there)
                    else:
                        values = self._readers.compare(shown_HWC, image_HWC, edges)
                    if panel == "networks" and codec in OURS and semcodec.info(data).has(LayerId.STRUCTURE):
                        drawn_HW = semcodec.decode_structure(data, models=self._machines.models)
                        values["outlines_layer"] = f_of_lines(lines_of(drawn_HW, LEAST_OUTLINE), there["outlines"])
                    rounded = {name: round(value, 4) for name, value in values.items()}
                    name, sha256, settings = task.picture.name, task.picture.sha256, self._settings[codec]
                    rows.append(Row(name, sha256, codec, settings, budget, len(data), self._judges[panel], rounded))
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


def _begin(weights: Path, judges: dict[str, str], lines: Path) -> None:
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
    asked = {name: int(most) if most else args.first for name, _, most in (p.partition("=") for p in args.peers)}
    codecs, settings = (*OURS, *asked), settings_of()
    judges = {"networks": digest(args.weights / file for file in WEIGHTS.values())}
    judges["readers"] = f"{Models().name_of('describer')}, people's boundaries"
    whole = load_set(args.photos / "val", manifest=HERE / "manifests" / "photos-val.json")
    pictures = whole.first(args.first).pictures
    args.cache.mkdir(parents=True, exist_ok=True)
    kept = args.cache / "rows.jsonl"
    rows = kept_rows(kept, Row)
    tasks = []
    for picture in pictures:
        panels = {
            codec: [
                panel
                for panel, most in (
                    ("networks", args.painted if codec in MOST_BUDGET else args.first),
                    ("readers", args.readers if codec in READ else 0),
                )
                if picture in whole.first(min(most, asked.get(codec, args.first))).pictures
            ]
            for codec in codecs
        }
        triples = [
            (codec, budget, panel)
            for codec in codecs
            for budget in BUDGETS
            for panel in panels[codec]
            if budget <= MOST_BUDGET.get(codec, budget)
        ]
        wanted = tuple(t for t in triples if (picture.sha256, t[0], settings[t[0]], t[1], judges[t[2]]) not in rows)
        if wanted:
            tasks.append(Task(picture, wanted))
    print(f"{len(tasks)} of {len(pictures)} pictures to do", flush=True)
    rows |= measure_rows(
        tasks, _rows_of, kept, num_jobs=args.jobs, begin=_begin, begin_with=(args.weights, judges, args.lines)
    )
    shas = {picture.sha256 for picture in pictures}
    wanted_rows = [
        row
        for row in rows.values()
        if row.sha256 in shas and row.judges in judges.values() and row.settings == settings.get(row.codec)
    ]
    peers, _ = open_peers(asked)
    return {
        "pictures": len(pictures),
        "judges": judges,
        "least_outline": LEAST_OUTLINE,
        "titles": TITLES | {peer.name: peer.title for peer in peers},
        "settings": {codec: settings[codec] for codec in codecs},
        "budgets": {str(budget): of_budget(wanted_rows, codecs, budget) for budget in BUDGETS},
        "differences": {str(budget): gains(wanted_rows, tuple(asked), budget) for budget in BUDGETS},
        "differences_of_structure": {
            str(budget): gains(wanted_rows, tuple(asked), budget, ours="semcodec-structure")
            for budget in BUDGETS
            if budget <= MOST_BUDGET["semcodec-structure"]
        },
    }


def of_budget(rows: Sequence[Row], codecs: Sequence[str], budget: int) -> dict[str, Any]:
    found = {}
    for codec in codecs:
        of_codec = sorted((r for r in rows if r.codec == codec and r.budget == budget), key=lambda row: row.sha256)
        if of_codec:
            by_picture = {row.sha256: row.num_bytes for row in of_codec}
            mean_bytes = round(float(np.mean(list(by_picture.values()))), 1)
            values = {name: value for name in MEASURES if (value := mean_of(of_codec, name)) is not None}
            found[codec] = {"pictures": len(by_picture), "mean_bytes": mean_bytes, **values}
    return found


def mean_of(rows: Sequence[Row], measure: str) -> dict[str, float] | None:
    """Mean and interval over the pictures that have the measure; None where fewer than two do."""
    pairs = list(counted(rows, measure).values())
    if len(pairs) < 2:
        return None
    values, base = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    if MEASURES[measure][2] is None:
        mean, (low, high) = float(np.mean(values)), mean_interval(values)
    else:
        mean, (low, high) = sum(values) / sum(base), ratio_interval(values, base)
    return {"mean": round(mean, 4), "low": round(low, 4), "high": round(high, 4), "of": len(values)}


def counted(rows: Iterable[Row], measure: str) -> dict[str, tuple[float, float]]:
    """By picture that has the measure: what is divided by what (by 1 for a mean)."""
    _, above, below = MEASURES[measure]
    return {
        row.sha256: (row.values[above], 1.0 if below is None else row.values[below])
        for row in rows
        if above in row.values and (below is None or row.values[below])
    }


def gains(rows: Sequence[Row], peers: Sequence[str], budget: int, *, ours: str = "semcodec") -> dict[str, Any]:
    """What semcodec has more than each peer, by measure, on the pictures that both have a file of."""
    found: dict[str, Any] = {}
    for peer in peers:
        mine, theirs = ([row for row in rows if row.codec == codec and row.budget == budget] for codec in (ours, peer))
        by_measure = {name: gain_of(mine, theirs, name) for name in COMPARED}
        found[peer] = {name: gain for name, gain in by_measure.items() if gain is not None}
    return found


def gain_of(ours: Sequence[Row], theirs: Sequence[Row], measure: str) -> dict[str, float] | None:
    mine, other = counted(ours, measure), counted(theirs, measure)
    both = sorted(mine.keys() & other.keys())
    if len(both) < 2:
        return None
    table_N4 = np.array([(*mine[sha256], *other[sha256]) for sha256 in both])
    resamples = np.random.Generator(np.random.Philox(0)).integers(0, len(both), size=(NUM_RESAMPLES, len(both)))
    sums_R4 = table_N4[resamples].sum(axis=1)
    low, high = np.quantile(_gain(sums_R4), (0.025, 0.975))
    mean = float(_gain(table_N4.sum(axis=0)))
    return {"mean": round(mean, 4), "low": round(float(low), 4), "high": round(float(high), 4), "of": len(both)}


def _gain(sums: np.ndarray) -> np.ndarray:
    return np.asarray(sums[..., 0] / np.maximum(sums[..., 1], 1e-9) - sums[..., 2] / np.maximum(sums[..., 3], 1e-9))


def table(results: dict[str, Any]) -> str:
    """The results in Markdown: per cent, the best of a size bold, of those that have a file of most pictures."""
    head = " | ".join(title for title, _, _ in MEASURES.values())
    lines = [
        f"{results['pictures']} photographs (`photos/val`, short side 320 px at most), per cent, with 95 % intervals "
        "over pictures (in brackets after a name: how many pictures it has a file of, where not all; its means are of "
        "the larger pictures, so they are not compared). Bold: the highest of those that have all." + read_by(results),
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
    return "\n".join(lines) + "\n\n" + gains_table(results)


def read_by(results: dict[str, Any]) -> str:
    """How many pictures readers were asked about."""
    rows = [row for by_codec in results["budgets"].values() for row in by_codec.values()]
    counts = {name: max((row[name]["of"] for row in rows if name in row), default=0) for name in ("words", "drawn")}
    if not any(counts.values()):
        return ""
    return f" Words kept are of {counts['words']} pictures, people's boundaries of {counts['drawn']}."


def gains_table(results: dict[str, Any], budgets: Collection[int] = BUDGETS) -> str:
    """What semcodec has more than each peer; bold where the interval does not hold 0."""
    lines = [
        "What semcodec (with nothing asked for) has more than each peer, in points of a hundred, on the pictures that "
        "both have a file of (so many), with the 95 % interval of the paired difference. Bold: it does not hold 0.",
        "",
        f"| | {' | '.join(MEASURES[name][0] for name in COMPARED)} |",
        f"|---|{'---|' * len(COMPARED)}",
    ]
    for budget in budgets:
        for peer, by_measure in results["differences"][str(budget)].items():
            if by_measure:
                cells = [gain_text(by_measure.get(name)) for name in COMPARED]
                title = f"{results['titles'][peer]}, {Unit.MILLIBPP.text(budget)} ({by_measure['outlines']['of']})"
                lines.append(f"| {title} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def gain_text(gain: dict[str, float] | None) -> str:
    if gain is None:
        return ""
    mean = f"{100 * gain['mean']:+.0f}"
    is_clear = gain["low"] > 0 or gain["high"] < 0
    return f"{f'**{mean}**' if is_clear else mean} ({100 * gain['low']:+.0f} to {100 * gain['high']:+.0f})"


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
    write_between_marks(README, BEGINS, ENDS, gains_table(results, README_BUDGETS))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--weights", type=Path, help="the folder of the machines' networks")
    parser.add_argument("--lines", type=Path, default=HERE / "results" / "photos-val" / "results.jsonl")
    parser.add_argument("--peers", nargs="+", default=["webp", "av1"], help="NAME, or NAME=PICTURES")
    parser.add_argument("--first", type=int, default=150, help="that many of the pictures, evenly spaced")
    parser.add_argument("--painted", type=int, default=25, help="that many as words and outlines alone")
    parser.add_argument("--readers", type=int, default=50, help="that many are read by the describer, too")
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
