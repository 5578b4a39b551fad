"""The picture of docs/layers.md: photographs, what the outliner sees in them, and what is drawn in so many bytes.

python benchmarks/outlines_sheet.py [PICTURE ...] [--out docs/layers.webp]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

from semcodec.layers.structure import canvas_of
from semcodec.layers.structure.decode import unpack
from semcodec.limits import DEFAULT_LIMITS
from semcodec.models import default_models
from semcodec.pictures import resized, resized_map
from semcodec.rate.outlines import OutlineCoder
from semcodec.types import FileHeader, Scene, Size

ROOT = Path(__file__).resolve().parent.parent
BUDGETS = (400, 150, 80, 40)
WIDTH_PX, GAP_PX = 256, 6


def row_of(path: Path) -> np.ndarray:
    """The pictures side by side, white lines on black."""
    with Image.open(path) as opened:
        image_HWC = np.asarray(opened.convert("RGB"))
    size = Size(image_HWC.shape[1], image_HWC.shape[0])
    shown, canvas, models = (
        Size(WIDTH_PX, WIDTH_PX * size.height_px // size.width_px),
        canvas_of(size),
        default_models(),
    )
    found_HW = models.outliner().find(resized(image_HWC, canvas))
    encoder = models.structure_encoder()
    coder = OutlineCoder(found_HW, canvas, encoder, models.structure_decoder(encoder.family.id))
    maps = [found_HW]
    for budget in BUDGETS:
        structure, _ = unpack(coder.section(budget), FileHeader(size), Scene(size), DEFAULT_LIMITS)
        assert structure is not None, "the section is of the family that was written"
        maps.append(models.structure_decoder(structure.family).draw(structure.digits, canvas))
    tiles = [resized(image_HWC, shown), *(np.repeat(resized_map(m, shown)[:, :, None], 3, axis=2) for m in maps)]
    gap = np.full((shown.height_px, GAP_PX, 3), 255, np.uint8)
    return np.concatenate([part for tile in tiles for part in (gap, tile)][1:], axis=1)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    examples = [ROOT / "examples" / f"{name}.png" for name in ("kodim23", "kodim03")]
    parser.add_argument("pictures", type=Path, nargs="*", default=examples)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "layers.webp")
    args = parser.parse_args()
    rows = [row_of(path) for path in args.pictures]
    gap = np.full((GAP_PX, rows[0].shape[1], 3), 255, np.uint8)
    sheet = np.concatenate([part for row in rows for part in (gap, row)][1:], axis=0)
    Image.fromarray(sheet).save(args.out, quality=80, method=6)


if __name__ == "__main__":
    main()
