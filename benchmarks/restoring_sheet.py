"""A sheet of crops: JPEG of low quality, restored, and the original.

    python benchmarks/restoring_sheet.py --kodak DIR [--restorer FOLDER] --out docs/restoring.webp

Four Kodak pictures and their crops, chosen before anything was restored. The whole pictures are coded.
"""

from __future__ import annotations

import argparse
import io
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

import semcodec
from semcodec.models import EMBEDDED, Models, ModelSettings

CROPS = {"kodim05": (250, 120), "kodim08": (330, 150), "kodim19": (80, 330), "kodim23": (120, 60)}  # left, top
CROP_PX, GAP_PX, HEAD_PX = (320, 240), 4, 22
QUALITY = 10  # of the JPEG files
SHEET_QUALITY = 85


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--kodak", type=Path, required=True)
    parser.add_argument("--restorer", default=EMBEDDED, help="a name or a folder; else the one that is shipped")
    parser.add_argument("--quality", type=int, default=QUALITY)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    models = Models(ModelSettings(restorer=args.restorer))
    rows = [crops_of(args.kodak / f"{name}.png", args.quality, models) for name in CROPS]
    draw_sheet(rows).save(args.out, quality=SHEET_QUALITY, method=6)
    print(f"{args.out}: {args.out.stat().st_size:,} bytes")


def crops_of(path: Path, quality: int, models: Models) -> list[tuple[str, Image.Image]]:
    """As JPEG, restored, original; each with its label."""
    original = Image.open(path).convert("RGB")
    coded = io.BytesIO()
    original.save(coded, "JPEG", quality=quality, optimize=True, progressive=True)
    restored = semcodec.restore(coded.getvalue(), force=True, models=models)
    left, top = CROPS[path.stem]
    box = (left, top, left + CROP_PX[0], top + CROP_PX[1])
    pictures = {
        f"JPEG of quality {quality}, {len(coded.getvalue()):,} bytes": Image.open(coded),
        "restored": Image.fromarray(restored.image_HWC),
        f"original ({path.stem})": original,
    }
    return [(label, picture.crop(box)) for label, picture in pictures.items()]


def draw_sheet(rows: list[list[tuple[str, Image.Image]]]) -> Image.Image:
    step_x, step_y = CROP_PX[0] + GAP_PX, CROP_PX[1] + GAP_PX + HEAD_PX
    sheet = Image.new("RGB", (step_x * len(rows[0]) - GAP_PX, step_y * len(rows)), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=15)
    for at, row in enumerate(rows):
        for column, (label, picture) in enumerate(row):
            draw.text((column * step_x + 4, at * step_y + 2), label, fill="black", font=font)
            sheet.paste(picture, (column * step_x, at * step_y + HEAD_PX))
    return sheet


if __name__ == "__main__":
    main()
