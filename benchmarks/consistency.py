"""What words are worth beside a picture: the same tokens completed with the right words, with none, and with another
picture's.

    python benchmarks/consistency.py --kodak DIR --mobilenet FILE --lpips FILE

Files of tokens alone, of 60 to 340 bytes; what was not sent is drawn by the generator, which words guide, and the
restorer finishes it. The words are the embedded describer's of the original, sure or not; the wrong ones are those of
the picture eleven further on. Writes `benchmarks/results/consistency.json` (`--out`), the table of docs/consistency.md
and its picture (`--sheet`). Intervals are 95 %, bootstrap over pictures, in pairs; errors of KID a jackknife.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from invention import gain, of, patch_features, rounded
from invention_restored import Against
from invention_sheet import draw_sheet, paper
from PIL import Image

import semcodec
from semcodec.evaluation.marks import write_between_marks
from semcodec.evaluation.measures.kid import kid, kid_difference
from semcodec.evaluation.measures.lpips import Lpips
from semcodec.evaluation.measures.words_kept import WordsKept
from semcodec.evaluation.network import LayerNetwork
from semcodec.evaluation.sets import Picture, load_set
from semcodec.models import default_models
from semcodec.options import PaintOptions
from semcodec.types import Scene, Words

if TYPE_CHECKING:
    from semcodec.types import Pixels

HERE = Path(__file__).resolve().parent
RESULTS_PATH, PAGE = HERE / "results" / "consistency.json", HERE.parent / "docs" / "consistency.md"
SHEET_PATH = HERE.parent / "docs" / "consistency.webp"
JUDGE2_PATH = HERE / "judges" / "judge2.safetensors"
DESCRIBER = "words-nano-2"
BUDGETS, WAYS = (60, 100, 340), ("right", "none", "wrong")
APART = 11  # pictures from one whose words are the right ones to that of the wrong ones
MEASURES = ("lpips", "judge2", "mobilenet", "words_kept", "psnr_db")
SHOWN, SHOWN_BYTES = ("kodim05", "kodim20", "kodim23"), (60, 340)  # chosen before anything was painted
BEGINS, ENDS = "<!-- words: made by benchmarks/consistency.py -->\n", "<!-- /words -->"


def drawn(scene: Scene, caption: str) -> Pixels:
    """The tokens of a file, completed under these words ("": none), and restored."""
    scene = replace(scene, words=Words(caption, "en") if caption else None)
    painter = default_models().painter(scene, PaintOptions(invent=True))
    return painter.render(scene, size=scene.size)


def measured(args: argparse.Namespace, pictures: Sequence[Picture]) -> tuple[dict[str, Any], list[list[Image.Image]]]:
    """By budget what was found, and the rows of the sheet."""
    networks = {"judge2": LayerNetwork(JUDGE2_PATH), "mobilenet": LayerNetwork(args.mobilenet)}
    lpips, kept = Lpips(args.lpips), WordsKept(DESCRIBER)
    rows: dict[int, dict[str, list[dict[str, float]]]] = {at: {way: [] for way in WAYS} for at in BUDGETS}
    patches: dict[int, dict[str, list[dict[str, np.ndarray]]]] = {at: {way: [] for way in WAYS} for at in BUDGETS}
    originals = [picture.load() for picture in pictures]
    captions = [kept.caption(original_HWC) for original_HWC in originals]
    real = [patch_features(networks, original_HWC) for original_HWC in originals]
    sheet: list[list[Image.Image]] = []
    for at, picture in enumerate(pictures):
        against, wrong = Against(networks, lpips, None, originals[at]), captions[(at + APART) % len(pictures)]
        says = dict(zip(WAYS, (" ".join(caption) for caption in (captions[at], [], wrong)), strict=True))
        tiles = {way: [paper(f"{way}\n\n{says[way]}")] for way in WAYS}
        for budget in BUDGETS:
            data = semcodec.encode(originals[at], bytes=budget, picture="tokens").data
            for way, caption in says.items():
                painted_HWC = drawn(semcodec.read(data).scene, caption)
                share = kept.share(captions[at], kept.caption(painted_HWC))
                rows[budget][way].append({**against.measure(painted_HWC), "words_kept": share})
                patches[budget][way].append(patch_features(networks, painted_HWC))
                if budget in SHOWN_BYTES:
                    tiles[way].append(Image.fromarray(painted_HWC))
        if picture.name in SHOWN:
            sheet.append([Image.fromarray(originals[at]), *(tile for way in WAYS for tile in tiles[way])])
        print(picture.name, flush=True)
    return {str(budget): summary(rows[budget], real, patches[budget]) for budget in BUDGETS}, sheet


def summary(
    rows: Mapping[str, Sequence[Mapping[str, float]]],
    real: Sequence[Mapping[str, np.ndarray]],
    patches: Mapping[str, Sequence[Mapping[str, np.ndarray]]],
) -> dict[str, Any]:
    """Of one budget: the means of all ways, and what right and wrong words add to none."""
    told: dict[str, Any] = {}
    for way, of_way in rows.items():
        told[way] = {name: round(statistics.mean(row[name] for row in of_way), 4) for name in MEASURES}
        told[way]["kid_judge2"] = rounded(kid(of("judge2", real), of("judge2", patches[way])))
    for way in ("right", "wrong"):
        found: dict[str, Any] = {
            name: gain([row[name] for row in rows[way]], [row[name] for row in rows["none"]]) for name in MEASURES
        }
        sides = (of("judge2", side) for side in (real, patches[way], patches["none"]))
        found["kid_judge2"] = rounded(kid_difference(*sides))
        told[f"{way}_less_none"] = found
    return told


def table(results: Mapping[str, Any]) -> str:
    lines = [
        "| bytes | words | LPIPS | second network | MobileNetV2 | words kept | PSNR, dB | KID, second network |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for budget, found in results["budgets"].items():
        for way in WAYS:
            means, (value, error) = found[way], found[way]["kid_judge2"]
            cells = " | ".join(f"{means[name]:.3f}" for name in MEASURES[:-1])
            lines.append(f"| {budget} | {way} | {cells} | {means['psnr_db']:.2f} | {value:.3f} ± {error:.3f} |")
        for way in ("right", "wrong"):
            less = found[f"{way}_less_none"]
            cells = " | ".join(
                f"{less[m]['mean']:+.3f} ({less[m]['low']:+.3f} to {less[m]['high']:+.3f})" for m in MEASURES
            )
            value, error = less["kid_judge2"]
            lines.append(f"| | *{way} less none* | {cells} | {value:+.3f} ± {error:.3f} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    for name in ("kodak", "mobilenet", "lpips"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=RESULTS_PATH)
    parser.add_argument("--sheet", type=Path, default=SHEET_PATH)
    args = parser.parse_args()
    pictures = load_set(args.kodak, manifest=HERE / "manifests" / "kodak.json").pictures
    budgets, rows = measured(args, pictures)
    results = {"pictures": len(pictures), "budgets": budgets}
    args.out.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    labels = ["original"] + [label for _ in WAYS for label in ("words", *(f"{at} bytes" for at in SHOWN_BYTES))]
    draw_sheet(labels, rows).save(args.sheet, quality=80, method=6)
    write_between_marks(PAGE, BEGINS, ENDS, f"{table(results)}\n")


if __name__ == "__main__":
    main()
