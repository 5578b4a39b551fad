"""The tables and the plot of `channel.py`, from its committed results into docs/packets.md and docs/channel.svg.

python benchmarks/channel_page.py
"""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import Any

from semcodec.evaluation.marks import write_between_marks
from semcodec.evaluation.report.curves import nice_steps

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "channel.json"
PAGE, PLOT = ROOT / "docs" / "packets.md", ROOT / "docs" / "channel.svg"
BEGIN, END = "<!-- channel: made by benchmarks/channel.py -->\n", "<!-- /channel -->\n"
DESIGN_LOSS = 0.2
THREE, SOFT, WHOLE = "tokens, packet 0 three times", "tokens, repaired", "base, repaired"
# In the order of columns and of the plot. Those without a colour are in the results alone.
COLOURS = {
    "tokens": "#f59e0b",
    THREE: "#b45309",
    SOFT: "#c2410c",
    WHOLE: "#7f1d1d",
    "WebP": "#2563eb",
    "WebP, repaired": "#38bdf8",
    "AVIF, repaired": "#0f766e",
    "AVIF, grey 256 px": "#64748b",
    "SSDV": "#7c3aed",
}
NOTHING = "#9ca3af"
Rows = dict[tuple[str, str, float], dict[str, Any]]


def tables(results: dict[str, Any]) -> str:
    """The Markdown between the marks."""
    pictures, draws, burst = len(results["pictures"]), results["num_draws"], results["burst_packets"]
    lines = [
        f"Measured on {pictures} pictures of Kodak at 384x256 with {draws} draws of every loss, all codecs with the "
        "same packets on the air. LPIPS, lower is better, and how many receivers see a picture (semcodec's: in 10,000 "
        "draws); for the others plain grey is counted. *Repaired*: with as many repair packets as show 99 % of them a "
        "picture at 20 % loss. The same code repairs WebP and AVIF, which pay nothing for frames; SSDV is a model.",
        "",
        "![LPIPS against loss](channel.svg)",
    ]
    for link in results["links"]:
        lines += ["", *_link_table(link)]
    lines += [
        "",
        f"In bursts of {burst} packets in the mean (Gilbert and Elliott), at 20 % loss:",
        "",
        *_bursts(results),
    ]
    lines += ["", *_aims(results)]
    lines += ["", "Repair packets with which 99 % of the receivers have the whole file (exact):", "", *_needed(results)]
    lines += [
        "",
        "Bytes of all packets over those of a file of tokens (and how many packets):",
        "",
        *_overhead(results),
    ]
    return "\n".join(lines) + "\n"


def _rows_of(link: dict[str, Any]) -> Rows:
    return {(row["codec"], row["channel"], row["loss"]): row for row in link["rows"]}


def _cell(row: dict[str, Any], best: float) -> str:
    shown = f"{row['lpips']:.3f}"
    return f"{f'**{shown}**' if row['lpips'] == best else shown} ({100 * row['seen']:.0f} %)"


def _title(name: str, link: dict[str, Any]) -> str:
    repair = link["soft"] if name == SOFT else link["whole"]
    return name.replace("repaired", f"{repair} repair")


def _link_table(link: dict[str, Any]) -> list[str]:
    rows = _rows_of(link)
    lines = [
        f"| {link['name']}, lost | " + " | ".join(_title(name, link) for name in COLOURS) + " |",
        "|---|" + "---|" * len(COLOURS),
    ]
    for loss in sorted({row["loss"] for row in link["rows"]}):
        cells = [rows[name, "independent", loss] for name in COLOURS]
        best = min(cell["lpips"] for cell in cells)
        lines.append(f"| {100 * loss:.0f} % | " + " | ".join(_cell(cell, best) for cell in cells) + " |")
    return [*lines, f"| nothing shown | {link['grey'][0]:.3f} |" + " |" * (len(COLOURS) - 1)]


def _bursts(results: dict[str, Any]) -> list[str]:
    lines = ["| | " + " | ".join(COLOURS) + " |", "|---|" + "---|" * len(COLOURS)]
    for link in results["links"]:
        rows = _rows_of(link)
        cells = [rows[name, "bursts", DESIGN_LOSS] for name in COLOURS]
        best = min(cell["lpips"] for cell in cells)
        lines.append(f"| {link['name']} | " + " | ".join(_cell(cell, best) for cell in cells) + " |")
    return lines


def _aims(results: dict[str, Any]) -> list[str]:
    """What was aimed at: at 20 % loss more see a picture than 99 %, and nearer ones than three copies give."""
    lines = [
        "At 20 % loss, and the bytes that three copies of the first packet cost: LPIPS, MobileNetV2's distance, and "
        "the share that sees a picture.",
        "",
        "| | three copies | tokens, repaired | base, repaired | best of the others |",
        "|---|---|---|---|---|",
    ]
    for link in results["links"]:
        rows = _rows_of(link)
        ours = [rows[name, "independent", DESIGN_LOSS] for name in (THREE, SOFT, WHOLE)]
        others = [name for name in COLOURS if not name.startswith(("tokens", "base"))]
        best = min((rows[name, "independent", DESIGN_LOSS] for name in others), key=lambda row: row["lpips"])
        cells = [f"{row['lpips']:.3f}, {row['mobilenet']:.3f}, {100 * row['seen']:.1f} %" for row in (*ours, best)]
        lines.append(f"| {link['name']} | {' | '.join(cells)} ({best['codec']}) |")
    return lines


