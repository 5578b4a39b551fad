r"""A trained restorer to its package: `head.onnx`, `body.onnx`, `tail.onnx` and `about.json`, checked against PyTorch.

    python -m semcodec_train.restorer.export --weights restorer.safetensors --pairs PAIRS... --out FOLDER
    python -m semcodec_train.restorer.export ... --name restorer-2 --facts facts.json          # into semcodec itself

The head (pixels to stride 4 and 8) and the tail (back to pixels) see few pixels around each; the body has all the
depth, at strides 8 and 16. Kernels are stored in 8 bits with a scale per output channel. With pairs to calibrate it
on, arithmetic is in 8-bit integers but for the last convolution. Of the trial (5 Kodak pictures at 1,000 bytes; LPIPS
of AV1 stills and of tokens, likeness to PyTorch, milliseconds on one thread and on two): float32 .3267, .3785, - , 364,
212; stored in 8 bits .3267, .3785, 63 dB; in integers .3272, .3789, 50 dB, 145, 103.

Shapes: H, W = pixels, multiples of 16; R, K = rows, columns at a stride; C = channels.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import load_file
from torch import Tensor, nn

from semcodec_train.common.graphs import store_compactly, traced
from semcodec_train.common.int8 import Inputs, quantised
from semcodec_train.common.release import add_row, carry_run, folder_and_facts, release_arguments
from semcodec_train.restorer.model import BITS_PER_PIXEL, COARSE, FINE, MULTIPLE, Restorer
from semcodec_train.restorer.recipes import RECIPES

Given = tuple[NDArray[np.uint8], tuple[float, ...]]  # (H, W, 3), condition
GRAPHS = ("head", "body", "tail")
MAX_PACKAGE_BYTES = 12_000_000
IN_FLOAT = ("fin.",)  # where pixels go out: the beginning of its weights' names
LEAST_PSNR_DB = 42.0  # of the package's picture to that of PyTorch in float32
# (octaves of enlargement, fineness): restorer-2 saw faces in skin-coloured blobs of pictures enlarged 5 to 9 times.
# Told to be this much finer, they stay blobs (docs/models/restorer-2.md has what it costs).
CAUTION, CAUTION_TOKENS = (1.5, 0.15), (-0.4, 0.5)
FACTS = {"multiple": MULTIPLE, "fine_stride": FINE, "coarse_stride": COARSE, "max_pixels": 1_600_000}
TILES = {"tile_px": 1024, "body_tile_px": 2048}  # the body's margins are wide; 12 megapixels take 740 MB
FREE = {
    "image": {1: "H", 2: "W"},
    "restored": {1: "H", 2: "W"},
    "fine": {2: "R4", 3: "K4"},
    "coarse": {2: "R8", 3: "K8"},
    "deep": {2: "R8", 3: "K8"},
}


class Head(nn.Module):
    """image (1, H, W, 3) uint8, condition (1, K) -> fine (1, C, R, K) at stride 4, coarse at stride 8."""

    def __init__(self, model: Restorer) -> None:
        super().__init__()
        self.inp, self.e0, self.d1, self._head = model.inp, model.e0, model.d1, model.head

    def forward(self, image_NHWC: Tensor, condition_NK: Tensor) -> tuple[Tensor, Tensor]:
        return self._head(image_NHWC.permute(0, 3, 1, 2).float() / 127.5 - 1, condition_NK)


class Body(nn.Module):
    """coarse -> deep, (1, C, R, K) at stride 8."""

    def __init__(self, model: Restorer) -> None:
        super().__init__()
        self.e1, self.d2, self.e2, self.u2, self.f1 = model.e1, model.d2, model.e2, model.u2, model.f1
        self._body = model.body

    def forward(self, coarse: Tensor) -> Tensor:
        return self._body(coarse)


class Tail(nn.Module):
    """image (1, H, W, 3) uint8, fine, deep -> restored (1, H, W, 3) uint8."""

    def __init__(self, model: Restorer) -> None:
        super().__init__()
        self.u1, self.f0, self.up, self.hr = model.u1, model.f0, model.up, model.hr
        self.out, self.fin, self._tail = model.out, model.fin, model.tail

    def forward(self, image_NHWC: Tensor, fine: Tensor, deep: Tensor) -> Tensor:
        image = image_NHWC.permute(0, 3, 1, 2).float() / 127.5 - 1
        restored = torch.clamp((self._tail(image, fine, deep) + 1) * 127.5, 0, 255)
        return torch.round(restored).to(torch.uint8).permute(0, 2, 3, 1)


@torch.no_grad()
def export_restorer(model: Restorer, out: Path, pairs: Sequence[Given] = ()) -> dict[str, Path]:
    """Writes the package.

    `pairs` are pictures as the restorer is given them, with their conditions (numbers that are not there are 0): the
    ranges of the integers are calibrated on them. Without any, arithmetic is in float32.

    Raises `ValueError` if what the package makes of the pairs is not what PyTorch makes, or if it is too large.
    """
    model = model.eval()
    out.mkdir(parents=True, exist_ok=True)
    tried = list(pairs) or [(_smooth_picture(), (-1.0, -0.5))]
    given: dict[str, list[Inputs]] = {graph: [] for graph in GRAPHS}
    wanted = []
    num = model.num_conditions
    for image_HWC, condition in tried:
        image = torch.from_numpy(image_HWC.copy())[None]
        told = torch.tensor([[*condition, *[0.0] * num][:num]], dtype=torch.float32)
        fine, coarse = Head(model)(image, told)
        deep = model.body(coarse)
        given["head"].append({"image": image.numpy(), "condition": told.numpy()})
        given["body"].append({"coarse": coarse.numpy()})
        given["tail"].append({"image": image.numpy(), "fine": fine.numpy(), "deep": deep.numpy()})
        wanted.append(Tail(model)(image, fine, deep).numpy())
    outputs = {"head": ["fine", "coarse"], "body": ["deep"], "tail": ["restored"]}
    paths = {}
    for graph, module in zip(GRAPHS, (Head(model), Body(model), Tail(model)), strict=True):
        inputs = {name: torch.from_numpy(np.asarray(value)) for name, value in given[graph][0].items()}
        axes = {name: FREE[name] for name in (*inputs, *outputs[graph]) if name in FREE}
        made = traced(module.eval(), tuple(inputs.values()), list(inputs), outputs[graph], axes)
        if pairs:
            made = quantised(made, given[graph], in_float=IN_FLOAT)
        store_compactly(made)
        onnx.checker.check_model(made)
        paths[graph] = out / f"{graph}.onnx"
        paths[graph].write_bytes(made.SerializeToString())
    paths["about"] = out / "about.json"
    about = {
        "kind": "restorer",
        **FACTS,
        **TILES,
        "margins_px": model.size.margins_px(),
        "bits_per_pixel": BITS_PER_PIXEL,
        "num_conditions": num,
        "caution": CAUTION,
        "caution_tokens": CAUTION_TOKENS,
    }
    paths["about"].write_text(json.dumps(about, indent=1) + "\n", "utf-8")
    likeness = psnr_db(paths, given["head"], wanted)
    if likeness < LEAST_PSNR_DB:
        raise ValueError(f"{out}: its pictures are only {likeness:.1f} dB like those of PyTorch")
    num_bytes = sum(path.stat().st_size for path in paths.values())
    if num_bytes > MAX_PACKAGE_BYTES:
        raise ValueError(f"{out}: {num_bytes} bytes, a restorer's package may have {MAX_PACKAGE_BYTES}")
    return paths


def psnr_db(paths: dict[str, Path], given: Sequence[Inputs], wanted: Sequence[NDArray[np.uint8]]) -> float:
    """How like the package's pictures are to those that are wanted, over all of them."""
    head, body, tail = (
        onnxruntime.InferenceSession(str(paths[graph]), providers=["CPUExecutionProvider"]) for graph in GRAPHS
    )
    squares = 0.0
    for inputs, picture in zip(given, wanted, strict=True):
        fine, coarse = head.run(None, dict(inputs))
        (deep,) = body.run(None, {"coarse": coarse})
        (restored,) = tail.run(None, {"image": inputs["image"], "fine": fine, "deep": deep})
        squares += float(np.square(restored.astype(np.float64) - picture).mean())
    return 10 * math.log10(255**2 / max(squares / len(wanted), 1e-6))


