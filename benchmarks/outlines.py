"""How well outlines in few bytes agree with those that people drew.

    python benchmarks/outlines.py --photos DIR [--split val/] [--limit N] [--out benchmarks/results/outlines.json]

`--photos` holds `index.jsonl`, whose rows name a `file` and, where people have drawn them, its `edges` (BSDS500). For
each budget of payload the outlines are found, coded, decoded and compared (`evaluation/measures/outlines.py`): the
F-measure at the threshold that is best for all pictures, 3 px. "uncoded" is what the outliner finds itself; "cut" are
the first bytes of the section of 400.

Shapes: H, W = pixels.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from semcodec.evaluation.measures.outlines import Agreement, agreement
from semcodec.layers.structure import canvas_of
from semcodec.layers.structure.decode import unpack
from semcodec.limits import DEFAULT_LIMITS
from semcodec.models import Models, ModelSettings
from semcodec.pictures import resized, resized_map
from semcodec.rate.outlines import OutlineCoder
from semcodec.types import FileHeader, Scene, Section, Size

ROOT = Path(__file__).resolve().parent.parent
BUDGETS = (40, 80, 150, 200, 300, 400)
CUTS = (80, 150)


@dataclass(frozen=True)
class Drawn:
    """A picture, and what people drew on it (H, W): the share of them who drew a pixel, 255 where all did."""

    image_HWC: np.ndarray
    drawn_HW: np.ndarray


def pictures(photos: Path, split: str, limit: int | None) -> Iterator[Drawn]:
    rows = [json.loads(line) for line in (photos / "index.jsonl").read_text("utf-8").splitlines()]
    rows = [row for row in rows if row["file"].startswith(split) and "edges" in row]
    for row in rows[:limit]:
        with Image.open(photos / row["file"]) as picture, Image.open(photos / row["edges"]) as drawn:
            image_HWC, drawn_HW = np.asarray(picture.convert("RGB")), np.asarray(drawn.convert("L"))
        # (481x321 where the picture is 480x320: the last row and column are left out)
        yield Drawn(image_HWC, drawn_HW[: image_HWC.shape[0], : image_HWC.shape[1]])


def measured(photos: Path, split: str, limit: int | None) -> dict[str, object]:
    models = Models(ModelSettings(threads=1))
    outliner, encoder = models.outliner(), models.structure_encoder()
    sums: dict[str, Agreement] = {}
    used: dict[str, list[int]] = {}
    seconds, count = 0.0, 0
    for picture in pictures(photos, split, limit):
        count += 1
        size = Size(picture.image_HWC.shape[1], picture.image_HWC.shape[0])
        canvas = canvas_of(size)
        began = time.process_time()
        found_HW = outliner.find(resized(picture.image_HWC, canvas))
        seconds += time.process_time() - began

        def add(name: str, map_HW: np.ndarray, size: Size = size, picture: Drawn = picture) -> None:
            one = agreement(resized_map(map_HW, size), picture.drawn_HW)
            sums[name] = sums[name] + one if name in sums else one

        def add_section(name: str, section: Section, canvas: Size = canvas, size: Size = size) -> None:
            structure, _ = unpack(section, FileHeader(size), Scene(size), DEFAULT_LIMITS)
            assert structure is not None, "the section is of the family that was written"
            add(name, models.structure_decoder(structure.family).draw(structure.digits, canvas))
            used.setdefault(name, []).append(len(section.payload))

        add("uncoded", found_HW)
        coder = OutlineCoder(found_HW, canvas, encoder, models.structure_decoder(encoder.family.id))
        for budget in BUDGETS:
            add_section(str(budget), coder.section(budget))
        whole = coder.section(BUDGETS[-1])
        for budget in CUTS:
            add_section(f"cut {budget}", replace(whole, payload=whole.payload[:budget], open_end=True))
    uncoded = sums["uncoded"].best[0]
    rows = {
        name: {
            "f": round(total.best[0], 4),
            "of_uncoded": round(total.best[0] / uncoded, 4),
            "threshold": round(total.best[1], 2),
            **({"mean_bytes": round(float(np.mean(used[name])), 1)} if name in used else {}),
        }
        for name, total in sums.items()
    }
    return {
        "pictures": count,
        "split": split,
        "tolerance_px": 3,
        "networks": [models.name_of(p) for p in ("outliner", "structure-encoder", "structure-decoder")],
        "outliner_seconds": round(seconds / max(count, 1), 3),
        "rows": rows,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--split", default="val/", help="what the pictures' files begin with")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "outlines.json")
    args = parser.parse_args()
    found = measured(args.photos, args.split, args.limit)
    args.out.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    for name, row in found["rows"].items():  # type: ignore[attr-defined]
        print(f"{name:8} {row}")


if __name__ == "__main__":
    main()
