"""How well drawings are noticed, and from how many bytes on letters can be read.

    python benchmarks/lettering.py [--photos DIR ...] [--out benchmarks/results/lettering.json]

1. Drawings (`drawings.py`) that are noticed, by kind and by what was done to them; photographs that are taken for one.
2. Letters at known places: the bytes of the smallest file of a ladder that shows 98 % of them nearer to themselves than
   to any other letter, beside those that the rule names (`rate/lettering.py`). A matched filter reads worse letters
   than people do: at 85 % nobody reads a word, at 98 % nearly all are clear.

Shapes: H, W = pixels; L, P = letters of the alphabet, pixels of a cell.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from drawings import drawings
from PIL import Image, ImageDraw, ImageFont

import semcodec
from semcodec.rate.lettering import lettering_in

ROOT = Path(__file__).resolve().parent.parent
LETTERS = "abcdefghijkmnopqrstuvwxyz"  # (l is an I in many fonts)
LADDER = (700, 1000, 1400, 2000, 2800, 4000, 5600, 8000, 11200, 16000, 22400, 32000)
ENOUGH, MOST_LETTERS = 0.98, 300
# Width, height, size of letters, share of the picture that is written on.
PAGES = (
    (768, 512, 12, 1.0),
    (768, 512, 16, 1.0),
    (768, 512, 24, 1.0),
    (768, 512, 32, 1.0),
    (768, 512, 48, 1.0),
    (768, 512, 12, 0.1),
    (768, 512, 24, 0.15),
    (1280, 960, 16, 0.1),
    (1280, 960, 32, 0.1),
)


@dataclass(frozen=True)
class Page:
    """`cells`: left, top and letter of each. `cell_px`: width and height of one."""

    image: Image.Image
    cells: Sequence[tuple[int, int, str]]
    cell_px: tuple[int, int]
    font_px: int

    @classmethod
    def of(cls, width: int, height: int, font_px: int, share: float) -> Page:
        rng, font = np.random.default_rng(0), ImageFont.load_default(font_px)
        image = Image.new("RGB", (width, height), "white")
        draw, cell = ImageDraw.Draw(image), (round(0.62 * font_px), round(1.35 * font_px))
        right, foot, cells = round(width * share**0.5), round(height * share**0.5), []
        for top in range(font_px // 2, foot - cell[1], cell[1]):
            left, until_space = font_px // 2, int(rng.integers(3, 9))
            while left < right - cell[0] - font_px // 2:
                if until_space:
                    cells.append((left, top, LETTERS[rng.integers(len(LETTERS))]))
                    draw.text(cells[-1][:2], cells[-1][2], font=font, fill="black")
                left, until_space = left + cell[0], until_space - 1 if until_space else int(rng.integers(3, 9))
        for _ in range(6 if share < 1 else 0):  # lines and areas beside
            x, y = int(rng.integers(right, width)), int(rng.integers(foot, height))
            draw.rectangle((x, y, x + 100, y + 60), fill=tuple(rng.integers(0, 255, 3).tolist()))
            draw.line(
                (right + cell[0], int(rng.integers(height)), width, int(rng.integers(height))), fill="blue", width=2
            )
        return cls(image, cells, cell, font_px)

    def share_read(self, shown_HWC: np.ndarray) -> float:
        """Of letters (as many as 300) that correlate better with themselves than with any other."""
        grey_HW = np.asarray(Image.fromarray(shown_HWC).convert("L"), np.float32)
        (width, height), font = self.cell_px, ImageFont.load_default(self.font_px)
        forms = []
        for letter in LETTERS:
            form = Image.new("L", (width + 2, height + 2), 255)
            ImageDraw.Draw(form).text((1, 1), letter, font=font, fill=0)
            forms.append(np.asarray(form, np.float32).ravel())
        forms_LP = np.stack([form - form.mean() for form in forms])
        forms_LP /= np.linalg.norm(forms_LP, axis=1, keepdims=True)
        chosen = self.cells[:: max(len(self.cells) // MOST_LETTERS, 1)]
        right = 0
        for left, top, letter in chosen:
            cell_P = grey_HW[top - 1 : top + height + 1, left - 1 : left + width + 1].ravel()
            right += LETTERS[int(np.argmax(forms_LP @ (cell_P - cell_P.mean())))] == letter
        return right / len(chosen)


def legibility() -> list[dict[str, object]]:
    rows = []
    for width, height, font_px, share in PAGES:
        page, read = Page.of(width, height, font_px, share), {}
        found = lettering_in(np.asarray(page.image))
        assert found is not None, (font_px, share)
        for num_bytes in LADDER:
            read[num_bytes] = round(
                page.share_read(semcodec.decode(semcodec.encode(page.image, bytes=num_bytes).data)), 3
            )
            if read[num_bytes] >= ENOUGH:
                break
        row = {
            "size": f"{width}x{height}", "font_px": font_px, "written": share, "letters": len(page.cells),
            "readable_from_bytes": max(read) if max(read.values()) >= ENOUGH else None,
            "rule": found.least_bytes(width, height), "rule_height_px": found.height_px, "read": read,
        }  # fmt: skip
        print(row, flush=True)
        rows.append(row)
    return rows


def noticed() -> dict[str, dict[str, str]]:
    """How many of how many, by kind and by change."""
    hits, counts = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for kind, change, image in drawings(range(100, 104)):
        is_noticed = lettering_in(np.asarray(image)) is not None
        for key in (("kind", kind), ("change", change), ("all", "drawings")):
            counts[key] += 1
            hits[key] += is_noticed
    return {
        group: {name: f"{hits[key]} of {counts[key]}" for key in counts for name in key[1:] if key[0] == group}
        for group in ("kind", "change", "all")
    }


def taken_for_drawings(folders: Sequence[Path]) -> dict[str, dict[str, object]]:
    """Of the photographs in each folder."""
    result: dict[str, dict[str, object]] = {}
    for folder in folders:
        paths, names = sorted(path for path in folder.iterdir() if path.is_file()), []
        for path in paths:
            with Image.open(path) as image:
                if lettering_in(np.asarray(image.convert("RGB"))) is not None:
                    names.append(path.name)
        result["/".join(folder.parts[-2:])] = {"pictures": len(paths), "noticed": names}
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--photos", type=Path, nargs="*", default=[])
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "lettering.json")
    args = parser.parse_args()
    results = {
        "drawings_noticed": noticed(),
        "photographs": taken_for_drawings(args.photos),
        "legibility": legibility(),
    }
    args.out.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