def _smooth_picture() -> NDArray[np.uint8]:
    rng = np.random.default_rng(0)
    small = Image.fromarray(rng.integers(0, 256, (6, 8, 3), dtype=np.uint8))
    return np.asarray(small.resize((128, 96), Image.Resampling.BICUBIC))


def pairs_in(folders: Sequence[Path], num: int = 32) -> list[Given]:
    """Decoded pictures of the folders that `restorer.data` writes, as the restorer is given them: evenly spaced, as
    many of one folder as of another.
    """
    found: list[Given] = []
    for folder in folders:
        lines = [json.loads(line) for line in (folder / "index.jsonl").read_text("utf-8").splitlines()]
        pixels = np.memmap(folder / "pixels.bin", dtype=np.uint8, mode="r")
        shown = (0, 0)
        decoded = []
        for line in lines:
            if "source" in line:
                decoded.append((line, shown))
            else:
                shown = line["size"]
        each = -(-num // len(folders))
        for line, (shown_width, shown_height) in decoded[:: max(1, len(decoded) // each)][:each]:
            width, height = line["size"]
            image_HWC = pixels[line["at"] :][: width * height * 3].reshape(height, width, 3)
            enlarged = Image.fromarray(image_HWC).resize((shown_width, shown_height), Image.Resampling.BICUBIC)
            inside = (0, 0, shown_width // MULTIPLE * MULTIPLE, shown_height // MULTIPLE * MULTIPLE)
            found.append((np.array(enlarged.crop(inside)), tuple(map(float, line["condition"]))))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--weights", type=Path, help="safetensors, or a PyTorch checkpoint of weights alone")
    which.add_argument("--random", choices=sorted(RECIPES), help="random weights of its size, for tests")
    parser.add_argument(
        "--pairs", type=Path, nargs="+", help="folders of restorer.data that integers are calibrated on; else float32"
    )
    release_arguments(parser)
    args = parser.parse_args()
    if args.random is not None:
        torch.manual_seed(2026)
        size = RECIPES[args.random]().size
        model = Restorer(size.widths, size.blocks, size.half, size.last, size.conditions)
    elif args.weights.suffix == ".safetensors":
        model = Restorer.with_weights(load_file(args.weights))
    else:
        model = Restorer.with_weights(torch.load(args.weights, weights_only=True, map_location="cpu"))
    folder, facts = folder_and_facts(args)
    paths = export_restorer(model, folder, pairs_in(args.pairs) if args.pairs is not None else ())
    run = carry_run(args.weights, folder) if args.weights is not None else []
    if facts is not None:
        size = {"num_parameters": {"network": sum(parameter.numel() for parameter in model.parameters())}}
        add_row(args.name, "restorer", [*paths.values(), *run], size | facts, serves=(1, "base"))


if __name__ == "__main__":
    main()
