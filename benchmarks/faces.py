"""Faces where none are: how often a face detector finds some in decoded pictures whose originals have none.

    python benchmarks/faces.py --kodak DIR --photos DIR --yunet FILE [--restorer FOLDER ...] [--picture tokens]

`--photos` is a folder of further pictures, of which every second is taken. The detector is YuNet (Wu et al., 2023;
OpenCV's model zoo; `evaluation/measures/faces.py`). Pictures are decoded without a restorer, with the shipped one, and
with those in the folders that are named. Writes `benchmarks/results/faces.json`: of how many originals without a face
it finds one in what was decoded.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

import numpy as np
from PIL import Image

import semcodec
from semcodec.evaluation.measures.faces import FaceDetector
from semcodec.models import EMBEDDED

RESULTS = Path(__file__).parent / "results" / "faces.json"
BITS_PER_PIXEL = (0.002, 0.007, 0.02)  # 98, 344 and 983 bytes of 768x512
LEAST_BYTES = 40
ENDINGS = (".png", ".webp", ".jpg")


def pictures_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix in ENDINGS)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--kodak", type=Path, required=True)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--yunet", type=Path, required=True)
    parser.add_argument("--restorer", type=Path, nargs="*", default=[], help="folders of other restorers")
    parser.add_argument("--picture", choices=("auto", "tokens"), default="auto", help="what is sent")
    parser.add_argument("--out", type=Path, help="results/faces.json; of tokens, results/faces_tokens.json")
    args = parser.parse_args()
    detector = FaceDetector(args.yunet)
    restorers: dict[str, str | None] = {"none": None, shipped_restorer(): EMBEDDED}
    restorers |= {folder.name: str(folder) for folder in args.restorer}
    models = {name: semcodec.Models(semcodec.ModelSettings(restorer=which)) for name, which in restorers.items()}
    num_pictures = 0
    found: dict[float, Counter[str]] = {bits: Counter(dict.fromkeys(models, 0)) for bits in BITS_PER_PIXEL}
    for path in [*pictures_of(args.kodak), *pictures_of(args.photos)[::2]]:
        image_HWC = np.asarray(Image.open(path).convert("RGB"))
        if detector.finds_one(image_HWC):
            continue
        num_pictures += 1
        for bits, counts in found.items():
            budget = max(LEAST_BYTES, round(image_HWC.shape[0] * image_HWC.shape[1] * bits / 8))
            data = semcodec.encode(image_HWC, bytes=budget, picture=args.picture).data
            for name, opened in models.items():
                counts[name] += detector.finds_one(semcodec.decode(data, models=opened))
    told = {"pictures": num_pictures, "faces": {str(bits): dict(counts) for bits, counts in found.items()}}
    out = args.out or (RESULTS if args.picture == "auto" else RESULTS.with_name("faces_tokens.json"))
    out.write_text(json.dumps(told, indent=1) + "\n", "utf-8")
    print(out.read_text("utf-8"))


def shipped_restorer() -> str:
    restorer = semcodec.Models().restorer()
    assert restorer is not None, "this build ships one"
    return restorer[0]


if __name__ == "__main__":
    main()
