"""Packets on a link that loses some: what arrives of semcodec, WebP, AVIF and SSDV for the same bytes on the air.

    python benchmarks/channel.py --kodak path/to/kodak --mobilenet mobilenet_v2.safetensors --lpips lpips.safetensors

Writes `results/channel.json`, `docs/channel.svg`, and the tables between the `channel` marks of docs/packets.md
(`channel_page.py`, which makes the last two again from committed results). A run that was stopped goes on where it
was: each codec with each picture on each link is a file in `cache/channel/`, named by all it depends on but the code.

Ten pictures of Kodak, halved to 384x256 as an app would (its users send 30 to 320 pixels); the same ten draws of losses
for every codec. Losses are independent, or come in bursts (Gilbert and Elliott: a link that is good or bad, nothing
arrives while it is bad, and it stays so for three packets in the mean).

All send the same number of packets, full ones, but for what the last has no bytes for. semcodec pays for its frames out
of them. WebP's and AVIF's files, the best of four scales, are cut into pieces that cost nothing beside their bytes;
SSDV has frames of its own, and the best of its sizes and qualities. AVIF is also sent as meshcore-sar does: grey, 256
pixels. *Repaired*: with an erasure code over the packets, which they are given too, free of what ours pays for it.
Where packets are missing, a receiver of WebP or AVIF shows what Pillow makes of the file up to its first gap. Where
nothing better is shown, plain grey is counted.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import statistics
import time
from base64 import b64decode
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import cache, cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
from channel_link import BURST, CHANNELS, LOSSES, arrivals, repair_needed
from channel_page import RESULTS, write_page
from channel_receivers import LINKS, Link, Pixels, Receiver, Sees, of_a_peer, of_semcodec, of_ssdv, peers_files
from PIL import Image

import semcodec
from semcodec.evaluation.environment import describe_environment
from semcodec.evaluation.measures.distance import unit_distance, unit_features
from semcodec.evaluation.measures.lpips import Lpips
from semcodec.evaluation.network import LayerNetwork, to_network_range
from semcodec.types import Size

CACHE = Path(__file__).resolve().parent / "cache" / "channel"
GREY = 128
PICTURE_SIDE = 2  # Kodak's are divided by this
NUM_COUNTED = 10_000  # draws of who sees a picture, which nothing is painted for
MTUS, BUDGETS = (51, 163, 233, 340), (340, 1000, 4000)  # of what packets cost
NUM_SOURCES = (4, 8, 16, 24)  # of how many repair packets are needed


class Eyes:
    """Distances of pictures from one original: LPIPS (Alex), and MobileNetV2's features."""

    def __init__(self, lpips: Lpips, mobilenet: LayerNetwork, original_HWC: Pixels) -> None:
        self._lpips, self._mobilenet, self._original_HWC = lpips, mobilenet, original_HWC
        self._known: dict[bytes, tuple[float, float]] = {}

    @cached_property
    def _features(self) -> tuple[Any, Any]:
        return self._of(self._original_HWC)

    @cached_property
    def grey(self) -> tuple[float, float]:
        """Of what a receiver shows who has nothing nearer."""
        return self.distances(np.full_like(self._original_HWC, GREY))

    def _of(self, image_HWC: Pixels) -> tuple[Any, Any]:
        image_NCHW = to_network_range(image_HWC)
        return self._lpips.features(image_NCHW), unit_features(self._mobilenet.features(image_NCHW))

    def distances(self, image_HWC: Pixels) -> tuple[float, float]:
        key = hashlib.sha256(image_HWC.tobytes()).digest()
        if key not in self._known:
            lpips, mobilenet = self._of(image_HWC)
            self._known[key] = (
                self._lpips.distance(self._features[0], lpips),
                unit_distance(self._features[1], mobilenet),
            )
        return self._known[key]

    def lpips(self, image_HWC: Pixels) -> float:
        return self.distances(image_HWC)[0]


Makers = dict[str, Callable[[], Receiver]]


