"""Which blocks are worth their bytes: the same tokens in other orders, painted and judged.

    python benchmarks/importance.py --kodak DIR --photos DIR --mobilenet FILE

Of the scale that fits in part, blocks are sent in the order of

- raster: from the top left on;
- activity: what their digits say, per bit;
- seen: the structure that a painting lacks without them, per bit, by the paintings that encoding makes (what `encode`
  does);
- repainted: the same, with the painting of the finest scale, too (from effort 7 on).

Everything else is the same: working size, whole scales, ceiling. Bytes are those of a Kodak picture; a picture of
another size has as many bits a pixel. Then what it costs and wins to send scales in steps of falling worth: files of
2,000 bytes cut to 1,000. Writes `benchmarks/results/importance.json`: means, and 95 % bootstrap intervals of the
difference from raster over pictures.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from semcodec.container.encode import num_framing_bytes
from semcodec.container.header import working_size
from semcodec.evaluation.bootstrap import mean_interval
from semcodec.evaluation.measures.judges import Judges, Values, WeightPaths
from semcodec.evaluation.sets import Picture, load_set
from semcodec.ids import LayerId
from semcodec.layers.catalog import unpack_layers
from semcodec.layers.tokens.decode import decode_tokens
from semcodec.layers.tokens.encode import block_order, encode_tokens
from semcodec.layers.tokens.grid import Step, grids
from semcodec.limits import DEFAULT_LIMITS
from semcodec.models import default_models
from semcodec.pictures import resized
from semcodec.rate.budget import step_for_budget
from semcodec.rate.cost import block_bits
from semcodec.rate.fill import FLAG_BITS, fill
from semcodec.rate.importance import Importance, activity
from semcodec.rate.pyramid import Encoder
from semcodec.types import FileHeader, Section, Size, TokenPyramid

HERE = Path(__file__).resolve().parent
RESULTS_PATH = HERE / "results" / "importance.json"
KODAK_PIXELS = 768 * 512
BUDGETS = (1000, 2000)
MEASURES = ("mobilenet_distance", "judge2_distance", "mobilenet_top1", "psnr_db")
PREFIX_PICTURES, PREFIX_FROM, PREFIX_TO, PREFIX_PARTS = 8, 2000, 1000, (1, 2, 4)


class Subject:
    """One picture at one budget: its tokens, and every order of its blocks."""

    def __init__(self, picture: Picture, encoder: Encoder, judges: Judges) -> None:
        self.image_HWC, self.encoder = picture.load(), encoder
        self.size = Size(self.image_HWC.shape[1], self.image_HWC.shape[0])
        self.against = judges.against(self.image_HWC)
        self._made: dict[int, tuple[TokenPyramid, dict[int, np.ndarray]]] = {}

    def room(self, budget: int) -> int:
        """Bytes for tokens, of as many bits a pixel as a Kodak picture has in `budget` bytes."""
        num_bytes = budget * self.size.width_px * self.size.height_px // KODAK_PIXELS
        return num_bytes - num_framing_bytes(FileHeader(self.size), [0])

    def header(self, room: int) -> FileHeader:
        return FileHeader(self.size, step_for_budget(self.size, room, coarsest_stride=self.encoder.family.strides[0]))

    def tokens(self, header: FileHeader) -> TokenPyramid:
        return self.made(header)[0]

    def made(self, header: FileHeader) -> tuple[TokenPyramid, dict[int, np.ndarray]]:
        """All tokens, and the paintings that were made on the way."""
        if header.step not in self._made:
            working, made = working_size(header), dict[int, np.ndarray]()
            digits = self.encoder.nets.encode(resized(self.image_HWC, working), reconstructions=made)
            self._made[header.step] = TokenPyramid(self.encoder.family.id, working, digits), made
        return self._made[header.step]

    def orders(self, header: FileHeader) -> dict[str, Importance]:
        (tokens, made), family = self.made(header), self.encoder.family
        small_HWC = resized(self.image_HWC, tokens.working)
        says = activity(tokens.digits, tokens.working, family)
        orders: dict[str, Importance] = {
            "raster": lambda scale: self.costs(tokens, scale) * np.arange(len(says[scale]), 0, -1),
            "activity": lambda scale: says[scale],
        }
        for name, rebuilds in (("seen", False), ("repainted", True)):
            orders[name] = self.encoder.importance(small_HWC, tokens, made, rebuilds=rebuilds)
        return orders

    def costs(self, tokens: TokenPyramid, scale: int) -> np.ndarray:
        """What `fill` divides the importance of a scale's blocks by."""
        family = self.encoder.family
        all_grids = grids(tokens.working, family.strides, family.blocks)
        orders = block_order([(at, list(range(grid.num_blocks))) for at, grid in enumerate(all_grids)], all_grids)
        return block_bits(tokens.digits, orders, scale, family, all_grids[scale]) + FLAG_BITS

    def fill(self, room: int, matters: Importance) -> bytes:
        tokens = self.tokens(self.header(room))
        return fill(tokens.digits, matters, self.encoder.family, tokens.working, room).payload

    def judge(self, payload: bytes, header: FileHeader) -> Values:
        section = Section(LayerId.TOKENS, self.encoder.family.id, payload)
        scene, problems = unpack_layers([section], header, DEFAULT_LIMITS)
        assert not problems
        (values,) = self.against.measure([default_models().token_painter(self.encoder.family.id).render(scene)])
        return values


