"""How far a picture is from the original when a part of its packets has arrived: curves that choose tokens or a base.

    python benchmarks/links.py --kodak path/to/kodak

Writes `src/semcodec/radio/loss_curves.json`: for bits per pixel of all that is sent, the mean distance of a network
that no loss saw (the second of the benchmark) behind tokens of which the first packet and some others have arrived,
behind a base of which all have, and of the other photographs, for those who see nothing (plain grey would be nearer
than the softest pictures, to this network). Restored, as receivers show it.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
from collections.abc import Callable, Sequence
from itertools import permutations
from pathlib import Path

import numpy as np
from PIL import Image

import semcodec
from semcodec.evaluation.measures.distance import unit_distance, unit_features
from semcodec.evaluation.network import LayerNetwork, to_network_range

ROOT = Path(__file__).resolve().parent.parent
CURVES = ROOT / "src" / "semcodec" / "radio" / "loss_curves.json"
JUDGE = ROOT / "benchmarks" / "judges" / "judge2.safetensors"
PICTURES = (1, 5, 8, 15, 20, 23)
NUM_BYTES = (160, 330, 660, 1320, 2640, 5280)
SHARES = (0.125, 0.25, 0.5, 0.75, 1.0)  # of the packets, the first included
NUM_PACKETS, LEAST_MTU = 8, 40
FRAME_BYTES = 7

Judge = Callable[[np.ndarray], float]


def token_distances(image: Image.Image, num_bytes: int, judge: Judge, num_draws: int) -> dict[float, float]:
    """By the share of the packets that has arrived."""
    mtu = max(LEAST_MTU, num_bytes // NUM_PACKETS)
    room = num_bytes - FRAME_BYTES * (num_bytes // mtu)
    first, *others = semcodec.split(semcodec.encode(image, bytes=room, picture="tokens").data, mtu=mtu)
    found = {}
    for share in SHARES:
        num_others = max(0, round(share * (1 + len(others))) - 1)
        draws = [random.Random(f"{num_bytes} {share} {n}").sample(others, num_others) for n in range(num_draws)]
        distinct = {tuple(sorted(drawn)) for drawn in draws}
        found[share] = statistics.fmean(judge(shown([first, *drawn])) for drawn in sorted(distinct))
    return found


def shown(packets: Sequence[bytes]) -> np.ndarray:
    from semcodec.options import PaintOptions
    from semcodec.painting import paint_reading

    return paint_reading(semcodec.join(packets).reading, PaintOptions()).image_HWC


def measure(folder: Path, num_draws: int) -> dict[str, object]:
    network = LayerNetwork(JUDGE, threads=1)
    rows: dict[int, list[dict[str, object]]] = {num_bytes: [] for num_bytes in NUM_BYTES}
    originals: list[object] = []
    num_pixels = 0
    for number in PICTURES:
        image = Image.open(folder / f"kodim{number:02}.png").convert("RGB")
        original_HWC = np.asarray(image)
        features = unit_features(network.features(to_network_range(original_HWC)))

        def judge(shown_HWC: np.ndarray, features: object = features) -> float:
            return unit_distance(features, unit_features(network.features(to_network_range(shown_HWC))))

        originals.append(features)
        num_pixels = image.width * image.height
        for num_bytes in NUM_BYTES:
            base = semcodec.encode(image, bytes=num_bytes - FRAME_BYTES * NUM_PACKETS // 2, picture="base").data
            tokens = token_distances(image, num_bytes, judge, num_draws)
            rows[num_bytes].append({"base": judge(semcodec.decode(base)), "tokens": tokens})
            print(number, num_bytes, rows[num_bytes][-1], flush=True)

    def mean(found: list[dict[str, object]], share: float) -> float:
        return round(statistics.fmean(row["tokens"][share] for row in found), 3)

    return {
        "about": "Made by benchmarks/links.py: distance (judge2) on Kodak 1, 5, 8, 15, 20, 23, restored. Over bits per "
        "pixel of all packets: behind a base whose packets have all arrived, and behind tokens, by the share of the "
        "packets that has arrived, the first among them. `nothing`: of another of these photographs.",
        "shares": list(SHARES),
        "nothing": round(statistics.fmean(unit_distance(a, b) for a, b in permutations(originals, 2)), 3),
        "rows": [
            {
                "bpp": round(8 * num_bytes / num_pixels, 4),
                "base": round(statistics.fmean(row["base"] for row in found), 3),
                "tokens": [mean(found, share) for share in SHARES],
            }
            for num_bytes, found in rows.items()
        ],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kodak", type=Path, required=True, help="the folder of kodim01.png to kodim24.png")
    parser.add_argument("--draws", type=int, default=2, help="of packets that arrive, for each share")
    args = parser.parse_args()
    text = json.dumps(measure(args.kodak, args.draws), indent=2)
    CURVES.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
