"""Writes the README's tables of semcodec beside its peers, from committed results alone; nothing is measured.

    python benchmarks/readme_tables.py

Between the marks of README.md: semcodec over the best peer on Kodak, by distances and in pixels, LPIPS and DISTS of
every codec, the figures of published codecs (`published.json`) beside semcodec's own at as many bytes, distances of the
two networks, and the photographs of `results/photos-val` with the differences to every peer.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from semcodec.evaluation.marks import write_between_marks
from semcodec.evaluation.measures.catalog import Measure, find_measure
from semcodec.evaluation.peers.registry import PLACEHOLDERS
from semcodec.evaluation.report.extract import headed, ratios, with_interval
from semcodec.evaluation.summary import OURS, Summary, read_summary

HERE = Path(__file__).resolve().parent
README = HERE.parent / "README.md"
BEGIN, END = "<!-- peers: made by benchmarks/readme_tables.py -->\n", "<!-- /peers -->\n"

KODAK_PIXELS = 768 * 512
FIRST_MEASURES = ("lpips", "dists")
SECOND_MEASURES = ("judge2_distance", "mobilenet_distance")
RATIOS = (*FIRST_MEASURES, *SECOND_MEASURES, "kid_judge2", "kid_mobilenet")
PIXEL_MEASURES = ("psnr_db", "ms_ssim", "vmaf")
PHOTO_MEASURES = ("mobilenet_top1", "lpips", "dists")
SENTENCES = {
    "lpips": "**LPIPS** (Alex, full resolution; lower is better; semcodec was trained on this one):",
    "dists": "**DISTS** (full resolution; lower is better; in no loss of semcodec):",
    "mobilenet_distance": "Distance between features of MobileNetV2 (lower is better; semcodec was trained on it):",
    "judge2_distance": "Distance on a second network, which no loss ever saw:",
}


def readme_text(kodak: Summary, photos: Summary | None, published: dict[str, Any]) -> str:
    blocks = [
        ratios(kodak, tuple(find_measure(name) for name in RATIOS if has(kodak, name))) + "\n",
        in_pixels(kodak),
        *(equal_bytes(kodak, name) for name in FIRST_MEASURES if has(kodak, name)),
    ]
    if has(kodak, FIRST_MEASURES[0]):
        blocks.append(beside_published(kodak, published))
    blocks += [equal_bytes(kodak, name) for name in SECOND_MEASURES if has(kodak, name)]
    if photos is not None:
        blocks.append(differences(photos))
    return "\n".join(blocks)


def has(summary: Summary, name: str) -> bool:
    return any(measure.name == name for measure in summary.measures)


def in_pixels(summary: Summary) -> str:
    """What semcodec has more than the best peer, by measures that look at pixels."""
    rows = headed("**semcodec less the best classical peer** (above 0: semcodec is better)", summary)
    for measure in (find_measure(name) for name in PIXEL_MEASURES if has(summary, name)):
        duels = {duel.budget: duel for duel in summary.duels(measure)}
        texts = {
            at: f"{one.ours - one.theirs:+.{measure.digits}f} ({summary.titles[one.peer]})" for at, one in duels.items()
        }
        cells = [texts.get(budget, "–") for budget in summary.budgets]
        rows.append(f"| {measure.title} | " + " | ".join(cells) + " |")
    return "\n".join(rows) + "\n"


def equal_bytes(summary: Summary, name: str) -> str:
    """One measure: a row per budget, a column per codec; the best of a row is bold."""
    measure = find_measure(name)
    head = "".join(f" {title} |" for title in summary.titles.values())
    rows = [SENTENCES[name], "", f"| bytes |{head}", "|---|" + "---|" * len(summary.titles)]
    for budget in summary.budgets:
        means = {codec: mean.value for codec in summary.titles if (mean := summary.mean(codec, measure, budget))}
        best = min(means.values(), default=math.nan)
        cells = []
        for codec in summary.titles:
            if codec in PLACEHOLDERS and budget > 340:  # they have one size
                cells.append("")
            elif codec not in means:
                cells.append("–")
            else:
                cells.append(f"**{means[codec]:.3f}**" if means[codec] == best else f"{means[codec]:.3f}")
        rows.append(f"| {budget:,} | " + " | ".join(cells) + " |")
    return "\n".join(rows) + "\n"


def beside_published(summary: Summary, published: dict[str, Any]) -> str:
    """Published points that lie within semcodec's budgets, with semcodec's own value at as many bits per pixel."""
    rows = [
        "Published codecs on Kodak, in their authors' figures, and semcodec at as many bits per pixel:",
        "",
        "| | weights | bytes of 768x512 | LPIPS | DISTS | semcodec: LPIPS | DISTS | measured on |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for codec in published["codecs"]:
        weights = "–" if codec["weights_M"] is None else f"{codec['weights_M']:,} M"
        for bpp, lpips, dists in codec["points"]:
            ours = [at_rate(summary, find_measure(name), bpp) for name in FIRST_MEASURES]
            if ours[0] is None:
                continue
            texts = ["–" if value is None else f"{value:.3f}" for value in ours]
            rows.append(
                f"| {codec['name']} | {weights} | {bpp * KODAK_PIXELS / 8:,.0f} | {lpips:.3f} | {dists:.3f} | "
                f"{texts[0]} | {texts[1]} | {codec['protocol']}{', chart' if codec.get('chart') else ''} |"
            )
    protocols = "; ".join(f"{mark}: {text}" for mark, text in published["protocols"].items())
    rows += [
        "",
        f"{protocols}. semcodec: 24 whole pictures, all bytes of the file, between two budgets read off the line "
        "through them (logarithm of the rate). Rates of others are their authors', some of them estimates without "
        "headers; they were not run here.",
    ]
    return "\n".join(rows) + "\n"


def at_rate(summary: Summary, measure: Measure, bpp: float) -> float | None:
    """Of semcodec, linear in the logarithm of the rate; None outside of its curve."""
    points = sorted(summary.curve(OURS, measure))
    for (low, first), (high, second) in zip(points, points[1:], strict=False):
        if low <= bpp <= high:
            return first + (second - first) * math.log(bpp / low) / math.log(high / low)
    return None


def differences(summary: Summary) -> str:
    """Means at every budget, and below each peer's what semcodec gains on it with the interval."""
    measures = [find_measure(name) for name in PHOTO_MEASURES if has(summary, name)]
    columns = [(measure, budget) for budget in summary.budgets for measure in measures]
    head = "".join(f" {measure.title}, {summary.unit.text(budget)} |" for measure, budget in columns)
    rows = [
        f"{len(summary.pictures)} photographs of seven sources (`photos/val`, short side 320 px at most), means, and "
        "in brackets what semcodec gains on each peer, with the 95 % bootstrap interval (pictures paired; above zero: "
        "semcodec is better; a peer without a file of some pictures is compared on the others, so many):",
        "",
        f"| |{head}",
        "|---|" + "---|" * len(columns),
    ]
    for codec, title in summary.titles.items():
        cells = [with_interval(summary, measure, budget, codec) for measure, budget in columns]
        if any(cell != "–" for cell in cells):
            rows.append(f"| {f'**{title}**' if codec == OURS else title} | " + " | ".join(cells) + " |")
    return "\n".join(rows) + "\n"


def from_results(results: Path) -> str:
    kodak, photos = read_summary(results / "kodak"), results / "photos-val"
    measured = read_summary(photos) if (photos / "results.jsonl").exists() else None
    return readme_text(kodak, measured, json.loads((HERE / "published.json").read_text("utf-8")))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--results", type=Path, default=HERE / "results")
    parser.add_argument("--page", type=Path, default=README)
    args = parser.parse_args(arguments)
    text = from_results(args.results)
    write_between_marks(args.page, BEGIN, END, text)
    print(text)


if __name__ == "__main__":
    main()
