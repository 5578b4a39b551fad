"""What the restorer gives to pictures of other codecs: the same files, as they are decoded and restored.

    python benchmarks/restoring.py --kodak DIR --mobilenet FILE --lpips FILE [--restorer FOLDER] [--jobs 2]
    python benchmarks/restoring.py ... --first 6        # of 6 of the pictures
    python benchmarks/restoring.py --page-only          # only the table, from the committed results

Each picture is written by the encoders of `semcodec bench` (full size) at the qualities below, from very low to medium,
and opened by `semcodec.restore(force=True)`. The BD-rate of a picture compares its two curves over bytes: how many
fewer bytes make the restored picture as near to the original as the decoded one is (`semcodec.evaluation.bdrate`:
Bjontegaard 2001, VCEG-M33, with monotone cubics through the logarithm of the rate, over the values that both curves
have). Means of the pictures where there are such values, with 95 % bootstrap intervals.

Coded files and measured rows are kept in `benchmarks/cache/restoring`, rows under the hashes of the restorer's and the
measures' files, and of the code that tells the restorer what it is given: with another restorer only what is restored
is measured, and a run that was stopped goes on. Writes `benchmarks/results/restoring.json`, and the table in
`docs/restoring.md`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import semcodec
from semcodec.evaluation.bdrate import bd_rate_percent
from semcodec.evaluation.bootstrap import mean_interval
from semcodec.evaluation.kept_rows import digest, kept_rows, measure_rows
from semcodec.evaluation.marks import write_between_marks
from semcodec.evaluation.measures.catalog import find_measure
from semcodec.evaluation.measures.judges import Against, Judges, WeightPaths
from semcodec.evaluation.peers.library_peers import heic, jxl
from semcodec.evaluation.peers.peer import Peer
from semcodec.evaluation.peers.pillow_peers import avif, jpeg, webp
from semcodec.evaluation.sets import Picture, load_set
from semcodec.models import EMBEDDED, Models, ModelSettings
from semcodec.painters import told as telling
from semcodec.pictures import coding, likeness, load_picture

HERE = Path(__file__).resolve().parent
CACHE, RESULTS_PATH = HERE / "cache" / "restoring", HERE / "results" / "restoring.json"
PAGE = HERE.parent / "docs" / "restoring.md"
BEGINS, ENDS = "<!-- restoring: made by benchmarks/restoring.py -->\n", "<!-- /restoring -->"

PEERS = {"jpeg": jpeg, "webp": webp, "avif": avif, "heic": heic, "jxl": jxl}
QUALITIES: dict[str, tuple[float, ...]] = {
    "jpeg": (5, 10, 15, 20, 30, 45, 65),
    "webp": (0, 5, 12, 25, 40, 60, 78),
    "avif": (4, 12, 20, 28, 38, 50, 62),
    "heic": (4, 10, 16, 22, 28, 36, 44),
    "jxl": (25, 16, 11, 7.5, 5, 3.5, 2.25),  # distances
}
# What decides about what a restorer is told.
TELLS = [Path(module.__file__ or "") for module in (telling, coding, likeness)]
MEASURES = ("lpips", "judge2_distance", "mobilenet_distance", "psnr_db")


@dataclass(frozen=True, slots=True)
class Row:
    """A measured picture. `restorer`: the hash of its files; empty: the picture as it is decoded. `judges`: of the
    measures' files.
    """

    picture: str
    sha256: str
    codec: str
    settings: str
    quality: float
    num_bytes: int
    restorer: str
    judges: str
    values: dict[str, float]

    @property
    def key(self) -> tuple[object, ...]:
        return (self.sha256, self.codec, self.settings, self.quality, self.restorer, self.judges)


@dataclass(frozen=True, slots=True)
class Task:
    """What of a picture is to be measured: (quality, hash of the restorer or "")."""

    picture: Picture
    codec: str
    wanted: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True)
class Settings:
    """Of a worker."""

    paths: WeightPaths
    models: ModelSettings
    cache: Path
    judges: str


_worker: Worker  # one in each process of the pool


class Worker:
    """Opens the networks once."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._models = settings, Models(settings.models)
        self._judges = Judges(settings.paths, with_vmaf=False, threads=1)

    def rows_of(self, task: Task) -> list[Row]:
        peer, against = PEERS[task.codec](), None
        rows = []
        for quality, restorer in task.wanted:
            original_HWC = task.picture.load()
            against = against or self._judges.against(original_HWC)
            data = self._coded(task, peer, quality, original_HWC)
            values = self._measured(against, data, is_restored=bool(restorer))
            rounded = {name: round(value, 6) for name, value in values.items()}
            rows.append(
                Row(
                    task.picture.name,
                    task.picture.sha256,
                    peer.name,
                    peer.settings,
                    quality,
                    len(data),
                    restorer,
                    self._settings.judges,
                    rounded,
                )
            )
        return rows

    def _coded(self, task: Task, peer: Peer, quality: float, original_HWC: np.ndarray) -> bytes:
        """Made once, and kept."""
        settings = hashlib.sha256(peer.settings.encode()).hexdigest()[:8]
        kept = self._settings.cache / f"{peer.name}-{settings}" / f"{task.picture.sha256[:12]}-{quality:g}"
        if not kept.exists():
            kept.parent.mkdir(parents=True, exist_ok=True)
            made = kept.with_suffix(f".{os.getpid()}")
            made.write_bytes(peer.encode(original_HWC, quality))
            made.replace(kept)
        return kept.read_bytes()

    def _measured(self, against: Against, data: bytes, *, is_restored: bool) -> dict[str, float]:
        if is_restored:
            shown_HWC = semcodec.restore(data, force=True, models=self._models).image_HWC
        else:
            shown_HWC = load_picture(data).image_HWC
        return against.measure([shown_HWC], MEASURES)[0]


