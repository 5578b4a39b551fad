"""Pairs for the restorer: what a file's picture layer gives, and the original, packed in one folder.

    python -m semcodec_train.restorer.data base|tokens --photos DIR|TAR [--clips DIR] --out DIR [--part 0/2]

Shapes: H, W = pixels of the original; h, w = pixels of the decoded picture, at its own (coded or working) size.

A folder of pairs is `pixels.bin` (uint8 RGB, one picture after the other) and `index.jsonl`: lines of an original
(`at`, `size`) and of its decoded pictures (`at`, `size`, `source`, `condition`). Bases and tokens are made by the
product's own code; `condition` is what the product tells the restorer.
"""

from __future__ import annotations

import argparse
import io
import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

import semcodec
from semcodec.errors import BudgetError
from semcodec.models import default_models
from semcodec.options import PaintOptions
from semcodec.painters.restored import RestorablePainter
from semcodec.painters.told import base_told, coded_told
from semcodec.pictures import coding_of, decoded_base, encoded_base, resized
from semcodec.types import Size
from semcodec_train.common.photos import load_frames, pictures_in
from semcodec_train.restorer.model import BITS_PER_PIXEL

BASES_PER_PHOTO = 6
FILES_PER_PHOTO = 3
ORDINARIES_PER_PHOTO = 5
ORDINARY = {"JPEG": 0.46, "WEBP": 0.25, "AVIF": 0.13, "JXL": 0.09, "HEIF": 0.07}  # by Pillow's names: their shares
LEAST_ORIGINAL_PX = 192  # of the short side: crops are as large
LEAST_SIDE_PX = 16  # of a coded picture
LEAST_BYTES = 24  # of a file
LEAST_BYTES_FOR_PACKETS = 200
SPEED = 4  # of libaom: that of the picture which the product keeps
MAX_RATIO = 9.0  # 60 bytes of a 768x512 picture


@dataclass(frozen=True, slots=True)
class Decoded:
    """A decoded picture at its own size, and what the restorer is told about it."""

    image_hwC: np.ndarray
    source: str
    condition: tuple[float, ...]


def bases_of(original: Image.Image, rng: np.random.Generator, num: int = BASES_PER_PHOTO) -> Iterator[Decoded]:
    """`num` AV1 stills of it: sizes and qualities as 60 to 8,000 bytes of a 768x512 picture have them."""
    for _ in range(num):
        ratio = math.exp(rng.uniform(0, math.log(MAX_RATIO)))
        coded = Size(*(max(LEAST_SIDE_PX, round(side / ratio)) for side in original.size))
        # At these budgets the best sizes have qualities of 5 to 30; tiny coded pictures need finer ones.
        quality = int(rng.integers(2, 30 + round(10 * math.log(ratio))))
        base = encoded_base(resized(np.asarray(original), coded), quality=quality, speed=SPEED)
        yield Decoded(decoded_base(base), "base", base_told(base, Size(*original.size)))


def ordinaries_of(
    original: Image.Image, rng: np.random.Generator, num: int = ORDINARIES_PER_PHOTO
) -> Iterator[Decoded]:
    """`num` files of it by other codecs, of low and middling quality."""
    for _ in range(num):
        data = _coded(original, rng)
        image_HWC = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
        coding = coding_of(data)
        told = coded_told(None if coding is None else coding.looked_at(image_HWC), Size(*original.size))
        yield Decoded(image_HWC, "ordinary", told)


def _coded(original: Image.Image, rng: np.random.Generator) -> bytes:
    """By a codec at random: those more often that there are more pictures of. Needs the extra `formats`."""
    import pillow_heif
    import pillow_jxl  # noqa: F401  (registers itself)

    pillow_heif.register_heif_opener()
    codec = str(rng.choice(list(ORDINARY), p=list(ORDINARY.values())))
    how: dict[str, int] = {}
    if codec == "JPEG":  # (its low qualities lie close together)
        quality = round(math.exp(rng.uniform(math.log(3), math.log(75))))
        how = {"subsampling": 0 if rng.random() < 0.12 else 2}
    else:
        quality = int(rng.integers(4, 72))
        how = {"WEBP": {"method": int(rng.choice([2, 4]))}, "AVIF": {"speed": 7}, "JXL": {"effort": 3}}.get(codec, {})
    file = io.BytesIO()
    original.save(file, codec, quality=quality, **how)
    return file.getvalue()