def receivers_of(path: Path, link: Link, image: Image.Image, eyes: Eyes) -> Makers:
    """Every codec in the tables, by its name there. (Files are made where something has to be measured.)"""
    size = Size(image.width, image.height)

    def peer(name: str, repair: int) -> Receiver:
        key = [asdict(link) for link in LINKS]
        files = cached(f"files-{path.stem}", key, lambda: peers_files(np.asarray(image), eyes.lpips))
        data = b64decode(files[name][str(link.mtu * (link.num_packets - repair))])
        return of_a_peer(data, size, link, repair)

    ways: Makers = {way.name: partial(of_semcodec, image, link, way) for way in link.ways}
    peers: Makers = {
        name + ", repaired" * bool(repair): partial(peer, name, repair)
        for name in ("WebP", "AVIF", "AVIF, grey 256 px")
        for repair in (0, link.whole)
    }
    return {**ways, **peers, "SSDV": partial(of_ssdv, image, link, eyes.lpips)}


def measure(receiver: Receiver, eyes: Eyes, seed: str, num_draws: int) -> list[dict[str, Any]]:
    """A row for each channel and loss, with the distances of every draw."""
    rows: list[dict[str, Any]] = []
    known: dict[tuple[bool, ...], tuple[float, float, bool]] = {}
    for channel, losses in CHANNELS.items():
        for loss in losses:
            draws = []
            for draw in range(num_draws if loss else 1):
                arrived = tuple(arrivals(receiver.num_packets, loss, channel, f"{seed} {draw}"))
                if arrived not in known:
                    shown = receiver.show(arrived)
                    found = eyes.grey if shown is None else eyes.distances(shown)
                    is_seen = shown is not None and found[0] < eyes.grey[0]
                    known[arrived] = (*(found if is_seen else eyes.grey), is_seen)
                draws.append(known[arrived])
            rows.append(
                {"channel": channel, "loss": loss, "draws": draws, "bytes": receiver.num_bytes}
                | ({} if receiver.sees is None else {"seen": share_that_sees(receiver.sees, channel, loss)})
            )
    return rows


@cache
def share_that_sees(sees: Sees, channel: str, loss: float) -> float:
    num_draws = NUM_COUNTED if loss else 1
    seeds = (f"counted {n}" for n in range(num_draws))
    return sum(sees(arrivals(len(sees.numbers), loss, channel, seed)) for seed in seeds) / num_draws


def made(receiver: Callable[[], Receiver], eyes: Eyes, seed: str, num_draws: int) -> list[dict[str, Any]]:
    return measure(receiver(), eyes, seed, num_draws)


def slug(name: str) -> str:
    return "-".join(name.lower().replace(",", "").split())


def cached(name: str, key: object, make: Callable[[], Any]) -> Any:
    """What `make` gave when it was called for this key, also in an earlier run."""
    digest = hashlib.sha256(json.dumps(key, sort_keys=True, default=str).encode()).hexdigest()[:12]
    path = CACHE / f"{name}-{digest}.json"
    if not path.exists():
        began, value = time.process_time(), make()
        CACHE.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_text(json.dumps({"value": value, "seconds": round(time.process_time() - began, 1)}), "utf-8")
        os.replace(part, path)
        print(f"{name}: {time.process_time() - began:.0f} s", flush=True)
    return json.loads(path.read_text("utf-8"))["value"]


def summary(units: Sequence[Sequence[dict[str, Any]]]) -> list[dict[str, Any]]:
    """A row per codec, channel and loss: mean distances, and the share of receivers that see a picture."""
    rows = []
    for same in zip(*units, strict=True):
        draws = [draw for row in same for draw in row["draws"]]
        seen = [row.get("seen", statistics.fmean(is_seen for *_, is_seen in row["draws"])) for row in same]
        rows.append(
            {key: same[0][key] for key in ("codec", "channel", "loss")}
            | {
                "lpips": round(statistics.fmean(lpips for lpips, _, _ in draws), 4),
                "mobilenet": round(statistics.fmean(mobilenet for _, mobilenet, _ in draws), 4),
                "seen": round(statistics.fmean(seen), 4),
                "bytes": round(statistics.fmean(row["bytes"] for row in same), 1),
            }
        )
    return rows


