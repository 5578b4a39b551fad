"""Pairs for the restorer: what was decoded of a picture, and the original, packed in one folder.

    python -m semcodec_train.restorer.data base|tokens|drawn|ordinary --photos DIR|TAR... [--clips DIR] --out DIR
        [--part 0/2]

Shapes: H, W = pixels of the original; h, w = pixels of the decoded picture, at its own size; C = 3 (RGB).

A folder of pairs is `pixels.bin` (uint8 RGB, one picture after the other) and `index.jsonl`: lines of an original
(`at`, `size`) and of its decoded pictures (`at`, `size`, `source`, `condition`); `condition` is what the product tells
the restorer. It has pairs of one source, and lies at `.NAME` until it is whole.
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from semcodec.errors import MissingExtraError
from semcodec_train.common.photos import load_frames, pictures_in
from semcodec_train.restorer.decoded import Decoded, bases_of, tokens_of
from semcodec_train.restorer.folders import INDEX, PIXELS, Row
from semcodec_train.restorer.ordinary import ordinaries_of

SOURCES = {  # (drawn tokens are a kind of tokens: a training has one share of both)
    "base": bases_of,
    "tokens": tokens_of,
    "drawn": partial(tokens_of, invent=True),
    "ordinary": ordinaries_of,
}
LEAST_ORIGINAL_PX = 192  # of the short side: crops are as large
SCALES = (0.65, 1.15)  # of varied originals
GAINS, TINTS, OFFSET = (0.8, 1.15), (0.95, 1.05), 12  # of their light, of each of their colours; of 255


def varied(original: Image.Image, rng: np.random.Generator) -> Image.Image:
    """It again with another size and light, for later passes over few photographs. No side becomes shorter than
    `LEAST_ORIGINAL_PX`.
    """
    low, high = map(math.log, SCALES)
    scale = max(LEAST_ORIGINAL_PX / min(original.size), math.exp(rng.uniform(low, high)))
    width, height = (max(LEAST_ORIGINAL_PX, round(side * scale)) for side in original.size)
    pixels = np.asarray(original.resize((width, height), Image.Resampling.LANCZOS), dtype=np.float32)
    gain = rng.uniform(*GAINS) * rng.uniform(*TINTS, size=3)
    return Image.fromarray(np.clip(pixels * gain + rng.uniform(-OFFSET, OFFSET), 0, 255).astype(np.uint8))


def write_pairs(
    originals: Iterable[Image.Image], source: str, out: Path, *, seed: int, enlarged: bool = False, vary: bool = False
) -> int:
    """Makes the pairs of the originals, by one of `SOURCES`; the folder is written anew. Returns how many there are.

    `enlarged`: decoded pictures are written at the size of the original (for `resident.ResidentPairs`). `vary`: of each
    original one that is `varied`.
    """
    rng = np.random.default_rng(seed)
    beside = out.with_name(f".{out.name}")
    beside.mkdir(parents=True, exist_ok=True)
    num = at = 0
    with (beside / PIXELS).open("wb") as pixels, (beside / INDEX).open("w", encoding="utf-8") as index:
        for photo in originals:
            original = varied(photo, rng) if vary else photo
            decoded = list(SOURCES[source](original, rng))
            rows: list[tuple[np.ndarray, Row]] = [(np.asarray(original), {})] if decoded else []
            rows += [_as_row(_enlarged(d, original.size) if enlarged else d) for d in decoded]
            for image_HWC, facts in rows:
                pixels.write(np.ascontiguousarray(image_HWC, dtype=np.uint8).tobytes())
                size = [image_HWC.shape[1], image_HWC.shape[0]]
                index.write(json.dumps({"at": at, "size": size, **facts}) + "\n")
                at += image_HWC.size
            num += len(decoded)
    if out.exists():
        shutil.rmtree(out)
    beside.rename(out)
    return num


def _as_row(decoded: Decoded) -> tuple[np.ndarray, Row]:
    return decoded.image_hwC, {"source": decoded.source, "condition": [round(c, 4) for c in decoded.condition]}


def _enlarged(decoded: Decoded, size: tuple[int, int]) -> Decoded:
    image = Image.fromarray(decoded.image_hwC).resize(size, Image.Resampling.BICUBIC)
    return replace(decoded, image_hwC=np.asarray(image))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("source", choices=SOURCES)
    parser.add_argument("--photos", type=Path, nargs="+", required=True, help="folders, or tar archives, of pictures")
    parser.add_argument("--clips", type=Path, help="a folder of MP4 clips: a frame of every 1.5 s")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--part", default="0/1", help="I/N: every Nth picture, from the Ith on (all parts are mixed)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--enlarged", action="store_true", help="decoded pictures as large as their originals")
    parser.add_argument("--vary", action="store_true", help="originals of other sizes and lights")
    args = parser.parse_args()
    part, parts = map(int, args.part.split("/"))
    photos = [photo.open for photo in pictures_in(*args.photos)]
    if args.clips:
        photos += [partial(_same, frame) for frame in load_frames(args.clips, every_s=1.5)]
    order = np.random.default_rng(0).permutation(len(photos))[part::parts]
    originals = (original for at in order if min((original := photos[at]()).size) >= LEAST_ORIGINAL_PX)
    how = {"enlarged": args.enlarged, "vary": args.vary}
    try:
        num = write_pairs(originals, args.source, args.out, seed=args.seed + part, **how)
    except MissingExtraError as error:
        parser.exit(2, f"{error}\n")
    print(f"{num} pairs")


def _same(frame: Image.Image) -> Image.Image:
    return frame


if __name__ == "__main__":
    main()