def _begin(settings: Settings) -> None:
    global _worker
    _worker = Worker(settings)


def _rows_of(task: Task) -> list[Row]:
    return _worker.rows_of(task)


def tasks_for(
    pictures: Sequence[Picture], codecs: Sequence[str], restorer: str, judges: str, known: Iterable[tuple[object, ...]]
) -> Iterator[Task]:
    """What is not known yet, a task for each codec of each picture."""
    known = set(known)
    for picture in pictures:
        for codec in codecs:
            settings = PEERS[codec]().settings
            wanted = tuple(
                (quality, told)
                for quality in QUALITIES[codec]
                for told in ("", restorer)
                if (picture.sha256, codec, settings, quality, told, judges) not in known
            )
            if wanted:
                yield Task(picture, codec, wanted)


def summary(rows: Sequence[Row], codecs: Sequence[str], restorer: str) -> dict[str, Any]:
    """By codec: its points (means over the pictures), and the BD-rates."""
    found: dict[str, Any] = {}
    for codec in codecs:
        peer = PEERS[codec]()
        of_codec = [row for row in rows if row.codec == codec and row.settings == peer.settings]
        points = []
        for quality in QUALITIES[codec]:
            plain, restored = ([r for r in of_codec if (r.quality, r.restorer) == (quality, s)] for s in ("", restorer))
            means = {n: [round(_mean([r.values[n] for r in side]), 4) for side in (plain, restored)] for n in MEASURES}
            points.append({"quality": quality, "bytes": round(_mean([r.num_bytes for r in plain])), **means})
        found[codec] = {
            "title": peer.title,
            "settings": peer.settings,
            "points": points,
            "bd_rate": {name: bd_rates(of_codec, name, restorer) for name in MEASURES},
        }
    return found


def bd_rates(rows: Sequence[Row], measure: str, restorer: str) -> dict[str, float]:
    """Per cent, of the restored pictures against the decoded ones. `pictures`: how many have values in common."""
    found = []
    for picture in sorted({row.picture for row in rows}):
        plain, restored = (
            [(float(r.num_bytes), r.values[measure]) for r in rows if (r.picture, r.restorer) == (picture, told)]
            for told in ("", restorer)
        )
        rate = bd_rate_percent(plain, restored)
        if rate is not None:
            found.append(rate)
    if len(found) < 2:
        return {"pictures": len(found)}
    low, high = mean_interval(found)
    return {"mean": round(_mean(found), 1), "low": round(low, 1), "high": round(high, 1), "pictures": len(found)}


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))


