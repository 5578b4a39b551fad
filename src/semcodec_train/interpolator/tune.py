"""Adapters of a trained interpolator for painted key frames: LoRA, one for each range of bits per pixel.

    python -m semcodec_train.interpolator.tune RECIPE --number N --weights FILE --size RECIPE --data DIR --networks DIR
        --out DIR [--minutes N]

Pairs are two painted frames of `interpolator.painted` and an original frame between them. `--size` is the recipe that
the network was trained with. It leaves `tuned-N.safetensors` and `run.json`. The same command runs on a CPU and
on a GPU.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor

from semcodec_train.common.loop import Average, Log, Loop, say, warming
from semcodec_train.common.optim import clip, warm_cosine
from semcodec_train.common.recipes import arguments, chosen
from semcodec_train.common.run import RUN, Sources, device, write_run
from semcodec_train.interpolator.adapters import adapt, low_of, write_low
from semcodec_train.interpolator.clips import Triple
from semcodec_train.interpolator.data import as_planes, decoded_picture, members
from semcodec_train.interpolator.model import Interpolator
from semcodec_train.interpolator.recipes import RECIPES, TUNE_RECIPES, InterpolatorRecipe, TuneRecipe
from semcodec_train.interpolator.train import CLIP, frame_losses
from semcodec_train.judges.lpips import LpipsAlex


class PaintedCrops:
    """An endless supply of (painted, original, painted) crops; all frames lie on the device."""

    def __init__(self, data: Path, number: int, recipe: TuneRecipe, where: str, seed: int) -> None:
        """Raises `FileNotFoundError` where no frames were painted."""
        painted: dict[str, dict[int, bytes]] = defaultdict(dict)
        for name, content in members(data / f"painted-{number}.tar"):
            painted[name.split("/")[0]][_number(name)] = content
        originals: dict[str, dict[int, bytes]] = defaultdict(dict)
        for name, content in members(data / "clips-*.tar"):
            if len(painted.get(name.split("/")[0], ())) > 1:
                originals[name.split("/")[0]][_number(name)] = content
        if not originals:
            raise FileNotFoundError(f"{data}: no painted-{number}.tar; semcodec_train.interpolator.painted makes it")
        self._recipe, self._rng = recipe, np.random.default_rng(seed)
        self._clips = [
            (
                {at: _frame(c, where) for at, c in painted[clip].items()},
                {at: _frame(c, where) for at, c in frames.items()},
            )
            for clip, frames in originals.items()
        ]
        chances = np.sqrt([len(painted) for painted, _ in self._clips])
        self._chances = chances / chances.sum()

    def get(self) -> Triple:
        """A batch."""
        recipe, rng, side = self._recipe, self._rng, self._recipe.crop_px
        frames: tuple[list[Tensor], ...] = ([], [], [])
        times = []
        while len(times) < recipe.batch:
            painted, originals = self._clips[int(rng.choice(len(self._clips), p=self._chances))]
            first, last = sorted(rng.choice(list(painted), 2, replace=False).tolist())
            middle = int(rng.integers(first + 1, last)) if last - first > 1 else first
            if last - first > recipe.most_distance or middle not in originals or middle == first:
                continue
            if rng.random() < 0.5:
                first, last = last, first
            size = painted[first].shape[1:]
            top, left = (int(rng.integers(px - side + 1)) for px in size)
            flip = rng.random() < 0.5
            for frame, crops in zip((painted[first], originals[middle], painted[last]), frames, strict=True):
                crop = frame[:, top : top + side, left : left + side]
                crops.append(crop.flip(2) if flip else crop)
            times.append((middle - first) / (last - first))
        a, b, c = (torch.stack(crops).float() / 127.5 - 1 for crops in frames)
        return Triple(a, b, c, torch.tensor(times, device=a.device, dtype=torch.float32)[:, None])


def _number(name: str) -> int:
    return int(Path(name).stem)


def _frame(content: bytes, where: str) -> Tensor:
    return torch.from_numpy(as_planes(decoded_picture(content))).to(where)


def tune(
    recipe: TuneRecipe, number: int, weights: Path, size: InterpolatorRecipe, data: Path, networks: Path, out: Path,
    *, log: Log = say,
) -> None:  # fmt: skip
    """Runs a recipe to its end, or goes on with it."""
    torch.manual_seed(0)
    where = device()
    model = Interpolator.with_weights(load_file(str(weights)), size.size).to(where, memory_format=torch.channels_last)
    trained = adapt(model)
    lpips = LpipsAlex(networks / "lpips_alex.safetensors").to(where)
    optimiser = torch.optim.AdamW(trained, lr=recipe.lr, betas=(0.9, 0.98), weight_decay=0.0)
    average = Average(model)
    loop = Loop(out, {"model": model, "average": average, "optimiser": optimiser}, device=where, log=log)
    crops = PaintedCrops(data, number, recipe, where, seed=loop.step + 1)
    log(f"{where}, {sum(p.numel() for p in trained):,} weights of adapters")
    for progress in loop.through(recipe.minutes):
        parts = frame_losses(model, crops.get(), lpips)[0]
        loss = torch.stack([getattr(recipe, name) * value for name, value in parts.items()]).sum()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        norm, good = clip(trained, CLIP)
        if good:
            optimiser.param_groups[0]["lr"] = recipe.lr * warm_cosine(progress, recipe.final_share)
            optimiser.step()
        average.take(model, warming(recipe.average, loop.step))
        loop.add({"loss": loss, **parts, "norm": norm, "left_out": float(not good)}, crops=recipe.batch)
    write_low(out / f"tuned-{number}.safetensors", low_of(average.model))
    sources = Sources.of(parents={"weights": weights}, data={"painted": data / f"painted-{number}.tar"})
    write_run(out / RUN, recipe, loop, sources, number=number)


def main() -> None:
    parser = arguments(__doc__, TUNE_RECIPES)
    parser.add_argument("--number", type=int, required=True, help="which of painted.RANGES, from 1 on")
    parser.add_argument("--weights", type=Path, required=True, help="the trained interpolator.safetensors")
    parser.add_argument("--size", choices=sorted(RECIPES), required=True, help="the recipe that it was trained with")
    parser.add_argument("--data", type=Path, required=True, help="the archives of interpolator.data and .painted")
    parser.add_argument("--networks", type=Path, required=True, help="the folder of the networks of the losses")
    args = parser.parse_args()
    size = RECIPES[args.size]()
    tune(chosen(args, TUNE_RECIPES), args.number, args.weights, size, args.data, args.networks, args.out)


if __name__ == "__main__":
    main()
