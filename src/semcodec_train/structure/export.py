r"""Trained outliner, structure encoder and decoder to their packages, checked against PyTorch; and the tables.

    python -m semcodec_train.structure.export --outliner outliner.safetensors --codec structure.pt \
        --backbone efficientnet_lite2.safetensors --photos DIR... --out FOLDER
    python -m semcodec_train.structure.export ... --release outlines-nano-1 --facts facts.json  # into semcodec itself

Kernels are stored in 8 bits with a scale per output channel; arithmetic is in float32. `--photos` are what the tables
are counted on.

Shapes: N = pictures; H, W = pixels, multiples of 32; R, K = token rows, columns; D = digits of a token.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import torch
from torch import Tensor, nn

import semcodec
from semcodec_train.common.graphs import check_parity, store_compactly, traced
from semcodec_train.common.photos import pictures_in
from semcodec_train.common.release import ZOO, add_row
from semcodec_train.common.run import RUN, run_beside
from semcodec_train.outliner.draw import drawn, load_outliner
from semcodec_train.outliner.model import Outliner
from semcodec_train.structure.model import StructureCodec
from semcodec_train.structure.recipes import RECIPES
from semcodec_train.structure.tables import count_structure, digits_of
from semcodec_train.tokenizer.model import digit_values

# How far grey values may be apart, of 255: kernels in 8 bits move them.
NEAR = {"outliner": 8, "structure-encoder": 0, "structure-decoder": 4}
TABLES = Path(semcodec.__file__).parent / "layers" / "structure" / "families"


class _Outliner(nn.Module):
    """(N, H, W, 3) uint8 -> (N, H / 2, W / 2) uint8."""

    def __init__(self, model: Outliner) -> None:
        super().__init__()
        self.model = model

    def forward(self, image: Tensor) -> Tensor:
        said = self.model(image.permute(0, 3, 1, 2).float() / 127.5 - 1)[0]
        return _as_bytes(said)


class _Encoder(nn.Module):
    """(N, H / 2, W / 2) uint8, (N, 1) -> (N, R, K, D) uint8 for each scale."""

    def __init__(self, codec: StructureCodec) -> None:
        super().__init__()
        self.codec = codec

    def forward(self, map_NHW: Tensor, spend_N1: Tensor) -> tuple[Tensor, ...]:
        digits = self.codec.digits(map_NHW[:, None].float() / 255, spend_N1)
        return tuple(digits_NDRK.permute(0, 2, 3, 1) for digits_NDRK in digits)


class _Decoder(nn.Module):
    """(N, R, K, D) uint8 for each scale -> (N, H / 2, W / 2) uint8."""

    def __init__(self, codec: StructureCodec) -> None:
        super().__init__()
        self.codec = codec

    def forward(self, *digits: Tensor) -> Tensor:
        tokens = [
            digit_values(digits_NRKD.permute(0, 3, 1, 2), levels)
            for digits_NRKD, levels in zip(digits, self.codec.spec.levels, strict=True)
        ]
        return _as_bytes(self.codec(tokens))


def _as_bytes(logits_N1HW: Tensor) -> Tensor:
    return (torch.sigmoid(logits_N1HW[:, 0]) * 255 + 0.5).to(torch.uint8)


def load_codec(weights: Path) -> StructureCodec:
    """Of the recipe that the run beside the weights names; without one, of the default size."""
    run = run_beside(weights)
    recipe = RECIPES[json.loads(run.read_text("utf-8"))["recipe"].split(".")[-1]]() if run else None
    codec = StructureCodec() if recipe is None else StructureCodec(recipe.spec, recipe.widths)
    codec.load_state_dict(torch.load(weights, weights_only=True, map_location="cpu"))
    return codec.eval().requires_grad_(False)


def export_graphs(outliner: Outliner, codec: StructureCodec, image_HWC: Tensor, folder: Path) -> dict[str, Path]:
    """The three graphs, by purpose. `image_HWC`: a picture of sides that are multiples of 32, to compare them by."""
    folder.mkdir(parents=True, exist_ok=True)
    image = image_HWC[None]
    map_HW = _Outliner(outliner)(image)[0]
    spend = torch.full((1, 1), 0.6)
    strides = codec.spec.strides
    digits = _Encoder(codec)(map_HW[None], spend)
    names = [f"digits_{stride}" for stride in strides]
    axes = {name: {1: f"rows_{name}", 2: f"cols_{name}"} for name in names}
    plans = {
        "outliner": (_Outliner(outliner), {"image": image}, ["outlines"], {"image": {1: "h", 2: "w"}}),
        "structure-encoder": (
            _Encoder(codec), {"map": map_HW[None], "spend": spend}, names, {"map": {1: "h", 2: "w"}, **axes}
        ),
        "structure-decoder": (_Decoder(codec), dict(zip(names, digits, strict=True)), ["outlines"], axes),
    }  # fmt: skip
    paths = {}
    for purpose, (module, inputs, outputs, free) in plans.items():
        if outputs == ["outlines"]:
            free = {**free, "outlines": {1: "rows", 2: "cols"}}
        model = traced(module.eval(), tuple(inputs.values()), list(inputs), outputs, free)
        store_compactly(model)
        path = paths[purpose] = folder / f"{purpose}.onnx"
        onnx.save(model, path)
        check_parity(purpose, path, module, inputs, near=NEAR[purpose])
    return paths


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--outliner", type=Path, required=True)
    parser.add_argument("--backbone", type=Path, required=True)
    parser.add_argument("--codec", type=Path, required=True)
    parser.add_argument("--photos", type=Path, nargs="+", required=True)
    parser.add_argument("--limit", type=int, default=600, help="of the photographs, evenly spaced")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--out", type=Path, help="a folder that belongs to no release")
    where.add_argument("--release", help="the structure family's name in semcodec.ids")
    parser.add_argument(
        "--facts", type=Path, help="JSON: licence, recipe ...; in `outliner` what is other of that; of a release"
    )
    args = parser.parse_args()
    outliner, codec = load_outliner(args.outliner, args.backbone), load_codec(args.codec)
    photos = pictures_in(*args.photos)
    maps = [drawn(outliner, photo.open()) for photo in photos[:: -(-len(photos) // args.limit)]]
    folder = args.out or ZOO / "weights" / args.release
    first = np.asarray(photos[0].open())
    height, width = (side // 32 * 32 for side in first.shape[:2])
    paths = export_graphs(outliner, codec, torch.from_numpy(first[:height, :width].copy()), folder)
    name = args.release or folder.name
    tables = count_structure(digits_of(codec, maps), codec.spec, name)
    (folder / "1.bin" if args.out else TABLES / "1.bin").write_bytes(tables)
    facts = json.loads(args.facts.read_text("utf-8")) if args.facts else {}
    common = {key: value for key, value in facts.items() if key != "outliner"}
    for purpose, path in paths.items():
        is_outliner = purpose == "outliner"
        run = run_beside(args.outliner if is_outliner else args.codec)
        target = folder / (f"{purpose}.{RUN}" if is_outliner else RUN)
        beside = [] if run is None else [Path(shutil.copyfile(run, target))]
        if args.release:
            add_row(
                f"{purpose}-{args.release.removeprefix('outlines-')}",
                purpose,
                [path, *beside],
                common | (facts["outliner"] if is_outliner else {}),
                serves=() if is_outliner else (1,),
            )


if __name__ == "__main__":
    main()
