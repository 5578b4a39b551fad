"""Pictures that are drawn: pages, screenshots, maps, charts, of tiny code; and what JPEG and shrinking make of them."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

import numpy as np
from PIL import Image, ImageDraw, ImageFont

_WORDS = "the quick brown fox jumps over lazy dogs while seven wizards box with maps of rivers and towns near harbours"
WORDS = _WORDS.split()
Colour = tuple[int, int, int]


def _colour(rng: np.random.Generator, low: int = 20, high: int = 220) -> Colour:
    red, green, blue = (int(value) for value in rng.integers(low, high, 3))
    return red, green, blue


def _write(
    rng: np.random.Generator, draw: ImageDraw.ImageDraw, box: Colour | tuple[int, ...], px: int, ink: Colour
) -> None:
    """Lines of words into left, top, width, height."""
    left, top, width, height = box
    font = ImageFont.load_default(px)
    for y in range(top, top + height - px, round(1.4 * px)):
        line = ""
        while draw.textlength(f"{line} xxxxxxxx", font=font) < width:
            line += f" {WORDS[rng.integers(len(WORDS))]}"
        draw.text((left, y), line.strip(), font=font, fill=ink)


def page(rng: np.random.Generator, paper: Colour = (255, 255, 255), ink: Colour = (10, 10, 10)) -> Image.Image:
    width, height = ((800, 1000), (768, 512), (640, 900))[rng.integers(3)]
    image = Image.new("RGB", (width, height), paper)
    _write(rng, ImageDraw.Draw(image), (40, 40, width - 80, height - 80), int(rng.integers(11, 28)), ink)
    return image


def dark_page(rng: np.random.Generator) -> Image.Image:
    return page(rng, (24, 26, 30), (220, 220, 220))


def screenshot(rng: np.random.Generator) -> Image.Image:
    image = Image.new("RGB", (1024, 640), (236, 238, 242))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 1024, 36), fill=_colour(rng))
    _write(rng, draw, (12, 8, 400, 28), 16, (255, 255, 255))
    draw.rectangle((0, 36, 200, 640), fill=(250, 250, 250))
    for row in range(12):
        _write(rng, draw, (16, 56 + 32 * row, 150, 22), 14, (60, 60, 60))
    for left in (220, 486, 752):
        draw.rounded_rectangle((left, 60, left + 250, 300), 8, fill="white", outline=(200, 200, 200))
        _write(rng, draw, (left + 12, 72, 220, 60), 14, (30, 30, 30))
        draw.rectangle((left + 12, 140, left + 238, 280), fill=_colour(rng, 60, 255))
    _write(rng, draw, (220, 330, 780, 280), 13, (20, 20, 20))
    return image


def street_map(rng: np.random.Generator) -> Image.Image:
    size, font = (900, 700), ImageFont.load_default(13)
    image = Image.new("RGB", size, (242, 239, 233))
    draw = ImageDraw.Draw(image)

    def places(count: int) -> list[tuple[int, int]]:
        return [(int(x), int(y)) for x, y in rng.integers(0, size, (count, 2))]

    for _ in range(12):
        draw.polygon(places(5), fill=((200, 230, 180), (170, 211, 223), (225, 220, 210))[rng.integers(3)])
    for _ in range(14):
        street = places(4)
        draw.line(street, fill=(160, 120, 60), width=9)
        draw.line(street, fill=(255, 255, 200), width=6)
    for place in places(40):
        draw.text(place, WORDS[rng.integers(len(WORDS))].title(), font=font, fill=(40, 40, 40))
    return image


def chart(rng: np.random.Generator) -> Image.Image:
    image, font = Image.new("RGB", (800, 560), "white"), ImageFont.load_default(14)
    draw = ImageDraw.Draw(image)
    draw.line((60, 20, 60, 500, 780, 500), fill="black", width=2)
    for at in range(12):
        value, left = int(rng.integers(40, 440)), 80 + 58 * at
        draw.rectangle((left, 500 - value, left + 35, 500), fill=_colour(rng, 40))
        draw.text((left, 510), str(value), font=font, fill="black")
    for at in range(10):
        draw.text((20, 480 - 46 * at), str(50 * at), font=font, fill="black")
        draw.line((60, 500 - 46 * at, 780, 500 - 46 * at), fill=(220, 220, 220))
    return image


def line_art(rng: np.random.Generator) -> Image.Image:
    image = Image.new("RGB", (1400, 1400), "white")
    draw = ImageDraw.Draw(image)
    for _ in range(30):
        (left, top), (width, height) = rng.integers(0, 1100, 2).tolist(), rng.integers(60, 300, 2).tolist()
        fill = (None, (255, 220, 90), (90, 180, 255))[rng.integers(3)]
        draw.ellipse((left, top, left + width, top + height), outline="black", width=5, fill=fill)
    return image.resize((700, 700), Image.Resampling.LANCZOS)


def pixel_art(rng: np.random.Generator) -> Image.Image:
    colours = rng.integers(0, 256, (8, 3), np.uint8)
    return Image.fromarray(colours[rng.integers(0, 8, (24, 32))]).resize((640, 480), Image.Resampling.NEAREST)


DRAWN: dict[str, Callable[[np.random.Generator], Image.Image]] = {
    "page": page,
    "dark page": dark_page,
    "screenshot": screenshot,
    "map": street_map,
    "chart": chart,
    "line art": line_art,
    "pixel art": pixel_art,
}


def _as_jpeg(image: Image.Image, quality: int) -> Image.Image:
    written = io.BytesIO()
    image.save(written, "JPEG", quality=quality)
    return Image.open(written).convert("RGB")


def _shrunk(image: Image.Image) -> Image.Image:
    return image.resize((image.width * 3 // 5, image.height * 3 // 5), Image.Resampling.LANCZOS)


CHANGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "as drawn": lambda image: image,
    "JPEG 85": lambda image: _as_jpeg(image, 85),
    "JPEG 60": lambda image: _as_jpeg(image, 60),
    "shrunk": _shrunk,
    "shrunk, JPEG 80": lambda image: _as_jpeg(_shrunk(image), 80),
}


def drawings(seeds: range) -> Iterator[tuple[str, str, Image.Image]]:
    """Kind, change, picture."""
    for kind, draw in DRAWN.items():
        for seed in seeds:
            image = draw(np.random.default_rng(seed))
            for change, changed in CHANGES.items():
                yield kind, change, changed(image)
