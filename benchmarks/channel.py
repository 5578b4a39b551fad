"""Packets on a link that loses some: what splitting costs, and what arrives of semcodec, WebP and AVIF.

    python benchmarks/channel.py --kodak path/to/kodak --mobilenet mobilenet_v2.safetensors

Writes `results/channel.json`, `docs/channel.svg`, and the tables between the `channel` marks of docs/packets.md;
`--page-only` makes the last two from committed results. Losses are drawn from seeds, one packet independently of the
other, and the same for every codec.

Every codec may send the same number of bytes. semcodec pays for its packets' frames out of them; the peers' files are
cut into pieces of the MTU that cost nothing beside their bytes, and their receiver knows which pieces are missing. It
tries both the file up to its first gap and the whole file with zeros in the gaps, with Pillow's LOAD_TRUNCATED_IMAGES,
and shows what is nearer to the original: an oracle in the peers' favour. Any receiver may show plain grey instead, and
does where it has nothing nearer.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageFile

import semcodec
from semcodec.errors import PacketError
from semcodec.evaluation.environment import describe_environment
from semcodec.evaluation.ladders import code_with_peer
from semcodec.evaluation.measures.distance import unit_distance, unit_features
from semcodec.evaluation.network import LayerNetwork, to_network_range
from semcodec.evaluation.peers.peer import enlarge
from semcodec.evaluation.peers.registry import open_peers
from semcodec.evaluation.report.curves import nice_steps
from semcodec.types import Size

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "channel.json"
PAGE, PLOT = ROOT / "docs" / "packets.md", ROOT / "docs" / "channel.svg"
BEGIN, END = "<!-- channel: made by benchmarks/channel.py -->\n", "<!-- /channel -->\n"

MTUS = (40, 51, 115, 140, 222, 255, 340)
BUDGETS = (340, 1000, 4000)
LOSSES = (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5)
PEERS = ("webp", "avif")
COPIES = {"semcodec": 0, "semcodec, packet 0 three times": 2}
COLOURS = {
    "semcodec": "#c2410c",
    "semcodec, packet 0 three times": "#7c2d12",
    "WebP": "#2563eb",
    "AVIF": "#0f766e",
    "nothing": "#9ca3af",
}
GREY = 128


@dataclass(frozen=True)
class Link:
    """How many bytes may be sent for a picture, and how many a packet holds."""

    name: str
    num_bytes: int
    mtu: int


LINKS = (Link("LoRa, 24 packets of 51 bytes", 24 * 51, 51), Link("SMS, 20 messages of 140 bytes", 20 * 140, 140))


# ---- the channel


def arrivals(num_packets: int, loss: float, seed: str) -> list[bool]:
    """Which packets arrive. For one seed, those that arrive at a loss also arrive at every lower one."""
    rng = random.Random(seed)
    return [rng.random() >= loss for _ in range(num_packets)]


def semcodec_packets(image: Image.Image, link: Link, copies: int) -> list[bytes]:
    """Of the largest file whose packets, copies of the first among them, are at most `link.num_bytes` together."""
    low, high, best = 40, link.num_bytes, []
    while high - low > max(4, link.num_bytes // 200):
        budget = (low + high) // 2
        packets = semcodec.split(semcodec.encode(image, bytes=budget).data, mtu=link.mtu, repeat_first=copies)
        if sum(map(len, packets)) <= link.num_bytes:
            low, best = budget, packets
        else:
            high = budget
    return best


def show_semcodec(packets: Sequence[bytes], arrived: Sequence[bool]) -> np.ndarray | None:
    there = [packet for packet, has_arrived in zip(packets, arrived, strict=True) if has_arrived]
    try:
        return semcodec.render(semcodec.join(there).reading.scene)
    except (PacketError, semcodec.SemcodecError):
        return None


def show_peer(data: bytes, mtu: int, arrived: Sequence[bool], size: Size) -> list[np.ndarray]:
    """What Pillow shows of the file up to its first gap, and of the file with zeros in its gaps; where it shows any."""
    pieces = [data[at : at + mtu] for at in range(0, len(data), mtu)]
    arrived = arrived[: len(pieces)]
    first_gap = next((n for n, has_arrived in enumerate(arrived) if not has_arrived), len(pieces))
    with_zeros = b"".join(piece if ok else bytes(len(piece)) for piece, ok in zip(pieces, arrived, strict=True))
    tries = dict.fromkeys((b"".join(pieces[:first_gap]), with_zeros))
    return [shown for attempt in tries if (shown := decode_leniently(attempt, size)) is not None]


def decode_leniently(data: bytes, size: Size) -> np.ndarray | None:
    before, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, True
    try:
        with Image.open(io.BytesIO(data)) as picture:
            return enlarge(np.asarray(picture.convert("RGB")), size)
    except Exception:  # whatever a decoder says of a broken file: it shows nothing
        return None
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before


# ---- measuring


def measure_link(link: Link, paths: Sequence[Path], network: LayerNetwork, num_draws: int) -> list[dict[str, Any]]:
    """A row per codec and loss: mean distance, the share of receivers that show more than grey, bytes sent."""
    values: dict[tuple[str, float], list[tuple[float, bool]]] = {}
    sent: dict[str, list[int]] = {}
    for path in paths:
        image = Image.open(path).convert("RGB")
        original_HWC, size = np.asarray(image), Size(image.width, image.height)
        features = unit_features(network.features(to_network_range(original_HWC)))
        grey = np.full_like(original_HWC, GREY)
        known: dict[bytes, float] = {}

        def distance(shown_HWC: np.ndarray, features: Any = features, known: dict[bytes, float] = known) -> float:
            key = shown_HWC.tobytes()
            if key not in known:
                known[key] = unit_distance(features, unit_features(network.features(to_network_range(shown_HWC))))
            return known[key]

        receivers: dict[str, tuple[int, int, Callable[[Sequence[bool]], list[np.ndarray]]]] = {}
        for name, copies in COPIES.items():
            packets = semcodec_packets(image, link, copies)
            receivers[name] = (
                sum(map(len, packets)),
                len(packets),
                lambda arrived, packets=packets: [x for x in [show_semcodec(packets, arrived)] if x is not None],
            )
        for peer in open_peers(PEERS)[0]:
            files = code_with_peer(peer, original_HWC, (link.num_bytes,))
            if not files:
                continue
            best = min(files, key=lambda coded: distance(coded.image_HWC))
            receivers[peer.title] = (
                len(best.data),
                -(-len(best.data) // link.mtu),
                lambda arrived, data=best.data, size=size: show_peer(data, link.mtu, arrived, size),
            )
        for name, (num_bytes, num_packets, show) in receivers.items():
            sent.setdefault(name, []).append(num_bytes)
            for loss in LOSSES:
                for draw in range(num_draws if loss else 1):
                    shown = show(arrivals(num_packets, loss, f"{path.stem} {draw}"))
                    nearest = min(map(distance, shown), default=distance(grey))
                    found = min(nearest, distance(grey)), nearest < distance(grey)
                    values.setdefault((name, loss), []).append(found)
        values.setdefault(("nothing", 0.0), []).append((distance(grey), False))
        print(f"{link.name}: {path.stem}", flush=True)
    return [
        {
            "codec": name,
            "loss": loss,
            "distance": round(statistics.fmean(value for value, _ in found), 4),
            "shown": round(statistics.fmean(has_shown for _, has_shown in found), 3),
            "bytes_sent": round(statistics.fmean(sent.get(name, [0])), 1),
        }
        for (name, loss), found in values.items()
    ]


def measure_overhead(paths: Sequence[Path]) -> list[dict[str, Any]]:
    """Bytes of all packets over those of the file, and how many packets, for every MTU and budget."""
    rows = []
    for budget in BUDGETS:
        files = [semcodec.encode(Image.open(path).convert("RGB"), bytes=budget).data for path in paths]
        for mtu in MTUS:
            packets = [semcodec.split(data, mtu=mtu) for data in files]
            ratios = [sum(map(len, split)) / len(data) for split, data in zip(packets, files, strict=True)]
            whole = all(semcodec.join(split).data == data for split, data in zip(packets, files, strict=True))
            rows.append(
                {
                    "budget_bytes": budget,
                    "mtu": mtu,
                    "bytes_over_file": round(statistics.fmean(ratios), 4),
                    "num_packets": round(statistics.fmean(map(len, packets)), 1),
                    "joined_files_are_the_same": whole,
                }
            )
    return rows


# ---- showing


def tables(results: dict[str, Any]) -> str:
    """The Markdown between the marks."""
    overhead = {(row["budget_bytes"], row["mtu"]): row for row in results["overhead"]}
    lines = [
        "Bytes of all packets over those of the file (and how many packets), means of "
        f"{results['num_pictures']} Kodak pictures:",
        "",
        "| MTU | " + " | ".join(f"file of {budget:,} bytes" for budget in BUDGETS) + " |",
        "|---|" + "---|" * len(BUDGETS),
    ]
    for mtu in MTUS:
        cells = [overhead[budget, mtu] for budget in BUDGETS]
        shown = [f"{100 * cell['bytes_over_file'] - 100:+.1f} % ({cell['num_packets']:.0f})" for cell in cells]
        lines.append(f"| {mtu} | " + " | ".join(shown) + " |")
    lines += [
        "",
        f"A link that loses packets, at equal bytes sent; {results['num_pictures']} pictures, "
        f"{results['num_draws']} draws of each loss. Distance of MobileNetV2's features (lower is better), and the "
        "share of receivers that show something nearer to the original than plain grey; the others show grey. Of WebP "
        "and AVIF the receiver keeps the better of the file up to its first gap and the file with zeros in its gaps; "
        "they pay nothing for frames.",
        "",
        "![Distance against loss](channel.svg)",
    ]
    for link in results["links"]:
        rows = {(row["codec"], row["loss"]): row for row in link["rows"]}
        codecs = [name for name in dict.fromkeys(row["codec"] for row in link["rows"]) if name != "nothing"]
        lines += [
            "",
            f"| {link['name']}, lost | " + " | ".join(codecs) + " |",
            "|---|" + "---|" * len(codecs),
        ]
        for loss in LOSSES:
            cells = [rows[name, loss] for name in codecs]
            shown = [f"{cell['distance']:.3f} ({100 * cell['shown']:.0f} %)" for cell in cells]
            lines.append(f"| {100 * loss:.0f} % | " + " | ".join(shown) + " |")
        lines.append(f"| nothing shown | {rows['nothing', 0.0]['distance']:.3f} |" + " |" * (len(codecs) - 1))
    return "\n".join(lines) + "\n"


def plot(results: dict[str, Any]) -> str:
    """Distance against loss, a panel for each link, as SVG."""
    width, height, left, top, bottom, gap = 420, 300, 52, 34, 44, 24
    total = len(results["links"]) * (width + gap)
    box = f'viewBox="0 0 {total} {height + 26}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {box} font-family="sans-serif" font-size="12">',
        f'<rect width="{total}" height="{height + 26}" fill="#fff"/>',
    ]
    for n, link in enumerate(results["links"]):
        values = [row["distance"] for row in link["rows"]]
        steps = nice_steps(min(values), max(values))
        at = n * (width + gap)

        def x(loss: float, at: int = at) -> float:
            return at + left + loss / LOSSES[-1] * (width - left - 12)

        def y(value: float, steps: list[float] = steps) -> float:
            return height - bottom - (value - steps[0]) / (steps[-1] - steps[0]) * (height - top - bottom)

        parts.append(f'<text x="{at + left}" y="18" font-weight="bold" fill="#111">{escape(link["name"])}</text>')
        for step in steps:
            parts.append(f'<path d="M{x(0):.1f} {y(step):.1f}H{x(LOSSES[-1]):.1f}" stroke="#e5e7eb"/>')
            parts.append(
                f'<text x="{x(0) - 6:.1f}" y="{y(step) + 4:.1f}" text-anchor="end" fill="#444">{step:.1f}</text>'
            )
        for loss in LOSSES:
            label = f"{100 * loss:.0f} %"
            parts.append(
                f'<text x="{x(loss):.1f}" y="{height - bottom + 16}" text-anchor="middle" fill="#444">{label}</text>'
            )
        middle = (x(0) + x(LOSSES[-1])) / 2
        parts.append(f'<text x="{middle:.1f}" y="{height - 8}" text-anchor="middle" fill="#444">packets lost</text>')
        for name, colour in COLOURS.items():
            rows = sorted((row for row in link["rows"] if row["codec"] == name), key=lambda row: row["loss"])
            points = [(x(row["loss"]), y(row["distance"])) for row in rows]
            if name == "nothing":
                points = [(x(0), points[0][1]), (x(LOSSES[-1]), points[0][1])]
            dashes = ' stroke-dasharray="4 4"' if name == "nothing" else ""
            line = " ".join(f"{px:.1f},{py:.1f}" for px, py in points)
            parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"{dashes}/>')
            dots = points if name != "nothing" else []
            parts += [f'<circle cx="{px:.1f}" cy="{py:.1f}" r="3" fill="{colour}"/>' for px, py in dots]
    at = 12.0
    for name, colour in COLOURS.items():
        label = "nothing shown (plain grey)" if name == "nothing" else name
        parts.append(f'<rect x="{at:.0f}" y="{height + 4}" width="14" height="4" fill="{colour}"/>')
        parts.append(f'<text x="{at + 19:.0f}" y="{height + 11}" fill="#111">{escape(label)}</text>')
        at += 40 + 6.6 * len(label)
    return "".join(parts) + "</svg>\n"


def write_page(results: dict[str, Any]) -> None:
    page = PAGE.read_text("utf-8")
    before, rest = page.split(BEGIN)
    PAGE.write_text(before + BEGIN + tables(results) + END + rest.split(END)[1], "utf-8")
    PLOT.write_text(plot(results), "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kodak", type=Path, help="the folder of kodim01.png to kodim24.png")
    parser.add_argument("--mobilenet", type=Path, help="weights, as for `semcodec bench`")
    parser.add_argument("--pictures", type=int, default=6, help="so many, evenly spread over the set")
    parser.add_argument("--draws", type=int, default=6, help="of losses, for each picture and loss")
    parser.add_argument("--page-only", action="store_true", help="measure nothing")
    args = parser.parse_args()
    if not args.page_only:
        if args.kodak is None or args.mobilenet is None:
            parser.error("give --kodak and --mobilenet, or --page-only")
        found = sorted(args.kodak.glob("kodim*.png"))
        paths = [found[n * len(found) // args.pictures] for n in range(args.pictures)]
        network = LayerNetwork(args.mobilenet, threads=1)
        results = {
            "environment": describe_environment(),
            "family": semcodec.info(semcodec.encode(Image.open(paths[0]), bytes=100).data).family,
            "pictures": [path.stem for path in paths],
            "num_pictures": len(paths),
            "num_draws": args.draws,
            "overhead": measure_overhead(paths),
            "links": [
                {
                    "name": link.name,
                    "num_bytes": link.num_bytes,
                    "mtu": link.mtu,
                    "rows": measure_link(link, paths, network, args.draws),
                }
                for link in LINKS
            ],
        }
        RESULTS.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    write_page(json.loads(RESULTS.read_text("utf-8")))


if __name__ == "__main__":
    main()