def compare_orders(pictures: Sequence[Picture], encoder: Encoder, judges: Judges, budgets: Sequence[int]) -> Any:
    found: dict[tuple[int, str], list[Values]] = {}
    for picture in pictures:
        subject = Subject(picture, encoder, judges)
        for budget in budgets:
            room = subject.room(budget)
            header = subject.header(room)
            for name, matters in subject.orders(header).items():
                found.setdefault((budget, name), []).append(subject.judge(subject.fill(room, matters), header))
    result: dict[str, Any] = {}
    for (budget, name), values in found.items():
        line = {measure: round(float(np.mean([v[measure] for v in values])), 4) for measure in MEASURES}
        if name != "raster":
            line["minus_raster"] = {
                measure: [
                    round(end, 4)
                    for end in mean_interval(
                        [v[measure] - r[measure] for v, r in zip(values, found[budget, "raster"], strict=True)]
                    )
                ]
                for measure in MEASURES
            }
        result.setdefault(f"{budget} bytes", {})[name] = line
    return {"pictures": len(pictures), **result}


def in_steps(subject: Subject, payload: bytes, header: FileHeader, matters: Importance, num_parts: int) -> list[Step]:
    """The blocks of a payload, those of its two finest scales in steps of falling worth."""
    family, tokens = subject.encoder.family, subject.tokens(header)
    all_grids = grids(tokens.working, family.strides, family.blocks)
    steps = decode_tokens(Section(LayerId.TOKENS, family.id, payload), family, all_grids).steps
    result = []
    for scale, blocks in steps:
        if scale < steps[-1][0] - 1:
            result.append((scale, blocks))
            continue
        worth = matters(scale) / subject.costs(tokens, scale)
        ranked = sorted(blocks, key=lambda block: -worth[block])
        bounds = [len(ranked) * part // num_parts for part in range(num_parts + 1)]
        result.extend((scale, sorted(ranked[low:high])) for low, high in pairwise(bounds) if high > low)
    return result


def compare_prefixes(pictures: Sequence[Picture], encoder: Encoder, judges: Judges) -> Any:
    """By the number of steps of the two finest scales: bytes of the same blocks, and the picture that half of them
    makes, beside one that was encoded for so few."""
    family = encoder.family
    found: dict[str, list[dict[str, float]]] = {}
    for picture in pictures:
        subject = Subject(picture, encoder, judges)
        room, less = subject.room(PREFIX_FROM), subject.room(PREFIX_TO)
        header, small = subject.header(room), subject.header(less)
        matters = subject.orders(header)["seen"]
        payload = subject.fill(room, matters)
        tokens = subject.tokens(header)
        all_grids = grids(tokens.working, family.strides, family.blocks)
        for num_parts in PREFIX_PARTS:
            steps = in_steps(subject, payload, header, matters, num_parts)
            whole = encode_tokens(tokens.digits, steps, family, all_grids).payload
            first = encode_tokens(tokens.digits, steps, family, all_grids, max_bytes=less).payload
            found.setdefault(f"{num_parts} steps a scale", []).append(
                {"more_bytes": len(whole) / len(payload) - 1, **subject.judge(first, header)}
            )
        made = subject.fill(less, subject.orders(small)["seen"])
        found.setdefault(f"encoded at {PREFIX_TO}", []).append({"more_bytes": 0.0, **subject.judge(made, small)})
    return {
        "pictures": len(pictures),
        **{
            name: {
                measure: round(float(np.mean([line[measure] for line in lines])), 4)
                for measure in ("more_bytes", *MEASURES)
            }
            for name, lines in found.items()
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--kodak", type=Path, required=True)
    parser.add_argument("--photos", type=Path, required=True, help="a folder of photographs: photos/val")
    parser.add_argument("--mobilenet", type=Path, required=True)
    parser.add_argument("--first", type=int, default=None, help="only so many pictures of each set, evenly spaced")
    parser.add_argument("--out", type=Path, default=RESULTS_PATH)
    args = parser.parse_args()
    judges = Judges(WeightPaths(args.mobilenet, HERE / "judges" / "judge2.safetensors"), with_vmaf=False)
    encoder = default_models().encoder()
    kodak = load_set(args.kodak, manifest=HERE / "manifests" / "kodak.json").first(args.first)
    photos = load_set(args.photos, manifest=HERE / "manifests" / "photos-val.json").first(args.first)
    results = {
        "family": encoder.family.name,
        "kodak": compare_orders(kodak.pictures, encoder, judges, BUDGETS[:1]),
        "photos-val": compare_orders(photos.pictures, encoder, judges, BUDGETS),
        f"{PREFIX_FROM} bytes cut to {PREFIX_TO}": compare_prefixes(
            kodak.first(PREFIX_PICTURES).pictures, encoder, judges
        ),
    }
    args.out.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
