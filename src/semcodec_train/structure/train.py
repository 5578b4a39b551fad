"""Encoder and decoder of structure tokens are trained together, for all budgets at once.

    python -m semcodec_train.structure.train RECIPE --maps DIR... --out DIR [--init structure.pt] [--minutes N]

`--maps` hold maps of outlines at stride 2 as .png files: what `outliner.data` or `outliner.draw` have left. It leaves
`structure.pt` (the average) and `run.json` (what it was made with). The same command runs on a CPU and on a GPU.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from semcodec_train.common.loop import Average, Log, Loop, say, warming
from semcodec_train.common.optim import MuonAdam, split_parameters, warm_cosine
from semcodec_train.common.recipes import arguments, chosen
from semcodec_train.common.run import RUN, Sources, device, save, write_run
from semcodec_train.structure.model import StructureCodec, outline_loss, rounded, with_noise
from semcodec_train.structure.recipes import RECIPES, StructureRecipe
from semcodec_train.structure.transform import fit_transform
from semcodec_train.tokenizer.model import sample_masks
from semcodec_train.tokenizer.rate import LAST_DIGIT_PRICE, RateModel

WEIGHTS = "structure.pt"
FITTED_CROPS = 400
SETTLED_FROM = 0.05  # of the training: the model of bits is learned, too
CELLS = 64  # of a map, below a token of stride 16


class Maps:
    """Crops of maps that all lie in the device's memory as uint8 (3,000 maps of a 320 px picture: 0.1 GB)."""

    def __init__(self, folders: Sequence[Path], *, cells: int, batch: int, device: str, seed: int) -> None:
        self._cells, self._batch, self._rng = cells, batch, np.random.default_rng(seed)
        self._maps = []
        for path in sorted(path for folder in folders for path in folder.glob("*.png")):
            with Image.open(path) as opened:
                map_HW = np.asarray(opened.convert("L"))
            missing = [(0, max(0, cells - side)) for side in map_HW.shape]
            self._maps.append(torch.from_numpy(np.pad(map_HW, missing).copy()).to(device))
        if not self._maps:
            raise FileNotFoundError(f"{', '.join(map(str, folders))}: no .png in it; outliner.data makes them")

    def __len__(self) -> int:
        return len(self._maps)

    def begin(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)

    def get(self) -> Tensor:
        """(N, 1, cells, cells) 0..1."""
        rng, crops = self._rng, []
        for _ in range(self._batch):
            map_HW = self._maps[int(rng.integers(len(self._maps)))]
            top, left = (int(rng.integers(side - self._cells + 1)) for side in map_HW.shape)
            crop = map_HW[top : top + self._cells, left : left + self._cells]
            crop = crop.flip(1) if rng.random() < 0.5 else crop
            crops.append(crop.T if rng.random() < 0.25 else crop)
        return torch.stack(crops)[:, None].float() / 255


class Prices:
    """What a bit costs, by how much may be spent (0..1): the two ends follow what is spent near them."""

    def __init__(self, targets: tuple[float, float], *, pace: float = 0.01) -> None:
        self._targets, self._pace = targets, pace
        self.logs = [math.log(0.5), math.log(0.05)]

    def of(self, spend_N1: Tensor) -> Tensor:
        return torch.exp(self.logs[0] + (self.logs[1] - self.logs[0]) * spend_N1[:, 0])

    def follow(self, spend_N1: Tensor, bits_N: Tensor) -> None:
        """Between the ends the logarithm of the bits is taken to be a line."""
        low, high = (math.log(target) for target in self._targets)
        spend = spend_N1[:, 0]
        excess = torch.log(bits_N.clamp_min(1e-3)) - (low + (high - low) * spend)
        for end, weight in enumerate((1 - spend, spend)):
            mean = float((excess * weight).sum() / weight.sum().clamp_min(1e-6))
            self.logs[end] = min(2.0, max(-8.0, self.logs[end] + self._pace * max(-1.0, min(1.0, mean))))

    def state_dict(self) -> Any:
        return list(self.logs)

    def load_state_dict(self, state: Any) -> Any:
        self.logs = list(state)


