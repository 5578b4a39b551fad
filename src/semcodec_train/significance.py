"""The significance head: how much a block is worth to what a picture means, told from its pixels alone.

    python -m semcodec_train.significance significance_nano --targets DIR --held-out DIR --out DIR [--facts FILE]

`significance_targets.py` measures it on photographs. A block's worth is modelled as `significance(pixels) *
activity ** power`: how much is in the block the encoder knows from its digits, for every working size; the network
adds where that counts (outlines and single things more than foliage and gravel, which any painting makes up).

Promises: (1) fully convolutional, no statistic over the picture; (2) the graph takes any size and gives one number
above 0 for each 8x8 pixels, of which only ratios mean anything; (3) the weights kept are the running average at the
report with the least loss on pictures that were held out.

Shapes: N = pictures; C = channels; H, W = pixels; R, K = cells of 8x8 pixels, rows and columns.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import semcodec
from semcodec_train import recipes
from semcodec_train.export import check_parity, store_compactly, traced
from semcodec_train.recipes import SignificanceRecipe
from semcodec_train.significance_targets import CELL_PX, Worth, load_worths

CLIP = 6.0  # of a block's worth a bit, over the picture's mean: beyond it single blocks are noise
GRAPH = "significance.onnx"
REPORT_EVERY = 100


class Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x_NCHW: Tensor) -> Tensor:
        return x_NCHW + self.second(F.relu(self.first(F.relu(x_NCHW))))


class Significance(nn.Module):
    """image (N, H, W, 3) uint8, sides multiples of 8 -> significance (N, R, K) float32 above 0.

    Down to stride 32, where a cell sees about 200 pixels around it, and up again to stride 8.
    """

    def __init__(self, recipe: SignificanceRecipe) -> None:
        super().__init__()
        four, eight, sixteen, deep = recipe.widths
        self.to_4 = nn.Conv2d(3, four, 4, stride=4)
        self.to_8 = nn.Conv2d(four, eight, 3, stride=2, padding=1)
        self.to_16 = nn.Conv2d(eight, sixteen, 3, stride=2, padding=1)
        self.to_32 = nn.Conv2d(sixteen, deep, 3, stride=2, padding=1)
        self.at_16 = nn.Sequential(*(Residual(sixteen) for _ in range(recipe.blocks[0])))
        self.at_32 = nn.Sequential(*(Residual(deep) for _ in range(recipe.blocks[1])))
        self.from_32 = nn.Conv2d(deep, sixteen, 1)
        self.from_16 = nn.Conv2d(sixteen, eight, 1)
        self.mix = nn.Conv2d(eight, eight, 3, padding=1)
        self.head = nn.Conv2d(eight, 1, 1)

    def forward(self, image_NHWC: Tensor) -> Tensor:
        x = image_NHWC.permute(0, 3, 1, 2).float() / 127.5 - 1
        at_8 = self.to_8(F.relu(self.to_4(x)))
        at_16 = self.at_16(self.to_16(F.relu(at_8)))
        at_32 = self.at_32(self.to_32(F.relu(at_16)))
        at_16 = at_16 + _twice(self.from_32(F.relu(at_32)), at_16)
        at_8 = at_8 + _twice(self.from_16(F.relu(at_16)), at_8)
        at_8 = at_8 + self.mix(F.relu(at_8))
        return F.softplus(self.head(F.relu(at_8)))[:, 0]


def _twice(x_NCHW: Tensor, like_NCHW: Tensor) -> Tensor:
    """Twice the rows and columns, as far as `like` has them."""
    return F.interpolate(x_NCHW, scale_factor=2.0, mode="nearest")[:, :, : like_NCHW.shape[2], : like_NCHW.shape[3]]


def worth_per_bit(significance_NRK: Tensor, worth: Worth, recipe: SignificanceRecipe) -> Tensor:
    """(N, rows, cols): what the model says that a bit of each block is worth."""
    per_block = F.avg_pool2d(significance_NRK[:, None], worth.block_px // CELL_PX)[:, 0]
    return per_block * worth.activity**recipe.power / _cost(worth, recipe)


def _cost(worth: Worth, recipe: SignificanceRecipe) -> Tensor:
    return worth.bits + recipe.flag_bits


def loss_of(significance_NRK: Tensor, worths: Sequence[Worth], recipe: SignificanceRecipe) -> Tensor:
    """Squared error of the worth of a bit, each bit counting alike: its best answer, the expectation, orders best."""
    total = significance_NRK.new_zeros(())
    for worth in worths:
        cost = _cost(worth, recipe)
        share = cost / cost.sum(dim=(1, 2), keepdim=True)
        said = _to_mean_1(worth_per_bit(significance_NRK, worth, recipe), share)
        for target, weight in ((worth.structure, 1.0), (worth.gain, recipe.gain_weight)):
            measured = ~target.isnan().any(dim=2).any(dim=1)
            if not measured.any():
                continue
            wanted = _to_mean_1(target / cost, share)[measured].clamp(-CLIP, CLIP)
            errors = (share[measured] * (said[measured] - wanted).square()).sum(dim=(1, 2))
            total = total + weight * errors.sum() / len(share)
    return total / len(worths)


def _to_mean_1(per_bit_NRK: Tensor, share_NRK: Tensor) -> Tensor:
    return per_bit_NRK / (share_NRK * per_bit_NRK.abs()).sum(dim=(1, 2), keepdim=True).clamp(min=1e-9)


def captured_share(per_bit_NRK: Tensor, target_NRK: Tensor, worth: Worth, recipe: SignificanceRecipe) -> float:
    """How much of the whole gain the first half of the bits buys in this order, over all pictures measured."""
    bought = whole = 0.0
    for per_bit, target, cost in zip(per_bit_NRK, target_NRK, _cost(worth, recipe), strict=True):
        if target.isnan().any():
            continue
        order = per_bit.flatten().argsort(descending=True)
        spent = cost.flatten()[order].cumsum(0)
        num = int(torch.searchsorted(spent, spent[-1] / 2))
        bought += float(target.flatten()[order][:num].sum())
        whole += float(target.sum())
    return bought / whole if whole else math.nan


def report(
    model: Significance, images_NHWC: Tensor, worths: Sequence[Worth], recipe: SignificanceRecipe
) -> dict[str, Any]:
    """Loss, and how well blocks are ordered: by the model, by activity alone, by what is to be predicted."""
    with torch.no_grad():
        batches = [model(images_NHWC[at : at + 16]) for at in range(0, len(images_NHWC), 16)]
    significance = torch.cat(batches)
    result: dict[str, Any] = {"loss": round(float(loss_of(significance, worths, recipe)), 4)}
    for worth in worths:
        cost = _cost(worth, recipe)
        for name, target in (("gain", worth.gain), ("structure", worth.structure)):
            said = worth_per_bit(significance, worth, recipe)
            orders = {"model": said, "activity": worth.activity / cost, "best": target / cost}
            result[f"{worth.stride}.{name}"] = {
                **{
                    order: round(captured_share(per_bit, target, worth, recipe), 4) for order, per_bit in orders.items()
                },
                "correlation": round(_correlation(said, target / cost, cost), 4),
            }
    return result


def _correlation(said_NRK: Tensor, wanted_NRK: Tensor, cost_NRK: Tensor) -> float:
    """Of the worth of a bit within each picture, bits counting alike; the mean over pictures."""
    found = []
    for said, wanted, cost in zip(said_NRK, wanted_NRK, cost_NRK, strict=True):
        if wanted.isnan().any():
            continue
        share = cost / cost.sum()
        x, y = said - (share * said).sum(), wanted - (share * wanted).sum()
        found.append(float((share * x * y).sum() / ((share * x * x).sum() * (share * y * y).sum()).sqrt()))
    return float(np.mean(found)) if found else math.nan


def train(
    recipe: SignificanceRecipe,
    trained_on: tuple[Tensor, Sequence[Worth]],
    held_out: tuple[Tensor, Sequence[Worth]],
    log: Callable[[str], None] = print,
) -> tuple[Significance, dict[str, Any]]:
    """The model with the least loss on the pictures held out, and its report."""
    torch.manual_seed(recipe.seed)
    rng = torch.Generator().manual_seed(recipe.seed)
    model, average, best = Significance(recipe), Significance(recipe), Significance(recipe)
    average.load_state_dict(model.state_dict())
    optimiser = torch.optim.AdamW(model.parameters(), lr=recipe.peak_lr, weight_decay=recipe.weight_decay)
    images, worths = trained_on
    begun, least = time.process_time(), {"loss": math.inf}
    for step in range(1, recipe.num_steps + 1):
        share = max(step / recipe.num_steps, (time.process_time() - begun) / 60 / recipe.max_minutes)
        for group in optimiser.param_groups:
            group["lr"] = recipe.peak_lr * min(1.0, step / 30) * 0.5 * (1 + math.cos(math.pi * min(share, 1.0)))
        picks = torch.randint(0, len(images), (recipe.batch,), generator=rng)
        mirrored = bool(torch.randint(0, 2, (1,), generator=rng))
        pictures = images[picks].flip(2) if mirrored else images[picks]
        loss = loss_of(model(pictures), [worth.picked(picks, mirrored=mirrored) for worth in worths], recipe)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        kept = min(0.98, step / (step + 9))
        for mean, new in zip(average.parameters(), model.parameters(), strict=True):
            mean.data.lerp_(new.data, 1 - kept)
        if step % REPORT_EVERY == 0 or step == recipe.num_steps or share >= 1:
            said = {"step": step, **report(average, *held_out, recipe)}
            log(json.dumps({**said, "loss_in_training": round(loss.item(), 4)}))
            if said["loss"] < least["loss"]:
                least = said
                best.load_state_dict(average.state_dict())
            if share >= 1:
                break
    return best, least


def export_significance(model: Significance, image_NHWC: Tensor, out: Path) -> Path:
    """Writes the graph; raises `ValueError` if ONNX Runtime and PyTorch disagree by more than rounding."""
    axes = {"image": {1: "height", 2: "width"}, "significance": {1: "rows", 2: "columns"}}
    graph = traced(model.eval(), (image_NHWC,), ["image"], ["significance"], axes)
    store_compactly(graph)
    onnx.checker.check_model(graph)
    out.mkdir(parents=True, exist_ok=True)
    path = out / GRAPH
    path.write_bytes(graph.SerializeToString())
    check_parity("significance", path, model, (image_NHWC,), ["image"])
    return path


def add_to_models(name: str, model: Significance, graph: Path, facts: dict[str, Any]) -> None:
    """The entry in `models.json`."""
    index = Path(semcodec.__file__).parent / "zoo" / "models.json"
    models = json.loads(index.read_text("utf-8"))
    content = graph.read_bytes()
    models[name] = {
        "kind": "significance",
        "files": [{"file": graph.name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}],
        "num_parameters": {"head": sum(parameter.numel() for parameter in model.parameters())},
        **facts,
    }
    index.write_text(json.dumps(models, indent=2) + "\n", "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("recipe", choices=sorted(recipes.SIGNIFICANCE_RECIPES))
    parser.add_argument("--targets", type=Path, required=True, help="what significance_targets left, to train on")
    parser.add_argument("--held-out", type=Path, required=True, help="the same of other pictures")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--out", type=Path, help="a folder that belongs to no release")
    where.add_argument("--name", help="of the release: its folder in semcodec.zoo and its entry in models.json")
    parser.add_argument("--facts", type=Path, help="JSON: licence, recipe, data, results, figures")
    args = parser.parse_args()
    if args.name is not None and args.facts is None:
        parser.error("a release needs --facts")
    recipe, held_out = recipes.SIGNIFICANCE_RECIPES[args.recipe](), load_worths(args.held_out)
    model, said = train(recipe, load_worths(args.targets), held_out)
    print(json.dumps({"kept": said}))
    folder = args.out or Path(semcodec.__file__).parent / "zoo" / "weights" / args.name
    graph = export_significance(model, held_out[0][:1], folder)
    if args.name is not None:
        add_to_models(args.name, model, graph, json.loads(args.facts.read_text("utf-8")))
    print(f"{graph}: {graph.stat().st_size} bytes")


if __name__ == "__main__":
    main()
