"""Key frames as they are painted: what adapters learn from. Made by the product's own encoder, decoder and restorer.

    python -m semcodec_train.interpolator.painted --data DIR [--minutes N]

Beside the archives of `interpolator.data` it leaves `painted-N.tar`, one for each of `RANGES`, that holds
`CLIP/00012.webp` for every sixteenth frame of each stretch, then for every eighth and every fourth as far as the time
goes; all of a stretch with the same bits per pixel. What was made lies in `painted-N/` too, and is not made again.
"""

from __future__ import annotations

import argparse
import io
import math
import tarfile
import time
import zlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image

import semcodec
from semcodec.errors import BudgetError
from semcodec_train.interpolator.data import decoded_picture, members

RANGES = ((0.0018, 0.007), (0.007, 0.022), (0.022, 0.08))  # bits per pixel: 90 to 4,000 bytes of a 848x480 frame
LEAST_HEIGHT_PX = 300  # of clips that are painted: product frames are as large
QUALITY = 92
SPACINGS = (16, 8, 4)  # frames; one after the other
EFFORT = 1  # of the encoder: a third of the time is saved, and what is painted is hardly another picture


def painted(frame: Image.Image, bits_per_pixel: float) -> Image.Image:
    """What the decoder shows of a file of so many bits. Raises `BudgetError` where they are too few."""
    budget = round(frame.width * frame.height * bits_per_pixel / 8)
    data = semcodec.encode(np.asarray(frame), bytes=budget, effort=EFFORT).data
    return Image.fromarray(semcodec.decode(data))


def bits_of(clip: str, least: float, most: float) -> float:
    """Bits per pixel of a stretch's key frames: the same whenever it is asked for."""
    share = zlib.crc32(clip.encode()) / 2**32
    return math.exp(math.log(least) + share * (math.log(most) - math.log(least)))


def paint(frames: Iterable[tuple[str, bytes]], out: Path, number: int, spacing: int, until: float) -> None:
    """Paints every so manieth frame for a range, until that time (`time.monotonic`)."""
    for name, content in frames:
        clip, at = name.split("/")
        path = out / name
        if time.monotonic() > until or int(at.split(".")[0]) % spacing or path.exists():
            continue
        frame = decoded_picture(content)
        if frame.height < LEAST_HEIGHT_PX:
            continue
        try:
            picture = painted(frame, bits_of(clip, *RANGES[number - 1]))
        except BudgetError:
            continue
        file = io.BytesIO()
        picture.save(file, "WEBP", quality=QUALITY, method=2)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".part").write_bytes(file.getvalue())
        path.with_suffix(".part").rename(path)


def pack(folder: Path, archive: Path) -> int:
    """All frames of a range in one archive; how many there are."""
    made = sorted(folder.glob("*/*.webp"))
    with tarfile.open(archive.with_suffix(".part"), "w") as tar:
        for path in made:
            tar.add(path, path.relative_to(folder).as_posix())
    archive.with_suffix(".part").rename(archive)
    return len(made)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=math.inf)
    args = parser.parse_args()
    until = time.monotonic() + 60 * args.minutes
    for spacing in SPACINGS:
        for number in range(1, len(RANGES) + 1):
            beside = args.data / f"painted-{number}"
            paint(members(args.data / "clips-*.tar"), beside, number, spacing, until)
            num = pack(beside, beside.with_suffix(".tar"))
            print(f"range {number}, every {spacing}th: {num} frames", flush=True)


if __name__ == "__main__":
    main()
