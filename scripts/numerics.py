"""Measures how far pixels and tokens are the same: across machines, versions, threads, and tiles against wholes.

    python scripts/numerics.py paint OUT.npz [--threads N]   paints the conformance files, encodes the photographs
    python scripts/numerics.py compare FIRST.npz OTHER.npz   how far what two machines painted and encoded is apart
    python scripts/numerics.py tiles [--threads N]           tiles of 256 pixels against wholes, both photographs

`scripts/machines.sh` runs the first two everywhere; docs/numerics.md says what is promised.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image

import semcodec
from semcodec.models import DEFAULT_FAMILY, Models, ModelSettings
from semcodec.types import Size

ROOT = Path(__file__).resolve().parent.parent
PHOTOGRAPHS = ("kodim23", "kodim03")
MOST_LEVELS = 2  # of 255: the tolerance that docs/numerics.md states; the exit code is 1 beyond it
# What is painted everywhere. Under an emulator a picture takes a hundred times as long as on its own machine.
PAINTED = ("coarsest-scale", "ended-by-stop", "longest-words", "odd", "one-pixel", "step-6", "words-and-tokens")
SMALL_PX = (120, 80)
SMALL_TILE_PX, WHOLE_PX = 256, 1 << 14

Arrays = dict[str, np.ndarray]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Measure how far pixels and tokens are the same.")
    commands = parser.add_subparsers(dest="command", required=True)
    paint_parser = commands.add_parser("paint", help="paint the conformance files, encode the photographs")
    paint_parser.add_argument("out", type=Path)
    compare_parser = commands.add_parser("compare", help="how far two machines are apart")
    compare_parser.add_argument("first", type=Path)
    compare_parser.add_argument("other", type=Path)
    tiles_parser = commands.add_parser("tiles", help="tiles against wholes")
    for subparser in (paint_parser, tiles_parser):
        subparser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args(arguments)
    if options.command == "paint":
        np.savez_compressed(options.out, **paint(Models(ModelSettings(threads=options.threads))))
        return 0
    if options.command == "compare":
        first, other = np.load(options.first), np.load(options.other)
    else:
        first, other = tiles(Models(ModelSettings(threads=options.threads)))
    print(report(first, other))
    return int(difference(first, other, "pixels/").max() > MOST_LEVELS)


def photograph(name: str, size: tuple[int, int] | None = None) -> np.ndarray:
    image = Image.open(ROOT / "examples" / f"{name}.png").convert("RGB")
    return np.asarray(image if size is None else image.resize(size, Image.Resampling.BOX))


def paint(models: Models) -> Arrays:
    """What networks make: "pixels/NAME" of conformance files, "digits/NAME/scale" of the photographs."""
    found: Arrays = {}
    for name in PAINTED:
        pyramid = semcodec.tokens((ROOT / "conformance" / "good" / f"{name}.semc").read_bytes())
        found[f"pixels/{name}"] = models.decoder(DEFAULT_FAMILY).decode(pyramid.digits, pyramid.working)
    for name in PHOTOGRAPHS:
        for scale, digits in enumerate(models.encoder().nets.encode(photograph(name, SMALL_PX))):
            found[f"digits/{name}/{scale}"] = digits
    return found


def tiles(models: Models) -> tuple[Arrays, Arrays]:
    """The photographs encoded, and painted again from all their tokens: whole, and in tiles."""
    whole: Arrays = {}
    tiled: Arrays = {}
    for name in PHOTOGRAPHS:
        image_HWC = photograph(name)
        size = Size(image_HWC.shape[1], image_HWC.shape[0])
        all_digits = models.encoder().nets.encode(image_HWC, tile_px=WHOLE_PX)
        for found, tile_px in ((whole, WHOLE_PX), (tiled, SMALL_TILE_PX)):
            for scale, digits in enumerate(models.encoder().nets.encode(image_HWC, tile_px=tile_px)):
                found[f"digits/{name}/{scale}"] = digits
            found[f"pixels/{name}"] = models.decoder(DEFAULT_FAMILY).decode(all_digits, size, tile_px=tile_px)
    return whole, tiled


def report(first: Mapping[str, np.ndarray], other: Mapping[str, np.ndarray]) -> str:
    """One line: the largest difference of a sample, how many samples differ, how many digits differ."""
    pixels = difference(first, other, "pixels/")
    digits = difference(first, other, "digits/")
    return (
        f"pixels: {int(pixels.max())} of 255 at most, {100 * np.mean(pixels > 0):.4f} % of {pixels.size} samples "
        f"differ; encoder: {100 * np.mean(digits > 0):.4f} % of {digits.size} digits differ"
    )


def difference(first: Mapping[str, np.ndarray], other: Mapping[str, np.ndarray], kind: str) -> np.ndarray:
    """|first - other| of all arrays of a kind, in a row."""
    names = [name for name in first if name.startswith(kind)]
    assert names and set(names) == {name for name in other if name.startswith(kind)}, "these are not of the same files"
    return np.concatenate([np.abs(first[name].astype(int) - other[name]).ravel() for name in names])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