def overhead(path: Path) -> list[dict[str, Any]]:
    """Bytes of all packets over those of a file of tokens, and how many packets, for every MTU and budget."""
    image, rows = Image.open(path).convert("RGB").reduce(PICTURE_SIDE), []
    for budget in BUDGETS:
        data = semcodec.encode(image, bytes=budget, picture="tokens").data
        for mtu in MTUS:
            packets, repaired = semcodec.split(data, mtu=mtu), semcodec.split(data, mtu=mtu, repair=2)
            is_same = semcodec.join(packets).data == semcodec.join(repaired[2:]).data == data
            rows.append(
                {
                    "budget_bytes": budget,
                    "mtu": mtu,
                    "bytes_over_file": sum(map(len, packets)) / len(data),
                    "bytes_over_file_repaired": sum(map(len, repaired)) / len(data),
                    "num_packets": len(packets),
                    "joined_files_are_the_same": is_same,
                }
            )
    return rows


def mean_overhead(units: Sequence[Sequence[dict[str, Any]]]) -> list[dict[str, Any]]:
    rows = []
    for same in zip(*units, strict=True):
        means = {key: round(statistics.fmean(row[key] for row in same), 4) for key in same[0] if key != "budget_bytes"}
        are_same = all(row["joined_files_are_the_same"] for row in same)
        rows.append(same[0] | means | {"mtu": same[0]["mtu"], "joined_files_are_the_same": are_same})
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kodak", type=Path, required=True, help="the folder of kodim01.png to kodim24.png")
    parser.add_argument("--mobilenet", type=Path, required=True, help="weights, as for `semcodec bench`")
    parser.add_argument("--lpips", type=Path, required=True, help="likewise")
    parser.add_argument("--pictures", type=int, default=10, help="how many, evenly spread over the set")
    parser.add_argument("--draws", type=int, default=10, help="of losses, for each picture, channel and loss")
    parser.add_argument("--first", type=int, help="only the first so many of these pictures, for a look")
    args = parser.parse_args()
    found = sorted(args.kodak.glob("kodim*.png"))
    paths = [found[n * len(found) // args.pictures] for n in range(args.pictures)][: args.first]
    lpips, mobilenet = Lpips(args.lpips), LayerNetwork(args.mobilenet, threads=1)
    settings = {
        "draws": args.draws,
        "losses": LOSSES,
        "burst": BURST,
        "weights": (lpips.weights.sha256, mobilenet.sha256),
    }
    units: dict[Link, list[list[dict[str, Any]]]] = {link: [] for link in LINKS}
    greys, costs = [], []
    for path in paths:  # (picture by picture, so that a run that is stopped has some of every link)
        costs.append(cached(f"overhead-{path.stem}", (MTUS, BUDGETS), partial(overhead, path)))
        image = Image.open(path).convert("RGB").reduce(PICTURE_SIDE)
        eyes = Eyes(lpips, mobilenet, np.asarray(image))
        greys.append(eyes.grey)
        for link in LINKS:
            rows = []
            for name, receiver in receivers_of(path, link, image, eyes).items():
                make = partial(made, receiver, eyes, path.stem, args.draws)
                found_rows = cached(f"{link.mtu}-{path.stem}-{slug(name)}", (settings, asdict(link)), make)
                rows += [{"codec": name, **row} for row in found_rows]
            units[link].append(rows)
    results = {
        "environment": describe_environment(),
        "pictures": [path.stem for path in paths],
        "num_draws": args.draws,
        "burst_packets": BURST,
        "overhead": mean_overhead(costs),
        "links": [
            asdict(link)
            | {
                "grey": [round(statistics.fmean(grey[at] for grey in greys), 4) for at in (0, 1)],
                "rows": summary(units[link]),
            }
            for link in LINKS
        ],
        "repair_needed": [
            {"num_packets": count, "channel": channel, "loss": loss, "repair": repair_needed(count, loss, channel)}
            for count in NUM_SOURCES
            for channel in CHANNELS
            for loss in (0.05, *LOSSES[1:])
        ],
    }
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    write_page(results)


if __name__ == "__main__":
    main()
