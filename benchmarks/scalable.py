"""What words and outlines cost a file whose picture is the same without them.

    python benchmarks/scalable.py --kodak DIR [--bytes 500 1000 2000]
    python benchmarks/scalable.py --page-only           # only the table, from the committed results

Each of the 24 pictures is encoded with `--profile scalable`; the file of the signal layer alone (`cut --layers signal`)
shows the very same picture, so it is the file of equal quality. Overhead is what the whole has more, of that. Writes
`benchmarks/results/scalable.json`, with 95 % bootstrap intervals over pictures, and the table in `docs/layers.md`.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

import semcodec
from semcodec.evaluation.bootstrap import mean_interval
from semcodec.evaluation.marks import write_between_marks
from semcodec.evaluation.sets import load_set
from semcodec.layers.catalog import GROUPS, group_of
from semcodec.models import Models, ModelSettings

HERE = Path(__file__).resolve().parent
RESULTS_PATH, PAGE = HERE / "results" / "scalable.json", HERE.parent / "docs" / "layers.md"
BEGINS, ENDS = "<!-- scalable: made by benchmarks/scalable.py -->\n", "<!-- /scalable -->"


def costs_of(data: bytes) -> dict[str, int]:
    """Bytes of payload by group, of the whole file and of its signal layer alone."""
    costs = Counter[str]()
    for layer in semcodec.info(data).layers:
        costs[group_of(layer.name) or layer.name] += layer.num_bytes
    alone = semcodec.cut(data, layers=["signal"])
    mine, theirs = semcodec.read(data).scene.tokens, semcodec.read(alone).scene.tokens
    assert mine is not None and theirs is not None, "a scalable file of a photograph has tokens"
    assert all(np.array_equal(*pair) for pair in zip(mine.digits, theirs.digits, strict=True)), "of equal quality"
    return {**dict.fromkeys(GROUPS, 0), **costs, "whole": len(data), "alone": len(alone)}


def measured(kodak: Path, budgets: list[int]) -> dict[str, Any]:
    models = Models(ModelSettings(threads=1))
    pictures = load_set(kodak, manifest=HERE / "manifests" / "kodak.json").pictures
    images = [picture.load() for picture in pictures]
    rows = {}
    for budget in budgets:
        costs = [
            costs_of(semcodec.encode(image, profile="scalable", bytes=budget, models=models).data) for image in images
        ]
        overheads = [cost["whole"] / cost["alone"] - 1 for cost in costs]
        low, high = mean_interval(overheads)
        rows[str(budget)] = {
            **{name: round(float(np.mean([cost[name] for cost in costs])), 1) for name in costs[0]},
            "with_words": sum(cost["semantic"] > 0 for cost in costs),
            "overhead": {"mean": round(float(np.mean(overheads)), 4), "low": round(low, 4), "high": round(high, 4)},
            "most_overhead": round(max(overheads), 4),
        }
        print(budget, rows[str(budget)], flush=True)
    return {"pictures": len(pictures), "semcodec": semcodec.__version__, "rows": rows}


def table(results: dict[str, Any]) -> str:
    lines = [
        "| bytes asked for | whole file | words, regions | outlines | tokens | signal alone | overhead | at most |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for budget, row in results["rows"].items():
        over = row["overhead"]
        lines.append(
            f"| {int(budget):,} | {row['whole']:.0f} | {row['semantic']:.0f} (in {row['with_words']} of "
            f"{results['pictures']}) | {row['structure']:.0f} | {row['signal']:.0f} | {row['alone']:.0f} "
            f"| {over['mean']:.1%} ({over['low']:.1%} to {over['high']:.1%}) | {row['most_overhead']:.1%} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--kodak", type=Path, help="the 24 Kodak pictures")
    parser.add_argument("--bytes", type=int, nargs="+", default=[500, 1000, 2000], dest="budgets")
    parser.add_argument("--out", type=Path, default=RESULTS_PATH)
    parser.add_argument("--page-only", action="store_true", help="only the table, from --out")
    args = parser.parse_args()
    if not args.page_only:
        if args.kodak is None:
            parser.error("--kodak is needed")
        args.out.write_text(json.dumps(measured(args.kodak, args.budgets), indent=1) + "\n", "utf-8")
    results = json.loads(args.out.read_text("utf-8"))
    if args.out == RESULTS_PATH:
        write_between_marks(PAGE, BEGINS, ENDS, table(results))
    print(table(results))


if __name__ == "__main__":
    main()
