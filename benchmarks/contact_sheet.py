"""A contact sheet: every picture of a folder beside what arrives in 100, 340, 1,000, 2,000 and 4,000 bytes.

python benchmarks/contact_sheet.py --pictures DIR --out docs/contact-sheet.jpg
"""

from __future__ import annotations

import argparse
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

import semcodec

BUDGETS = (100, 340, 1000, 2000, 4000)
TILE_PX, GAP_PX, HEAD_PX = 320, 4, 28


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--pictures", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    paths = sorted(path for path in args.pictures.iterdir() if path.suffix.lower() in (".png", ".jpg", ".webp"))
    rows = []
    for path in paths:
        picture = Image.open(path).convert("RGB")
        decoded = [semcodec.decode(semcodec.encode(picture, bytes=budget).data) for budget in BUDGETS]
        rows.append([picture, *(Image.fromarray(image_HWC) for image_HWC in decoded)])
    height = TILE_PX * 2 // 3
    step_x, step_y = TILE_PX + GAP_PX, height + GAP_PX
    sheet = Image.new("RGB", (step_x * (len(BUDGETS) + 1), HEAD_PX + step_y * len(rows)), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=18)
    for column, label in enumerate(["original", *(f"{budget:,} bytes" for budget in BUDGETS)]):
        draw.text((column * step_x + 4, 3), label, fill="black", font=font)
    for at, row in enumerate(rows):
        for column, picture in enumerate(row):
            picture.thumbnail((TILE_PX, height), Image.Resampling.LANCZOS)
            left = column * step_x + (TILE_PX - picture.width) // 2
            sheet.paste(picture, (left, HEAD_PX + at * step_y + (height - picture.height) // 2))
    sheet.save(args.out, quality=85)


if __name__ == "__main__":
    main()
