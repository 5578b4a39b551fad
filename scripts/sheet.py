"""A sheet to look at: the original beside what arrives in the files, each labelled with its size in bytes.

python scripts/sheet.py SHEET.png PHOTO FILE.semc...
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

import semcodec

MARGIN_PX, LABEL_PX, NUM_COLUMNS = 12, 30, 3


def draw_sheet(tiles: list[tuple[str, Image.Image]]) -> Image.Image:
    """Tiles of equal width, row by row, with a label above each."""
    width = max(picture.width for _, picture in tiles)
    height = max(picture.height for _, picture in tiles)
    num_rows = -(-len(tiles) // NUM_COLUMNS)
    step_x, step_y = width + MARGIN_PX, height + LABEL_PX + MARGIN_PX
    sheet = Image.new("RGB", (NUM_COLUMNS * step_x + MARGIN_PX, num_rows * step_y + MARGIN_PX), "white")
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(size=20)
    for at, (label, picture) in enumerate(tiles):
        row, column = divmod(at, NUM_COLUMNS)
        x, y = MARGIN_PX + column * step_x, MARGIN_PX + row * step_y
        draw.text((x, y), label, fill="black", font=font)
        sheet.paste(picture, (x, y + LABEL_PX))
    return sheet


def main(arguments: list[str]) -> None:
    if len(arguments) < 3:
        raise SystemExit(__doc__)
    sheet_path, photo_path, *file_paths = (Path(argument) for argument in arguments)
    photo = Image.open(photo_path).convert("RGB")
    tiles = [(f"original: {photo_path.stat().st_size:,} bytes as {photo_path.suffix[1:].upper()}", photo)]
    for path in file_paths:
        data = path.read_bytes()
        tiles.append((f"{len(data):,} bytes", Image.fromarray(semcodec.decode(data))))
    draw_sheet(tiles).save(sheet_path)


if __name__ == "__main__":
    main(sys.argv[1:])