def tokens_of(original: Image.Image, rng: np.random.Generator, num: int = FILES_PER_PHOTO) -> Iterator[Decoded]:
    """`num` files of tokens, and each of them again with its end or some of its packets lost, at the working size."""
    size = Size(*original.size)
    num_px = size.width_px * size.height_px
    low, high = (math.log(bpp * num_px / 8) for bpp in BITS_PER_PIXEL)
    for n in range(num):
        budget = max(LEAST_BYTES, round(math.exp(rng.uniform(low, high))))
        try:
            data = semcodec.encode(original, bytes=budget, picture="tokens").data
        except BudgetError:  # too few bytes for this picture
            continue
        for reading in (semcodec.read(data), _damaged(data, rng, lose_end=n % 2 == 1)):
            if not reading.scene.has_tokens:  # (none arrived)
                continue
            painter = default_models().painter(reading.scene, PaintOptions(restore=False))
            if isinstance(painter, RestorablePainter):
                image_hwC = painter.render(reading.scene, size=painter.own_size(reading.scene))
                yield Decoded(image_hwC, "tokens", painter.condition(reading.scene, size, BITS_PER_PIXEL))


def _damaged(data: bytes, rng: np.random.Generator, *, lose_end: bool) -> semcodec.Reading:
    """What a file still says without its end, or without a quarter of its packets."""
    if lose_end or len(data) < LEAST_BYTES_FOR_PACKETS:
        return semcodec.read(data[: max(LEAST_BYTES - 4, round(len(data) * rng.uniform(0.3, 0.9)))])
    packets = semcodec.split(data, mtu=int(rng.integers(51, 120)))
    return semcodec.join([p for at, p in enumerate(packets) if at == 0 or rng.random() > 0.25]).reading


def varied(original: Image.Image, rng: np.random.Generator) -> Image.Image:
    """It again with another size and light, for later passes over few photographs."""
    least = LEAST_ORIGINAL_PX / min(original.size)
    scale = max(least, math.exp(rng.uniform(math.log(0.65), math.log(1.15))))
    size = (max(LEAST_ORIGINAL_PX, round(side * scale)) for side in original.size)
    pixels = np.asarray(original.resize(tuple(size), Image.Resampling.LANCZOS), dtype=np.float32)
    gain = rng.uniform(0.8, 1.15) * rng.uniform(0.95, 1.05, size=3)
    return Image.fromarray(np.clip(pixels * gain + rng.uniform(-12, 12), 0, 255).astype(np.uint8))


def write_pairs(
    originals: Iterable[Image.Image], source: str, out: Path, *, seed: int, enlarged: bool = False, vary: bool = False
) -> int:
    """Makes the pairs of the originals; the folder is written anew. Returns how many there are. `enlarged`: the decoded
    pictures are written at the size of the original (for `resident.ResidentPairs`).
    """
    rng = np.random.default_rng(seed)
    out.mkdir(parents=True, exist_ok=True)
    decode = {"base": bases_of, "tokens": tokens_of, "ordinary": ordinaries_of}[source]
    num = at = 0
    with (out / "pixels.bin").open("wb") as pixels, (out / "index.jsonl").open("w") as index:
        for photo in originals:
            original = varied(photo, rng) if vary else photo
            decoded = list(decode(original, rng))
            if enlarged:
                decoded = [replace(d, image_hwC=_enlarged(d.image_hwC, original.size)) for d in decoded]
            rows: list[tuple[np.ndarray, dict[str, object]]] = [(np.asarray(original), {})] if decoded else []
            rows += [
                (d.image_hwC, {"source": d.source, "condition": [round(c, 4) for c in d.condition]}) for d in decoded
            ]
            for image_HWC, facts in rows:
                pixels.write(np.ascontiguousarray(image_HWC, dtype=np.uint8).tobytes())
                size = [image_HWC.shape[1], image_HWC.shape[0]]
                index.write(json.dumps({"at": at, "size": size, **facts}) + "\n")
                at += image_HWC.size
            num += len(decoded)
    return num


def _enlarged(image_hwC: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    return np.asarray(Image.fromarray(image_hwC).resize(size, Image.Resampling.BICUBIC))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("source", choices=("base", "tokens", "ordinary"))
    parser.add_argument("--photos", type=Path, nargs="+", required=True, help="folders, or tar archives, of pictures")
    parser.add_argument("--clips", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--part", default="0/1", help="I/N: every Nth picture, from the Ith on")
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
    print(f"{write_pairs(originals, args.source, args.out, seed=args.seed + part, **how)} pairs")


def _same(frame: Image.Image) -> Image.Image:
    return frame


if __name__ == "__main__":
    main()
