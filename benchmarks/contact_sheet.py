"""Contact sheets: every picture of a set beside what VVC, AV1 and semcodec make of it in equally many bytes.

python benchmarks/contact_sheet.py --results benchmarks/results/kodak --pictures DIR --out docs

Draws one JPEG per budget, contact-340.jpg and so on. The peers' files are those that `semcodec bench` kept (each the
best by the report's measures at that budget); semcodec's are encoded and decoded here, as `semcodec encode --bytes`
and `decode` do but for the words, which are left out. Needs the `bench` extra.
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

import semcodec
from semcodec.evaluation.files import FileStore
from semcodec.evaluation.peers.peer import Peer, enlarge, shrink, size_of
from semcodec.evaluation.peers.registry import open_peers
from semcodec.evaluation.results import Line, read_lines

BUDGETS = (340, 1000, 4000)
PEERS = ("vvc", "av1")
SIDE_PX, GAP_PX, LABEL_PX, WIDTH_PX = 384, 4, 20, 3116  # the longer side of a tile; the width of a sheet
MAX_BYTES = 1_500_000
ENDINGS = (".png", ".webp", ".jpg")

Tile = tuple[str, Image.Image]


def peers_picture(peer: Peer, line: Line, store: FileStore, original_HWC: np.ndarray) -> np.ndarray:
    """What a file of the results shows, at the size of the original."""
    data = store.get(line.file_name)
    if data is None:
        raise SystemExit(f"{line.file_name} is not among the kept files; `semcodec bench` writes them")
    coded = size_of(shrink(original_HWC, line.scale))
    return enlarge(peer.decode(data, coded), size_of(original_HWC))


def tiles_of(name: str, picture: Image.Image, budget: int, lines: list[Line], store: FileStore) -> Iterator[Tile]:
    """The original and what arrives of it, each with its label."""
    yield name, picture
    data = semcodec.encode(picture, bytes=budget).data
    yield f"semcodec {len(data):,}", Image.fromarray(semcodec.decode(data))
    peers, absent = open_peers(PEERS)
    if absent:
        raise SystemExit("\n".join(absent))
    for peer in sorted(peers, key=lambda peer: PEERS.index(peer.name)):
        line = next((x for x in lines if (x.codec, x.picture) == (peer.name, name) and budget in x.shown), None)
        if line is not None:
            shown = Image.fromarray(peers_picture(peer, line, store, np.asarray(picture)))
            yield f"{peer.title} {line.num_bytes:,}", shown


def draw_sheet(rows: list[list[Tile]]) -> Image.Image:
    """Pictures of one shape side by side as often as they fit, wide ones first."""
    small = [[(label, _fitted(picture)) for label, picture in row] for row in rows]
    small.sort(key=lambda row: row[0][1].height)
    shelves: list[list[list[Tile]]] = []
    for row in small:
        width = sum(picture.width + GAP_PX for _, picture in row)
        last = shelves[-1] if shelves else []
        fits = sum(picture.width + GAP_PX for other in last for _, picture in other) + width <= WIDTH_PX + GAP_PX
        if last and fits and last[0][0][1].height == row[0][1].height:
            last.append(row)
        else:
            shelves.append([row])
    heights = [shelf[0][0][1].height + LABEL_PX + GAP_PX for shelf in shelves]
    sheet = Image.new("RGB", (WIDTH_PX, sum(heights)), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=15)
    top = 0
    for shelf, height in zip(shelves, heights, strict=True):
        left = 0
        for label, picture in (tile for row in shelf for tile in row):
            draw.text((left + 2, top), label, fill="black", font=font)
            sheet.paste(picture, (left, top + LABEL_PX))
            left += picture.width + GAP_PX
        top += height
    return sheet


def _fitted(picture: Image.Image) -> Image.Image:
    scale = SIDE_PX / max(picture.size)
    size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    return picture.resize(size, Image.Resampling.LANCZOS)


def as_jpeg(sheet: Image.Image) -> bytes:
    """The best of some qualities that has at most `MAX_BYTES`."""
    for quality in (90, 86, 82, 78, 72, 64):
        out = io.BytesIO()
        sheet.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
        if len(out.getvalue()) <= MAX_BYTES:
            break
    return out.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--results", type=Path, required=True, help="the folder of a `semcodec bench`")
    parser.add_argument("--pictures", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="a folder")
    parser.add_argument("--budgets", type=int, nargs="+", default=BUDGETS)
    args = parser.parse_args()
    lines, store = read_lines(args.results / "results.jsonl"), FileStore(args.results)
    paths = sorted(path for path in args.pictures.iterdir() if path.suffix.lower() in ENDINGS)
    args.out.mkdir(parents=True, exist_ok=True)
    for budget in args.budgets:
        rows = []
        for path in paths:
            with Image.open(path) as picture:
                rows.append(list(tiles_of(path.stem, picture.convert("RGB"), budget, lines, store)))
        data = as_jpeg(draw_sheet(rows))
        (args.out / f"contact-{budget}.jpg").write_bytes(data)
        print(f"contact-{budget}.jpg: {len(rows)} pictures, {len(data):,} bytes", flush=True)


if __name__ == "__main__":
    main()
