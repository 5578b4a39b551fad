"""One scene in five sizes, layer by layer: the second picture of docs/layers.md, and the table below it.

    python benchmarks/layers_sheet.py --things yolox_nano.onnx [PICTURE] [--caption TEXT] [--bytes 1500]

The picture is encoded once, with `--profile scalable` and these words, and cut to the other sizes: all that is shown
was in the longest file. Above is what its outlines say, below what is painted. What a detector and a describer find in
the painted pictures is told beside what they find in the original; "outlines" is the F-measure of those of the layer
against those that the outliner finds in the original, at 3 pixels.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

import semcodec
from semcodec.evaluation.marks import write_between_marks
from semcodec.evaluation.measures.detection import Detector, matches
from semcodec.evaluation.measures.outlines import f_of_lines, lines_of
from semcodec.ids import LayerId
from semcodec.layers.structure import canvas_of
from semcodec.models import Models, default_models
from semcodec.pictures import resized, resized_map
from semcodec.types import Size, Words

if TYPE_CHECKING:
    from semcodec.types import Pixels

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "layers.md"
BEGINS, ENDS = "<!-- scene: made by benchmarks/layers_sheet.py -->\n", "<!-- /scene -->"
SIZES = (20, 60, 200, 500)
WIDTH_PX, GAP_PX = 240, 6
LEAST_OUTLINE = 0.34  # as in benchmarks/machines.py
EMPTY_GREY = 225


def cuts_of(whole: bytes) -> list[bytes]:
    return [*(semcodec.cut(whole, bytes=size) for size in SIZES), whole]


def outlines_of(data: bytes, size: Size) -> Pixels | None:
    """(H, W), where the file has some."""
    return semcodec.decode_structure(data, size=size) if semcodec.info(data).has(LayerId.STRUCTURE) else None


def sheet(files: list[bytes], painted: list[Pixels], shown: Size) -> Pixels:
    """Two rows: outlines (white on black, grey where there are none), pictures."""
    columns = []
    for data, image_HWC in zip(files, painted, strict=True):
        outlines_HW = outlines_of(data, shown)
        if outlines_HW is None:
            outlines_HW = np.full((shown.height_px, shown.width_px), EMPTY_GREY, np.uint8)
        gap = np.full((GAP_PX, shown.width_px, 3), 255, np.uint8)
        columns.append(np.concatenate([np.repeat(outlines_HW[:, :, None], 3, axis=2), gap, resized(image_HWC, shown)]))
    gap = np.full((columns[0].shape[0], GAP_PX, 3), 255, np.uint8)
    return np.concatenate([part for column in columns for part in (gap, column)][1:], axis=1)


def table(files: list[bytes], painted: list[Pixels], original_HWC: Pixels, detector: Detector, models: Models) -> str:
    size = Size(original_HWC.shape[1], original_HWC.shape[0])
    there = detector.find(original_HWC)
    found_HW = models.outliner().find(resized(original_HWC, canvas_of(size)))
    lines_HW = lines_of(resized_map(found_HW, size), LEAST_OUTLINE)
    lines = [
        "| bytes | layers | words | outlines, F | things that the detector finds in the painting "
        f"(there: {len(there)}) | keywords that the describer is sure of there |",
        "|---|---|---|---|---|---|",
    ]
    for data, image_HWC in zip(files, painted, strict=True):
        info, outlines_HW = semcodec.info(data), outlines_of(data, size)
        layers = ", ".join(f"{layer.name} {layer.num_bytes}" for layer in info.layers)
        agreed = "" if outlines_HW is None else f"{f_of_lines(lines_of(outlines_HW, LEAST_OUTLINE), lines_HW):.2f}"
        seen = matches(detector.find(image_HWC), there)
        wrong = f", and {seen.told - seen.both} that are not" if seen.told > seen.both else ""
        words = "" if info.words is None else info.words.text
        lines.append(
            f"| {len(data)} | {layers} | {words} | {agreed} | {seen.both}{wrong} | {keywords(image_HWC, models)} |"
        )
    return "\n".join([*lines, f"| (original) | | | 1 | {len(there)} | {keywords(original_HWC, models)} |"]) + "\n"


def keywords(image_HWC: Pixels, models: Models) -> str:
    describer = models.describer()
    guess = describer.words(describer.see(image_HWC), task="keywords")
    return guess.said.text if guess is not None and guess.is_sure and isinstance(guess.said, Words) else "none"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("picture", type=Path, nargs="?", default=ROOT / "examples" / "kodim23.png")
    parser.add_argument("--caption", default="Two macaws in front of green leaves.")
    parser.add_argument("--bytes", type=int, default=1500, help="of the longest file")
    parser.add_argument("--things", type=Path, required=True, help="a detector of things, YOLOX-nano as ONNX")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "layers-scene.webp")
    args = parser.parse_args()
    with Image.open(args.picture) as opened:
        original_HWC = np.asarray(opened.convert("RGB"))
    whole = semcodec.encode(
        original_HWC, profile="scalable", bytes=args.bytes, caption=args.caption, language="en"
    ).data
    files = cuts_of(whole)
    painted = [semcodec.decode(data) for data in files]
    shown = Size(WIDTH_PX, WIDTH_PX * original_HWC.shape[0] // original_HWC.shape[1])
    Image.fromarray(sheet(files, painted, shown)).save(args.out, quality=80, method=6)
    told = table(files, painted, original_HWC, Detector(args.things), default_models())
    print(told)
    if args.out.parent == PAGE.parent:
        write_between_marks(PAGE, BEGINS, ENDS, told)


if __name__ == "__main__":
    main()
