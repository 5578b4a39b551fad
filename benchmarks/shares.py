"""What a byte of words, regions, outlines or of a seed saves in a painting that is led by words and outlines alone.

    python benchmarks/shares.py --photos DIR --weights DIR [--first 24]
    python benchmarks/shares.py --page-only             # only the tables, from the committed results

The second stage of a joint optimisation: the parts are trained already, each by itself; here bits are shared between
them. The pictures are of the training part, those of `index.jsonl` that have people's captions and boxes (COCO), so
words and regions are as good as they can be. `--weights` holds `lpips_alex.safetensors`; the second network is
`judges/judge2.safetensors`; outlines are compared as the shipped outliner finds them in both pictures (3 px).

1. One part after the other, the rest as it is: "saves" is what the mean distance falls by for each byte more.
2. Whole files of `--bytes` (`profile="structure"`): a third of the bytes for each of words, regions and outlines (equal
   shares), against the shares that the profile has: one caption, the rest for outlines, and from effort 7 on a seed.

Writes `benchmarks/results/shares.json`, with 95 % bootstrap intervals over pictures of the differences, and the tables
in `docs/layers.md`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import semcodec
from semcodec.evaluation.bootstrap import mean_interval
from semcodec.evaluation.marks import write_between_marks
from semcodec.evaluation.measures.judges import Judges, WeightPaths
from semcodec.evaluation.measures.outlines import f_of_lines, lines_of
from semcodec.layers.regions.fit import within_bits
from semcodec.layers.structure import canvas_of
from semcodec.layers.text.encode import pack_words
from semcodec.models import Models, ModelSettings
from semcodec.pictures import load_picture, resized, resized_map
from semcodec.types import Region, Regions, Size, Words

if TYPE_CHECKING:
    from semcodec.types import Encoded, Pixels

HERE = Path(__file__).resolve().parent
RESULTS_PATH, PAGE = HERE / "results" / "shares.json", HERE.parent / "docs" / "layers.md"
BEGINS, ENDS = "<!-- shares: made by benchmarks/shares.py -->\n", "<!-- /shares -->"
LEAST_OUTLINE = 0.34  # of the outliner, as in `machines.py`
OUTLINES = (40, 80, 150, 250)
MEASURES = {"lpips": "LPIPS", "judge2_distance": "second network", "outlines": "outlines, F"}
Values = dict[str, float]

# Part 1: title, the row that it is compared with.
STEPS = {
    "letter": ('the word "a", no outlines', None),
    "words": ("the describer's words", "letter"),
    "caption": ("one caption of people", "letter"),
    "captions": ("all their captions", "caption"),
    "phrases": ("their caption, phrases of regions behind it", "caption"),
    **{
        f"outlines-{most}": (
            f"the describer's words, {most} bytes of outlines", f"outlines-{less}" if less else "words"
        )
        for less, most in zip((None, *OUTLINES), OUTLINES, strict=False)
    },
    "seed": ("the same with 80, the nearest of 4 seeds", "outlines-80"),
}  # fmt: skip


class Bench:
    """The networks, opened once."""

    def __init__(self, weights: Path) -> None:
        paths = WeightPaths(judge2=HERE / "judges" / "judge2.safetensors", lpips=weights / "lpips_alex.safetensors")
        self.judges, self.models = Judges(paths, with_vmaf=False), Models(ModelSettings(threads=1))

    def of(self, row: dict[str, Any], photos: Path, budgets: Iterable[int]) -> dict[str, Values]:
        """By file: bytes, and what its painting is like."""
        image_HWC = load_picture(photos / row["file"]).image_HWC
        against, there = self.judges.against(image_HWC), self._lines(image_HWC)
        found = {}
        for name, encoded in self._files(image_HWC, row, budgets):
            painted_HWC = semcodec.decode(encoded.data, models=self.models)
            (values,) = against.measure([painted_HWC], ("lpips", "judge2_distance"))
            values["outlines"] = f_of_lines(self._lines(painted_HWC), there)
            found[name] = {"bytes": float(len(encoded.data)), **values}
        return found

    def _files(self, image_HWC: Pixels, row: dict[str, Any], budgets: Iterable[int]) -> Iterator[tuple[str, Encoded]]:
        captions = [caption.rstrip(" .") + "." for caption in row["captions"]]
        regions = regions_of(row["boxes"])
        phrases = ", ".join(dict.fromkeys(region.phrase for region in regions.items))

        def sent(words: str | None, profile: str = "structure", **asked: Any) -> Encoded:
            return semcodec.encode(
                image_HWC, profile=profile, caption=words, language="und" if words is None else "en",
                models=self.models, **asked,
            )  # fmt: skip

        yield "letter", sent("a", "text")
        yield "words", sent(None, "text")
        yield "caption", sent(captions[0], "text")
        yield "captions", sent(" ".join(captions), "text")
        yield "phrases", sent(f"{captions[0]} {phrases}.", "text")
        for most in OUTLINES:
            yield f"outlines-{most}", sent(None, structure=most)
        yield "seed", sent(None, structure=80, effort=7)
        for num_bytes in budgets:
            words = said_within(captions, num_bytes // 3)
            fitting = within_bits(regions, Words(words, "en"), max_bits=8 * (num_bytes // 3))
            yield f"equal-{num_bytes}", sent(words, regions=fitting, structure=num_bytes // 3)
            yield f"chosen-{num_bytes}", sent(captions[0], bytes=num_bytes)
            yield f"effort-{num_bytes}", sent(captions[0], bytes=num_bytes, effort=7)

    def _lines(self, image_HWC: Pixels) -> np.ndarray:
        size = Size(image_HWC.shape[1], image_HWC.shape[0])
        map_HW = self.models.outliner().find(resized(image_HWC, canvas_of(size)))
        return lines_of(resized_map(map_HW, size), LEAST_OUTLINE)


def regions_of(boxes: list[dict[str, Any]]) -> Regions:
    """What people marked."""

    def at(start: float, length: float) -> tuple[int, int]:
        low = min(int(64 * start), 62)
        return low, min(max(int(64 * length), 1), 63 - low)

    items = []
    for box in boxes:
        left, top, width, height = box["xywh"]
        (x, w), (y, h) = at(left, width), at(top, height)
        items.append(Region(x, y, w, h, box["label"]))
    return Regions(tuple(items), "en")


def said_within(captions: list[str], num_bytes: int) -> str:
    """As many of them as fit; the first in any case."""
    fitting = [
        text
        for count in range(2, len(captions) + 1)
        if len(pack_words(Words(text := " ".join(captions[:count]), "en")).payload) <= num_bytes
    ]
    return fitting[-1] if fitting else captions[0]


def measured(photos: Path, weights: Path, first: int, budgets: list[int]) -> dict[str, Any]:
    rows = [json.loads(line) for line in (photos / "index.jsonl").read_text("utf-8").splitlines()]
    rows = [row for row in rows if row["file"].startswith("train/") and row.get("captions") and row.get("boxes")]
    rows = [rows[at * len(rows) // first] for at in range(first)]
    bench = Bench(weights)
    all_values = []
    for row in rows:
        all_values.append(bench.of(row, photos, budgets))
        print(len(all_values), row["file"], flush=True)
    about = {"pictures": first, "generator": bench.models.name_of("generator"), "budgets": budgets}
    means = {name: mean_of(all_values, name) for name in all_values[0]}
    steps = {name: differences(all_values, name, before) for name, (_, before) in STEPS.items() if before is not None}
    against = {
        f"{name}-{budget}": differences(all_values, f"{name}-{budget}", f"equal-{budget}")
        for budget in budgets
        for name in ("chosen", "effort")
    }
    return {**about, "means": means, "steps": steps, "against_equal": against}


def mean_of(all_values: list[dict[str, Values]], name: str) -> Values:
    return {key: round(float(np.mean([of[name][key] for of in all_values])), 4) for key in ("bytes", *MEASURES)}


def differences(all_values: list[dict[str, Values]], name: str, before: str) -> dict[str, Any]:
    """Of the first less the second, by measure: mean, and ends of the interval."""
    found: dict[str, Any] = {}
    for key in ("bytes", *MEASURES):
        values = [of[name][key] - of[before][key] for of in all_values]
        low, high = mean_interval(values)
        found[key] = {"mean": round(float(np.mean(values)), 4), "low": round(low, 4), "high": round(high, 4)}
    return found


def table(results: dict[str, Any]) -> str:
    titles, means = " | ".join(MEASURES.values()), results["means"]
    lines = [
        f"{results['pictures']} training photographs, painted by `{results['generator']}`. First what each part adds: "
        "bytes, and distances (less is better; of outlines more), with 95 % intervals over pictures of the differences "
        "from the row that it is compared with.",
        "",
        f"| sent | compared with | bytes | {titles} |",
        f"|---|---|---|{'---|' * len(MEASURES)}",
    ]
    for name, (title, before) in STEPS.items():
        mean = means[name]
        if before is None:
            cells = [f"{mean[key]:.3f}" for key in MEASURES]
            lines.append(f"| {title} | | {mean['bytes']:.0f} | {' | '.join(cells)} |")
            continue
        step = results["steps"][name]
        cells = [f"{mean[key]:.3f} ({interval(step[key])})" for key in MEASURES]
        num_bytes = f"{mean['bytes']:.0f} ({step['bytes']['mean']:+.0f})"
        lines.append(f"| {title} | {STEPS[before][0]} | {num_bytes} | {' | '.join(cells)} |")
    lines += [
        "",
        "Then whole files of as many bytes: a third each for words, regions and outlines, the profile's shares (one "
        "caption, the rest for outlines), and the same with the nearest of four seeds (effort 7); in brackets the "
        "difference from equal shares.",
        "",
        f"| bytes at most | shares | bytes | {titles} |",
        f"|---|---|---|{'---|' * len(MEASURES)}",
    ]
    for budget in results["budgets"]:
        for name, title in {"equal": "equal", "chosen": "the profile's", "effort": "the profile's, effort 7"}.items():
            mean, step = means[f"{name}-{budget}"], results["against_equal"].get(f"{name}-{budget}")
            told = {key: "" if step is None else f" ({interval(step[key])})" for key in MEASURES}
            cells = [f"{mean[key]:.3f}{told[key]}" for key in MEASURES]
            lines.append(f"| {budget} | {title} | {mean['bytes']:.0f} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def interval(difference: Values) -> str:
    return f"{difference['low']:+.3f} to {difference['high']:+.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--first", type=int, default=24, help="that many of the pictures, evenly spaced")
    parser.add_argument("--bytes", type=int, nargs="+", default=[100, 150, 300], dest="budgets")
    parser.add_argument("--out", type=Path, default=RESULTS_PATH)
    parser.add_argument("--page-only", action="store_true", help="only the tables, from --out")
    args = parser.parse_args()
    if not args.page_only:
        if None in (args.photos, args.weights):
            parser.error("--photos and --weights are needed")
        found = measured(args.photos, args.weights, args.first, args.budgets)
        args.out.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    results = json.loads(args.out.read_text("utf-8"))
    if args.out == RESULTS_PATH:
        write_between_marks(PAGE, BEGINS, ENDS, table(results))
    print(table(results))


if __name__ == "__main__":
    main()