def table(results: dict[str, Any]) -> str:
    """The results in Markdown."""
    num = results["pictures"]
    titles = [find_measure(name).title for name in MEASURES]
    lines = [
        f"BD-rate of {results['restorer']} on {num} of the 24 Kodak pictures, in per cent of the codec's own bytes "
        "(95 % intervals over pictures; in brackets how many have values in common, where not all):",
        "",
        f"| bytes at equal | {' | '.join(titles)} |",
        f"|---|{'---|' * len(titles)}",
    ]
    for of_codec in results["codecs"].values():
        cells = [_rate(of_codec["bd_rate"][name], num) for name in MEASURES]
        lines.append(f"| {of_codec['title']} | {' | '.join(cells)} |")
    num_points = len(next(iter(results["codecs"].values()))["points"])
    lines += [
        "",
        "LPIPS as decoded and restored, by what the encoder was asked for (JPEG XL: distance) and bits per pixel:",
        "",
        f"| | lowest |{' |' * (num_points - 2)} highest |",
        f"|---|{'---|' * num_points}",
    ]
    for of_codec in results["codecs"].values():
        cells = [
            f"{p['quality']:g} ({8 * p['bytes'] / results['pixels']:.2f}): {p['lpips'][0]:.3f}, **{p['lpips'][1]:.3f}**"
            for p in of_codec["points"]
        ]
        lines.append(f"| {of_codec['title']} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _rate(rate: dict[str, float], num_pictures: int) -> str:
    if "mean" not in rate:
        return "–"
    of = "" if rate["pictures"] == num_pictures else f" ({rate['pictures']})"
    return f"{rate['mean']:+.0f} ({rate['low']:+.0f} to {rate['high']:+.0f}){of}"


def write_page(results: dict[str, Any]) -> None:
    write_between_marks(PAGE, BEGINS, ENDS, table(results))


def measure(args: argparse.Namespace) -> dict[str, Any]:
    found = Models(ModelSettings(restorer=args.restorer)).package("restorer")
    assert found is not None
    restorer = digest([*(path for _, path in sorted(found.files.items())), *TELLS])
    paths = WeightPaths(mobilenet=args.mobilenet, judge2=args.judge2, lpips=args.lpips)
    judges = digest((args.mobilenet, args.judge2, args.lpips))
    pictures = load_set(args.kodak, manifest=HERE / "manifests" / "kodak.json").first(args.first).pictures
    args.cache.mkdir(parents=True, exist_ok=True)
    kept = args.cache / "rows.jsonl"
    rows = kept_rows(kept, Row)
    tasks = list(tasks_for(pictures, args.codecs, restorer, judges, rows))
    print(f"{found.name} ({restorer}): {sum(len(task.wanted) for task in tasks)} of {_num_rows(args, pictures)} to do")
    settings = Settings(paths, ModelSettings(restorer=args.restorer, threads=1), args.cache, judges)
    rows |= measure_rows(tasks, _rows_of, kept, num_jobs=args.jobs, begin=_begin, begin_with=(settings,))
    shas = {picture.sha256 for picture in pictures}
    wanted = [r for r in rows.values() if r.sha256 in shas and r.judges == judges and r.restorer in {"", restorer}]
    width, height = pictures[0].load().shape[:2]
    return {
        "restorer": found.name,
        "sha256": restorer,
        "judges": judges,
        "pictures": len(pictures),
        "pixels": width * height,
        "codecs": summary(wanted, args.codecs, restorer),
    }


def _num_rows(args: argparse.Namespace, pictures: Sequence[Picture]) -> int:
    return 2 * len(pictures) * sum(len(QUALITIES[codec]) for codec in args.codecs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kodak", type=Path, help="the 24 pictures of manifests/kodak.json")
    parser.add_argument("--mobilenet", type=Path)
    parser.add_argument("--lpips", type=Path)
    parser.add_argument("--judge2", type=Path, default=HERE / "judges" / "judge2.safetensors")
    parser.add_argument("--restorer", default=EMBEDDED, help="a name or a folder; else the one that is shipped")
    parser.add_argument("--codecs", nargs="+", choices=tuple(PEERS), default=tuple(PEERS))
    parser.add_argument("--first", type=int, help="that many of the pictures, evenly spaced")
    parser.add_argument("--jobs", type=int, default=1, help="processes, each on one core")
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--out", type=Path, default=RESULTS_PATH)
    parser.add_argument("--page-only", action="store_true", help="only the table, from --out")
    args = parser.parse_args()
    if not args.page_only:
        if None in (args.kodak, args.mobilenet, args.lpips):
            parser.error("--kodak, --mobilenet and --lpips are needed")
        results = measure(args)
        args.out.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    results = json.loads(args.out.read_text("utf-8"))
    print(table(results))
    if args.out == RESULTS_PATH:
        write_page(results)


if __name__ == "__main__":
    main()
