"""The interpolator's training: what a batch is judged by, and a step.

    python -m semcodec_train.interpolator.train RECIPE --data DIR --networks DIR --out DIR [--init FILE] [--minutes N]

`--data` has the archives of `interpolator.data`; all of them lie in the memory of the device. `--networks` holds
lpips_alex.safetensors. It leaves `interpolator.safetensors` (the average, 16 bits; with every checkpoint too) and
`run.json`. The same command runs on a CPU and on a GPU.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

from semcodec_train.common.loop import Average, Log, Loop, say, warming
from semcodec_train.common.optim import clip, warm_cosine
from semcodec_train.common.recipes import arguments, chosen
from semcodec_train.common.run import RUN, Sources, device, write_run
from semcodec_train.interpolator.clips import ClipCrops, Triple
from semcodec_train.interpolator.data import load_clips, load_photos
from semcodec_train.interpolator.layers import LayeredPhotos, Scene
from semcodec_train.interpolator.losses import (
    PAIR_SHARES,
    PAIR_STRIDES,
    TIME_SHARES,
    TIME_STRIDES,
    charbonnier,
    edge_distance,
    motion_error,
    unlike,
)
from semcodec_train.interpolator.model import Interpolator
from semcodec_train.interpolator.recipes import RECIPES, InterpolatorRecipe
from semcodec_train.judges.lpips import LpipsAlex

CLIP = 1.0  # of the gradient's norm
WEIGHTS = "interpolator.safetensors"


class Batches:
    """Layered photographs first, then crops of clips."""

    def __init__(self, data: Path, recipe: InterpolatorRecipe, where: str, seed: int) -> None:
        clips = [clip.to(where) for clip in load_clips(data, recipe.heights_px)]
        self.clips = ClipCrops(clips, distances=recipe.distances, seed=seed)
        self.layers = LayeredPhotos(load_photos(data, limit=recipe.most_photos).to(where), seed=seed)
        self._recipe = recipe
        self.num_layered = round(recipe.batch * recipe.layers_share)

    def scene(self) -> Scene:
        """A batch of layered photographs alone, without their middles."""
        recipe = self._recipe
        return self.layers.get(recipe.batch, recipe.crop_px, reach=recipe.reach, middle=False)

    def get(self) -> tuple[Triple, tuple[Tensor, ...]]:
        """A batch, and the motion of its layered photographs (`layers.Scene`)."""
        recipe = self._recipe
        scene = self.layers.get(self.num_layered, recipe.crop_px, reach=recipe.reach)
        clips = self.clips.get(recipe.batch - self.num_layered, recipe.crop_px)
        both = [torch.cat([a, b]) for a, b in zip(scene[:4], clips, strict=True)]
        return Triple(*both), scene.flows


def frame_losses(
    model: Interpolator, batch: Triple, lpips: LpipsAlex
) -> tuple[dict[str, Tensor], list[Tensor], list[Tensor]]:
    """What frames are judged by; the motion between first and last (2N: forth, then back), and from the middle."""
    where = batch.first.device.type
    with torch.autocast(where, torch.bfloat16):
        pair, between = model.pair(batch.first, batch.last)
        frame, merged, flows = model.at(batch.first, batch.last, pair, batch.time)
    parts = {
        "pixels": charbonnier(frame - batch.middle).mean(),
        "merged": charbonnier(merged - batch.middle).mean(),
        "edges": edge_distance(frame, batch.middle).mean(),
    }
    # AlexNet's first layer has stride 4: what is judged at one phase alone is painted with the grid of that stride.
    top, left = torch.randint(0, 8, (2,)).tolist()
    side = frame.shape[3] - 8
    shown, wanted = (x[:, :, top : top + side, left : left + side] for x in (frame, batch.middle))
    with torch.autocast(where, torch.bfloat16):
        with torch.no_grad():
            seen = lpips.features(wanted)
        parts["lpips"] = lpips.distance(lpips.features(shown), seen).mean()
    return parts, between, flows


def pair_error(between: list[Tensor], known: Sequence[Tensor]) -> Tensor:
    """How far motion between first and last is off, there and back; of as many samples as it is known of."""
    num, halves = len(known[0]), [flow.chunk(2) for flow in between]
    errors = [
        motion_error([half[direction][:num] for half in halves], known[direction], PAIR_STRIDES, PAIR_SHARES).mean()
        for direction in (0, 1)
    ]
    return torch.stack(errors).mean()


def motion_losses(model: Interpolator, scene: Scene) -> dict[str, Tensor]:
    """What the motion between first and last is judged by, alone."""
    with torch.autocast(scene.first.device.type, torch.bfloat16):
        _, between = model.pair(scene.first, scene.last)
    return {"flow": pair_error(between, scene.flows)}


def losses_of(model: Interpolator, batch: Triple, known: tuple[Tensor, ...], lpips: LpipsAlex) -> dict[str, Tensor]:
    """What a batch is judged by; `known` is the motion of its first samples, the others are of clips."""
    parts, between, flows = frame_losses(model, batch, lpips)
    num = len(known[0])
    from_time = [
        motion_error([flow[:num, part] for flow in flows], known[2 + at], TIME_STRIDES, TIME_SHARES).mean()
        for at, part in enumerate((slice(2), slice(2, 4)))
    ]
    parts["flow"] = (pair_error(between, known) + torch.stack(from_time).mean()) / 2
    halves = [flow.chunk(2) for flow in between]
    of_clips = [torch.cat([forth[num:], back[num:]]) for forth, back in halves]
    parts["unlike"] = unlike(batch.first[num:], batch.last[num:], of_clips).mean()
    return parts


def train(
    recipe: InterpolatorRecipe,
    data: Path,
    networks: Path,
    out: Path,
    init: Path | None = None,
    *,
    sources: Sources | None = None,
    log: Log = say,
) -> None:
    """Runs a recipe to its end, or goes on with it. `init`: weights of a network of the same size."""
    torch.manual_seed(0)
    where = device()
    if where == "cuda":
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
        torch.backends.cudnn.benchmark = True
    model = Interpolator(recipe.size) if init is None else Interpolator.with_weights(load_file(str(init)), recipe.size)
    model = model.to(where, memory_format=torch.channels_last)
    average, lpips = Average(model), LpipsAlex(networks / "lpips_alex.safetensors").to(where)
    optimiser = torch.optim.AdamW(model.parameters(), lr=recipe.lr, betas=(0.9, 0.98), weight_decay=1e-4)
    state = {"model": model, "average": average, "optimiser": optimiser}
    loop = Loop(out, state, device=where, on_save=lambda: average.write(out / WEIGHTS), log=log)
    batches = Batches(data, recipe, where, seed=loop.step + 1)
    log(f"{where}, {sum(p.numel() for p in model.parameters()):,} weights")
    for progress in loop.through(recipe.minutes):
        if progress < recipe.motion_share:
            parts = motion_losses(model, batches.scene())
        else:
            parts = losses_of(model, *batches.get(), lpips)
        loss = torch.stack([getattr(recipe, name) * value for name, value in parts.items()]).sum()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        norm, good = clip(model.parameters(), CLIP)
        if good:
            optimiser.param_groups[0]["lr"] = recipe.lr * warm_cosine(progress, recipe.final_share)
            optimiser.step()
        average.take(model, warming(recipe.average, loop.step))
        loop.add({"loss": loss, **parts, "norm": norm, "left_out": float(not good)}, crops=recipe.batch)
    sources = sources or Sources.of(parents={"init": init})
    write_run(out / RUN, recipe, loop, replace(sources, data={**sources.data, "archives": _sizes(data)}))


def _sizes(data: Path) -> str:
    return " ".join(f"{path.name}:{path.stat().st_size}" for path in sorted(data.glob("*.tar")))


def main() -> None:
    parser = arguments(__doc__, RECIPES)
    parser.add_argument("--data", type=Path, required=True, help="the archives of interpolator.data")
    parser.add_argument("--networks", type=Path, required=True, help="the folder of the networks of the losses")
    parser.add_argument("--init", type=Path, help="an interpolator.safetensors to begin from, of the same size")
    args = parser.parse_args()
    sources = Sources.of(parents={"init": args.init}, networks={"lpips_alex": args.networks / "lpips_alex.safetensors"})
    train(chosen(args, RECIPES), args.data, args.networks, args.out, args.init, sources=sources)


if __name__ == "__main__":
    main()
