r"""A trained interpolator to its package: `pair.onnx`, `at.onnx`, adapters and `about.json`, checked against PyTorch.

    python -m semcodec_train.interpolator.export --weights interpolator.safetensors --recipe NAME --out FOLDER
        [--adapter 0.01,0.03,tuned-1.safetensors ...]
    python -m semcodec_train.interpolator.export ... --name interpolator-1 --facts facts.json   # into semcodec itself

Weights are stored as float16, arithmetic is in float32. An adapter is given with the bits per pixel, least and most, of
the key frames that it is for; `--strength` is how much of what it changes is taken, of all of them.

Shapes: H, W = pixels, multiples of 32.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from PIL import Image
from safetensors.torch import load_file
from torch import Tensor, nn

from semcodec.nets.interpolator import InterpolatorNets
from semcodec_train.common.graphs import store_compactly, traced
from semcodec_train.common.release import add_row, carry_run, folder_and_facts, release_arguments
from semcodec_train.interpolator.adapters import RANK, Low, adapted_names, read_low, weakened
from semcodec_train.interpolator.model import MULTIPLE, Interpolator, Pair
from semcodec_train.interpolator.recipes import RECIPES

Adapter = tuple[float, float, Mapping[str, Low]]  # bits per pixel, least and most; by the name of the weight
MAX_PACKAGE_BYTES = 9_000_000
MAX_PIXELS = 2_200_000  # of frames that are taken whole: 1920x1080, 0.9 GB (848x480: 0.27)
LEAST_PSNR_DB = 38.0  # of the package's frames to those of PyTorch
KNOWN = ("fine", "coarse", "motion", "weight")
FREE = {
    "first": {1: "H", 2: "W"},
    "last": {1: "H", 2: "W"},
    "frame": {1: "H", 2: "W"},
    "fine": {2: "R4", 3: "K4"},
    **{name: {2: "R8", 3: "K8"} for name in KNOWN[1:]},
}


class PairGraph(nn.Module):
    """first, last (1, H, W, 3) uint8 -> `model.Pair`."""

    def __init__(self, model: Interpolator) -> None:
        super().__init__()
        self.model = model

    def forward(self, first: Tensor, last: Tensor) -> tuple[Tensor, ...]:
        return tuple(self.model.pair(_shown(first), _shown(last))[0])


class AtGraph(nn.Module):
    """first, last (1, H, W, 3) uint8, `model.Pair`, time (1, 1) -> frame (1, H, W, 3) uint8."""

    def __init__(self, model: Interpolator) -> None:
        super().__init__()
        self.model = model

    def forward(self, first: Tensor, last: Tensor, *known_and_time: Tensor) -> Tensor:
        *known, time = known_and_time
        frame = self.model.at(_shown(first), _shown(last), Pair(*known), time)[0]
        return torch.round(torch.clamp((frame + 1) * 127.5, 0, 255)).to(torch.uint8).permute(0, 2, 3, 1)


def _shown(image_NHWC: Tensor) -> Tensor:
    return image_NHWC.permute(0, 3, 1, 2).float() / 127.5 - 1


@torch.no_grad()
def export_interpolator(
    model: Interpolator, out: Path, adapters: Sequence[Adapter] = (), *, adapted_for: int = 0
) -> dict[str, Path]:
    """Writes the package. `adapted_for`: the rank of its adapters; 0: the graphs take none.

    Raises `ValueError` if what the package makes of two frames is not what PyTorch makes, or if it is too large.
    """
    model = model.eval()
    out.mkdir(parents=True, exist_ok=True)
    first, last = (torch.from_numpy(_picture(shift))[None] for shift in (0, 6))
    time = torch.tensor([[0.4]])
    known = PairGraph(model)(first, last)
    given = {
        "pair": (PairGraph(model), {"first": first, "last": last}, list(KNOWN)),
        "at": (
            AtGraph(model),
            {"first": first, "last": last, **dict(zip(KNOWN, known, strict=True)), "time": time},
            ["frame"],
        ),
    }
    paths, adapted = {}, {}
    for graph, (module, inputs, outputs) in given.items():
        axes = {name: FREE[name] for name in (*inputs, *outputs) if name in FREE}
        made = traced(module.eval(), tuple(inputs.values()), list(inputs), outputs, axes)
        adapted[graph] = _with_low(made, adapted_for)
        store_compactly(made, in_int8=(), in_halves=("",))
        _apart(made, adapted[graph])
        paths[graph] = out / f"{graph}.onnx"
        paths[graph].write_bytes(made.SerializeToString())
    rows = []
    for number, (least, most, low) in enumerate(adapters, 1):
        paths[f"tuned-{number}"] = path = out / f"tuned-{number}.npz"
        np.savez_compressed(path, **_matrices(low, adapted))
        rows.append({"file": path.name, "bits_per_pixel": [least, most]})
    paths["about"] = out / "about.json"
    about = {
        "kind": "interpolator", "multiple": MULTIPLE, "max_pixels": MAX_PIXELS, "adapters": rows, "adapted": adapted,
    }  # fmt: skip
    paths["about"].write_text(json.dumps(about) + "\n", "utf-8")
    wanted = AtGraph(model)(first, last, *known, time)[0].numpy()
    nets = InterpolatorNets({path.name: path for path in paths.values()})
    (got,) = nets.between(first[0].numpy(), last[0].numpy(), [0.4])
    squares = float(np.square(got.astype(np.float64) - wanted).mean())
    if squares > 255**2 / 10 ** (LEAST_PSNR_DB / 10):
        raise ValueError(f"{out}: its frames are not like those of PyTorch (mean squared error {squares:.2f})")
    num_bytes = sum(path.stat().st_size for path in paths.values())
    if num_bytes > MAX_PACKAGE_BYTES:
        raise ValueError(f"{out}: {num_bytes} bytes, an interpolator's package may have {MAX_PACKAGE_BYTES}")
    return paths


def _with_low(made: onnx.ModelProto, rank: int) -> dict[str, list[int]]:
    """Makes the weights of convolutions sums of themselves and a product of two matrices; returns those with their
    shapes, none for rank 0.
    """
    graph = made.graph
    dims = {weight.name: tuple(weight.dims) for weight in graph.initializer}
    used = {node.input[1] for node in graph.node if node.op_type == "Conv"}
    summed = [name for name in adapted_names(dims) if rank and name in used]
    shapes: dict[str, list[int]] = {}
    nodes = []
    for name in summed:
        shapes[f"{name}_up"] = [dims[name][0], rank]
        shapes[f"{name}_down"] = [rank, int(np.prod(dims[name][1:]))]
        graph.initializer.append(numpy_helper.from_array(np.array(dims[name]), f"{name}_dims"))
        nodes += [
            helper.make_node("Cast", [f"{name}_up"], [f"{name}_up_wide"], to=TensorProto.FLOAT),
            helper.make_node("Cast", [f"{name}_down"], [f"{name}_down_wide"], to=TensorProto.FLOAT),
            helper.make_node("MatMul", [f"{name}_up_wide", f"{name}_down_wide"], [f"{name}_low"]),
            helper.make_node("Reshape", [f"{name}_low", f"{name}_dims"], [f"{name}_added"]),
            helper.make_node("Add", [name, f"{name}_added"], [f"{name}_sum"]),
        ]
    for node in graph.node:
        if node.op_type == "Conv" and node.input[1] in summed:
            node.input[1] += "_sum"
    for new in reversed(nodes):
        graph.node.insert(0, new)
    return shapes


def _apart(made: onnx.ModelProto, shapes: Mapping[str, Sequence[int]]) -> None:
    """Says of the matrices that whoever opens the graph has them."""
    for name, shape in shapes.items():
        tensor = TensorProto(name=name, data_type=TensorProto.FLOAT16, dims=shape)
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in (("location", "adapter"), ("offset", 0), ("length", 2 * int(np.prod(shape)))):
            tensor.external_data.add(key=key, value=str(value))
        made.graph.initializer.append(tensor)


def _matrices(low: Mapping[str, Low], adapted: Mapping[str, Mapping[str, Sequence[int]]]) -> dict[str, np.ndarray]:
    """Both matrices of each weight by the names that they have in the graphs."""
    found = {}
    for shapes in adapted.values():
        for name in shapes:
            weight, part = name.rsplit("_", 1)
            up, down = low[weight.removeprefix("model.")]
            found[name] = (up if part == "up" else down).detach().numpy().astype(np.float16)
    return found


def _picture(shift_px: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    small = Image.fromarray(rng.integers(0, 256, (6, 8, 3), dtype=np.uint8))
    wide = np.asarray(small.resize((140, 96), Image.Resampling.BICUBIC))
    return np.array(wide[:, shift_px : shift_px + 128])


def random_low(model: Interpolator) -> dict[str, Low]:
    """An adapter that was not trained, for tests."""
    shapes = {name: value.shape for name, value in model.state_dict().items()}
    return {
        name: (torch.randn(shapes[name][0], RANK) * 0.1, torch.randn(RANK, shapes[name][1:].numel()) * 0.1)
        for name in adapted_names(shapes)
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--weights", type=Path, help="safetensors; without them random weights and an adapter, for tests"
    )
    parser.add_argument("--recipe", choices=sorted(RECIPES), required=True, help="the recipe, for the network's size")
    parser.add_argument("--adapter", action="append", default=[], help="LEAST,MOST,FILE: bits per pixel; of .tune")
    parser.add_argument("--strength", type=float, default=1.0, help="of adapters: 1 is as they were trained")
    release_arguments(parser)
    args = parser.parse_args()
    size = RECIPES[args.recipe]().size
    torch.manual_seed(2026)
    adapters: list[Adapter] = []
    if args.weights is None:
        model = Interpolator(size)
        for small in (model.fin, model.m4_out):  # (which begin near 0: it would do as good as nothing)
            nn.init.normal_(small.weight, std=0.2)
        adapters.append((0.0, 0.01, random_low(model)))
    else:
        model = Interpolator.with_weights(load_file(args.weights), size)
    for said in args.adapter:
        least, most, file = said.split(",", 2)
        adapters.append((float(least), float(most), weakened(read_low(Path(file)), args.strength)))
    folder, facts = folder_and_facts(args)
    paths = export_interpolator(model, folder, adapters, adapted_for=RANK if adapters else 0)
    run = carry_run(args.weights, folder) if args.weights is not None else []
    if facts is not None:
        num = {"network": sum(value.numel() for value in model.parameters())}
        num |= {"adapter": sum(part.numel() for both in adapters[0][2].values() for part in both)} if adapters else {}
        add_row(args.name, "interpolator", [*paths.values(), *run], {"num_parameters": num} | facts)


if __name__ == "__main__":
    main()
