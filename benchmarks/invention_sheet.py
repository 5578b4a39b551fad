"""A sheet of pictures: words alone, 100, 340 and 1,000 bytes, painted by the decoder and by the generator.

    python benchmarks/invention_sheet.py --kodak DIR [--generator FOLDER] --out docs/fine-granularity.webp

Three Kodak pictures, chosen before anything was painted, with the first seed. The words are once the describer's and
once a person's, below; files with tokens have none.
"""

from __future__ import annotations

import argparse
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

import semcodec
from semcodec.zoo.catalog import shipped

if TYPE_CHECKING:
    from semcodec.contracts import Painter

CAPTIONS = {
    "kodim20": "a silver propeller plane stands on green grass under a grey sky",
    "kodim21": "a white lighthouse and a red house on rocks by the sea, under a blue sky",
    "kodim23": "two parrots, one red and one blue and yellow, in front of green leaves",
}
BUDGETS = (100, 340, 1000)
TILE_PX, GAP_PX, HEAD_PX = (232, 156), 4, 22
LINE_CHARS = 34
QUALITY = 80


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--kodak", type=Path, required=True)
    parser.add_argument(
        "--generator", default=shipped().name_of("generator"), help="its name or folder; the embedded one"
    )
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    if args.generator is None:
        parser.error("this build ships no generator; give --generator")
    generator = semcodec.open_painter(args.generator)
    rows = []
    for name, caption in CAPTIONS.items():
        rows += rows_of(Image.open(args.kodak / f"{name}.png").convert("RGB"), caption, generator)
    labels = ["", "words (describer's)", "words (a person's)", *(f"{budget:,} bytes" for budget in BUDGETS)]
    draw_sheet(labels, rows).save(args.out, quality=QUALITY, method=6)
    print(f"{args.out}: {args.out.stat().st_size:,} bytes")


def rows_of(picture: Image.Image, caption: str, painter: Painter) -> list[list[Image.Image]]:
    """Above the decoder's own fill, which words alone tell nothing; below the generator's."""
    told = semcodec.encode(picture, profile="text").data
    said = semcodec.encode(picture, profile="text", caption=caption, language="en").data
    with_tokens = [semcodec.encode(picture, bytes=budget).data for budget in BUDGETS]
    above = [picture, *(written(data) for data in (told, said))]
    above += [Image.fromarray(semcodec.decode(data, invent=False)) for data in with_tokens]
    below = [paper("above: the original, and the decoder's own fill of what was not sent\n\nthis row: the generator")]
    below += [Image.fromarray(semcodec.decode(data, painter=painter)) for data in (told, said, *with_tokens)]
    return [above, below]


def written(data: bytes) -> Image.Image:
    """The words of a file, and its size."""
    words = semcodec.read_words(data)
    assert words is not None
    return paper(f'"{words.text}"\n\n{len(data)} bytes')


def paper(text: str) -> Image.Image:
    page = Image.new("RGB", TILE_PX, "white")
    lines = [line for paragraph in text.split("\n") for line in textwrap.wrap(paragraph, LINE_CHARS) or [""]]
    ImageDraw.Draw(page).multiline_text((6, 6), "\n".join(lines), fill="black", font=ImageFont.load_default(size=13))
    return page


def draw_sheet(labels: list[str], rows: list[list[Image.Image]]) -> Image.Image:
    step_x, step_y = TILE_PX[0] + GAP_PX, TILE_PX[1] + GAP_PX
    sheet = Image.new("RGB", (step_x * len(labels), HEAD_PX + step_y * len(rows)), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=15)
    for column, label in enumerate(labels):
        draw.text((column * step_x + 4, 2), label, fill="black", font=font)
    for at, row in enumerate(rows):
        for column, picture in enumerate(row):
            small = picture.copy()
            small.thumbnail(TILE_PX, Image.Resampling.LANCZOS)
            sheet.paste(small, (column * step_x, HEAD_PX + at * step_y))
    return sheet


if __name__ == "__main__":
    main()