def train_step(
    model: StructureCodec,
    rate: RateModel,
    prices: Prices,
    map_N1HW: Tensor,
    recipe: StructureRecipe,
    generator: torch.Generator,
    *,
    settled: bool = True,
) -> tuple[Tensor, dict[str, Tensor | float]]:
    """`settled`: whether the bits that are counted can be believed, so that prices follow them."""
    num, where, spec = len(map_N1HW), map_N1HW.device, recipe.spec
    spend = torch.rand(num, 1, generator=generator).to(where)
    rows, cols = (side // 16 for side in map_N1HW.shape[2:])
    masks = [mask.to(where) for mask in sample_masks(num, rows, cols, len(spec.levels), generator, full=recipe.full)]
    with torch.autocast(where.type, torch.bfloat16):
        said = model.encoder(map_N1HW, spend, model.decoder.synthesis)
        values = [rounded(x, levels) for x, levels in zip(said, spec.levels, strict=True)]
        tokens = [torch.cat([v * m, m], dim=1) for v, m in zip(values, masks, strict=True)]
        logits = model.decoder(tokens)
        noisy = [with_noise(x, levels) for x, levels in zip(said, spec.levels, strict=True)]
        bits = rate(values, noisy)
    lost = outline_loss(logits.float(), map_N1HW, recipe.outlines) * CELLS
    spent, dear = map_N1HW.new_zeros(num), map_N1HW.new_zeros(num)
    for of_scale, stride in zip(bits, spec.strides, strict=True):
        mean_ND = of_scale.mean((2, 3)) * (16 / stride) ** 2
        price_D = torch.linspace(1.0, LAST_DIGIT_PRICE, mean_ND.shape[1], device=where)
        spent, dear = spent + mean_ND.detach().sum(1), dear + (mean_ND * price_D).sum(1)
    # (cells of value c have to be told however little is spent: an activation beyond the levels is held back)
    beyond = sum((x.abs() - torch.tensor(levels, device=where).view(1, -1, 1, 1) / 2).clamp_min(0).square().mean()
                 for x, levels in zip(said, spec.levels, strict=True))  # fmt: skip
    loss = (lost + prices.of(spend) * dear).mean() + 0.1 * beyond
    if settled:
        prices.follow(spend, spent)
    told: dict[str, Tensor | float] = {"loss": loss, "lost": lost.detach().mean(), "bits": spent.mean()}
    for name, near in (("poor", spend[:, 0] < 0.2), ("rich", spend[:, 0] > 0.8)):
        if bool(near.any()):
            told |= {f"{name}_lost": lost.detach()[near].mean(), f"{name}_bits": spent[near].mean()}
    told |= {"price_poor": math.exp(prices.logs[0]), "price_rich": math.exp(prices.logs[1])}
    return loss, told


def train(
    recipe: StructureRecipe,
    folders: Sequence[Path],
    out: Path,
    init: Path | None = None,
    *,
    sources: Sources | None = None,
    log: Log = say,
) -> None:
    """Runs a recipe to its end, or goes on with it."""
    torch.manual_seed(0)
    where = device()
    model = StructureCodec(recipe.spec, recipe.widths).to(where)
    rate, prices = RateModel(recipe.spec.levels).to(where), Prices(recipe.targets)
    for stage in rate.width:
        nn.init.constant_(stage[2].bias, -2.5)  # (most digits are 0)
    if init is not None:
        saved = torch.load(init, weights_only=True, map_location=where)
        model.load_state_dict(saved["model"])
        rate.load_state_dict(saved["rate"])
        prices.load_state_dict(saved["prices"])
    stream = Maps(folders, cells=recipe.crop_cells, batch=recipe.batch, device=where, seed=0)
    if init is None:
        fit_transform(model, torch.cat([stream.get() for _ in range(-(-FITTED_CROPS // recipe.batch))]))
    average = Average(model)
    kernels, others = split_parameters(model)
    optimiser = MuonAdam(
        kernels, [*others, *rate.parameters()], muon_lr=recipe.muon_lr, adam_lr=recipe.adam_lr, clip_at=2.0
    )
    state = {"model": model, "average": average, "optimiser": optimiser, "rate": rate, "prices": prices}

    def leave() -> None:
        weights = {"model": average.state_dict(), "rate": rate.state_dict(), "prices": prices.state_dict()}
        save(out / WEIGHTS, weights)

    loop = Loop(out, state, device=where, of_processor=True, on_save=leave, log=log)
    stream.begin(loop.step + 1)
    generator = torch.Generator().manual_seed(loop.step)
    log(f"{where}, {_count(model.encoder):,} and {_count(model.decoder):,} weights, {len(stream)} maps")
    for progress in loop.through(recipe.minutes):
        loss, told = train_step(model, rate, prices, stream.get(), recipe, generator, settled=progress > SETTLED_FROM)
        told["norm"] = optimiser.step(loss, warm_cosine(progress, 0.02))
        average.take(model, warming(recipe.average, loop.step))
        loop.add(told, crops=recipe.batch)
    write_run(out / RUN, recipe, loop, sources or Sources.of(parents={"init": init}), maps=len(stream))


def _count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def main() -> None:
    parser = arguments(__doc__, RECIPES)
    parser.add_argument("--maps", type=Path, nargs="+", required=True)
    parser.add_argument("--init", type=Path, help="a structure.pt to begin from")
    args = parser.parse_args()
    data = {folder.name: folder for folder in args.maps}
    sources = Sources.of(parents={"init": args.init}, data=data)
    train(chosen(args, RECIPES), args.maps, args.out, args.init, sources=sources)


if __name__ == "__main__":
    main()