def _needed(results: dict[str, Any]) -> list[str]:
    found = {(row["num_packets"], row["channel"], row["loss"]): row["repair"] for row in results["repair_needed"]}
    losses = sorted({loss for _, _, loss in found})
    lines = ["| packets of the file | " + " | ".join(f"{100 * loss:.0f} % lost" for loss in losses) + " |"]
    lines.append("|---|" + "---|" * len(losses))
    for count in sorted({count for count, _, _ in found}):
        cells = [f"{found[count, 'independent', loss]} ({found[count, 'bursts', loss]})" for loss in losses]
        lines.append(f"| {count} | " + " | ".join(cells) + " |")
    return [*lines, "", f"In brackets: where losses come in bursts of {results['burst_packets']} packets in the mean."]


def _overhead(results: dict[str, Any]) -> list[str]:
    rows = {(row["mtu"], row["budget_bytes"]): row for row in results["overhead"]}
    budgets = sorted({budget for _, budget in rows})
    lines = ["| MTU | " + " | ".join(f"file of {b:,} bytes | with 2 repair packets" for b in budgets) + " |"]
    lines.append("|---|" + "---|" * 2 * len(budgets))
    for mtu in sorted({mtu for mtu, _ in rows}):
        cells = []
        for budget in budgets:
            row = rows[mtu, budget]
            cells.append(f"{100 * row['bytes_over_file'] - 100:+.1f} % ({row['num_packets']:.0f})")
            cells.append(f"{100 * row['bytes_over_file_repaired'] - 100:+.1f} %")
        lines.append(f"| {mtu} | " + " | ".join(cells) + " |")
    return lines


def plot(results: dict[str, Any]) -> str:
    """LPIPS against independent loss, a panel for each link, as SVG."""
    width, height, left, top, bottom, gap = 330, 300, 46, 34, 44, 16
    losses = sorted({row["loss"] for row in results["links"][0]["rows"]})
    total = len(results["links"]) * (width + gap)
    box = f'viewBox="0 0 {total} {height + 44}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {box} font-family="sans-serif" font-size="12">',
        f'<rect width="{total}" height="{height + 44}" fill="#fff"/>',
    ]
    for n, link in enumerate(results["links"]):
        rows, at = _rows_of(link), n * (width + gap)
        steps = nice_steps(0, max(row["lpips"] for row in link["rows"]))

        def x(loss: float, at: int = at) -> float:
            return at + left + loss / losses[-1] * (width - left - 12)

        def y(value: float, steps: list[float] = steps) -> float:
            return height - bottom - value / steps[-1] * (height - top - bottom)

        parts.append(f'<text x="{at + left}" y="18" font-weight="bold" fill="#111">{escape(link["name"])}</text>')
        for step in steps:
            parts.append(f'<path d="M{x(0):.1f} {y(step):.1f}H{x(losses[-1]):.1f}" stroke="#e5e7eb"/>')
            label = f'<text x="{x(0) - 6:.1f}" y="{y(step) + 4:.1f}" text-anchor="end" fill="#444">{step:.1f}</text>'
            parts.append(label)
        for loss in losses:
            place = f'x="{x(loss):.1f}" y="{height - bottom + 16}"'
            parts.append(f'<text {place} text-anchor="middle" fill="#444">{100 * loss:.0f} %</text>')
        middle = (x(0) + x(losses[-1])) / 2
        parts.append(f'<text x="{middle:.1f}" y="{height - 8}" text-anchor="middle" fill="#444">packets lost</text>')
        grey = f"M{x(0):.1f} {y(link['grey'][0]):.1f}H{x(losses[-1]):.1f}"
        parts.append(f'<path d="{grey}" stroke="{NOTHING}" stroke-width="2" stroke-dasharray="4 4"/>')
        for name, colour in COLOURS.items():
            points = [(x(loss), y(rows[name, "independent", loss]["lpips"])) for loss in losses]
            line = " ".join(f"{px:.1f},{py:.1f}" for px, py in points)
            parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
            parts += [f'<circle cx="{px:.1f}" cy="{py:.1f}" r="3" fill="{colour}"/>' for px, py in points]
    at, row = 12.0, 0
    for name, colour in {**COLOURS, "nothing shown (plain grey)": NOTHING}.items():
        if at + 40 + 6.6 * len(name) > total:
            at, row = 12.0, row + 1
        parts.append(f'<rect x="{at:.0f}" y="{height + 4 + 18 * row}" width="14" height="4" fill="{colour}"/>')
        parts.append(f'<text x="{at + 19:.0f}" y="{height + 11 + 18 * row}" fill="#111">{escape(name)}</text>')
        at += 40 + 6.6 * len(name)
    return "".join(parts) + "</svg>\n"


def write_page(results: dict[str, Any]) -> None:
    write_between_marks(PAGE, BEGIN, END, tables(results))
    PLOT.write_text(plot(results), "utf-8")


if __name__ == "__main__":
    write_page(json.loads(RESULTS.read_text("utf-8")))
