"""The restorer's training: what a batch is judged by, and a step.

    python -m semcodec_train.restorer.train RECIPE --pairs 'DIR/*' --networks DIR --out DIR [--init FILE] [--minutes N]
        [--resident]

`--networks` holds mobilenet_v2, efficientnet_lite2 and lpips_alex (.safetensors). It leaves `restorer.safetensors` (the
average, 16 bits; with every checkpoint too) and `run.json` (what it was made with). The same command runs on a CPU and
on a GPU.
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor

from semcodec_train.common.loop import Average, Log, Loop, Stateful, say, warming
from semcodec_train.common.optim import clip
from semcodec_train.common.recipes import arguments, chosen
from semcodec_train.common.run import RUN, Sources, device, write_run
from semcodec_train.judges.efficientnet import EfficientNetLite
from semcodec_train.judges.lpips import LpipsAlex
from semcodec_train.judges.mobilenet import DEPTHS, MobileNetV2
from semcodec_train.restorer.losses import (
    Growth,
    Meaning,
    ProjectedDiscriminator,
    lattice_energy,
    lattices_over,
    shifted_and_rescaled,
    unit_distance,
)
from semcodec_train.restorer.model import Restorer
from semcodec_train.restorer.pairs import PairStream
from semcodec_train.restorer.recipes import RECIPES, RestorerRecipe
from semcodec_train.restorer.resident import ResidentPairs

IN_TURN = ("mobilenet", "meaning")
CLIP = 1.0  # of the gradient's norm
WEIGHTS = "restorer.safetensors"


class Losses:
    """What a batch is judged by. Calling it gives the loss, its parts, and the feature maps of original and restored
    pictures that a discriminator learns from.
    """

    def __init__(self, networks: Path, recipe: RestorerRecipe, device: str) -> None:
        self.recipe = recipe
        self.lpips = LpipsAlex(networks / "lpips_alex.safetensors").to(device)
        self.mobilenet = MobileNetV2(networks / "mobilenet_v2.safetensors").to(device)
        self.efficientnet = EfficientNetLite(networks / "efficientnet_lite2.safetensors").to(device)
        self.meaning = Meaning(self.efficientnet) if recipe.meaning else None
        self.rng = torch.Generator().manual_seed(1)
        self.turn = 0
        self.adversary: ProjectedDiscriminator | None = None
        if recipe.adversary:
            self.adversary = ProjectedDiscriminator(self.efficientnet.feature_channels[1:]).to(device)
            self.optimiser = torch.optim.AdamW(
                self.adversary.heads.parameters(), lr=recipe.adversary_lr, betas=(0.0, 0.99)
            )

    def __call__(self, restored: Tensor, original: Tensor) -> tuple[Tensor, dict[str, Tensor], list[list[Tensor]]]:
        recipe, difference = self.recipe, restored.float() - original
        self.turn += 1
        heavy = 2 if recipe.in_turn else 1
        mobilenet_judges, meaning_judges = (not recipe.in_turn or self.turn % 2 == at for at in (0, 1))
        parts = {
            "pixels": difference.square().mean(),
            "coarse": F.avg_pool2d(difference, 8).square().mean(),
            "lattice": lattice_energy(difference).mean(),
        }
        if recipe.flat:
            parts["flat"] = lattices_over(restored.float(), original)
        a, b = (
            image.contiguous(memory_format=torch.channels_last)
            for image in shifted_and_rescaled((restored.float(), original), self.rng)
        )
        with torch.autocast(a.device.type, torch.bfloat16):
            with torch.no_grad():
                lpips, wanted = self.lpips.features(b), self.efficientnet.features(b)
            parts["lpips"] = self.lpips.distance(self.lpips.features(a), lpips).mean()
            if mobilenet_judges:
                with torch.no_grad():
                    mobilenet = self.mobilenet(b, DEPTHS[-1])
                seen = self.mobilenet(a, DEPTHS[-1])
                parts["mobilenet"] = unit_distance([seen[d] for d in DEPTHS], [mobilenet[d] for d in DEPTHS]).mean()
            maps = self.efficientnet.features(a)
            if self.meaning is not None and meaning_judges:
                with torch.no_grad():
                    meant = self.meaning.of(original)
                parts["meaning"] = self.meaning.distance(self.meaning.of(restored.float()), meant).mean()
        parts["efficientnet"] = unit_distance(maps, wanted).mean()
        if self.adversary is not None:
            parts["adversary"] = self.adversary.fooled(maps[1:])
        weights = {name: getattr(recipe, name) * (heavy if name in IN_TURN else 1) for name in parts}
        loss = torch.stack([weights[name] * value for name, value in parts.items()]).sum()
        return loss, parts, [wanted[1:], maps[1:]]

    def learn(self, real: list[Tensor], restored: list[Tensor]) -> dict[str, Tensor]:
        """A step of the discriminator, where there is one; the share of its scores that were right."""
        if self.adversary is None:
            return {}
        loss, right = self.adversary.loss([x.float() for x in real], [x.detach().float() for x in restored])
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.optimiser.step()
        return {"discerned": right}

    def state(self) -> dict[str, Stateful]:
        """What a checkpoint keeps of it."""
        if self.adversary is None:
            return {}
        return {"adversary": self.adversary, "adversary_optimiser": self.optimiser}


def train(
    recipe: RestorerRecipe,
    pairs: Path,
    networks: Path,
    out: Path,
    init: Path | None = None,
    *,
    resident: bool = False,
    sources: Sources | None = None,
    log: Log = say,
) -> None:
    """Runs a recipe to its end, or goes on with it.

    `init`: weights of a network that is as large or smaller. `resident`: the pairs were enlarged, and lie in the memory
    of the device. Raises `ValueError` for a recipe with relit crops and pairs that do not.
    """
    if recipe.relit and not resident:
        raise ValueError(f"{recipe.name}: crops are relit on the device: make pairs with --enlarged, add --resident")
    torch.manual_seed(0)
    where, size = device(), recipe.size
    model = Restorer(size.widths, size.blocks, size.half, size.last, size.conditions)
    if init is not None:
        model.begin_from({name: value.float() for name, value in load_file(str(init)).items()})
    model = model.to(where, memory_format=torch.channels_last)
    average, losses, growth = Average(model), Losses(networks, recipe, where), Growth(model)
    optimiser = torch.optim.AdamW(model.parameters(), lr=recipe.lr, betas=(0.9, 0.98), weight_decay=recipe.decay)
    state = {"model": model, "average": average, "optimiser": optimiser, **losses.state()}
    loop = Loop(out, state, device=where, on_save=lambda: average.write(out / WEIGHTS), log=log)
    drawn: dict[str, Any] = {"crop_px": recipe.crop_px, "batch": recipe.batch, "shares": recipe.shares()}
    drawn |= {"conditions": size.conditions, "seed": loop.step + 1}
    here = {"device": where, "relit": recipe.relit}
    stream = ResidentPairs(pairs, **here, **drawn) if resident else PairStream(pairs, **drawn)
    log(f"{where}, {sum(p.numel() for p in model.parameters()):,} weights, {stream.folders.num_pairs} pairs")
    for progress in loop.through(recipe.minutes):
        batch = stream.get()
        original, enlarged = (
            (image.to(where).float() / 127.5 - 1).contiguous(memory_format=torch.channels_last)
            for image in (batch.original, batch.enlarged)
        )
        with torch.autocast(where, torch.bfloat16):
            restored = model(enlarged, batch.condition.to(where))
        loss, parts, maps = losses(restored, original)
        parts["held"] = growth.beyond()
        loss = loss + recipe.held * parts["held"]
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        norm, good = clip(model.parameters(), CLIP)
        if good:
            optimiser.param_groups[0]["lr"] = recipe.lr * learning_rate(recipe, progress, loop.step)
            optimiser.step()
        average.take(model, warming(recipe.average, loop.step))
        told = {"loss": loss, **parts, "norm": norm, "left_out": float(not good), **losses.learn(*maps)}
        loop.add(told, crops=recipe.batch)
        if loop.step % 200 == 199:
            stream.folders.look_again()
    sources = sources or Sources.of(parents={"init": init})
    made_of = replace(sources, data={**sources.data, "pairs": stream.folders.sha256()})
    write_run(out / RUN, recipe, loop, made_of, pairs=stream.folders.num_pairs)


def learning_rate(recipe: RestorerRecipe, progress: float, step: int) -> float:
    """Share of the peak rate: up in the first hundred steps, down along a cosine."""
    cosine = 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))
    return (recipe.final_share + (1 - recipe.final_share) * cosine) * min(1.0, (step + 1) / 100)


def main() -> None:
    parser = arguments(__doc__, RECIPES)
    parser.add_argument("--pairs", type=Path, required=True, help="folders of restorer.data, such as 'pairs/*'")
    parser.add_argument("--networks", type=Path, required=True, help="the folder of the networks of the losses")
    parser.add_argument("--init", type=Path, help="a restorer.safetensors to begin from, as large or smaller")
    parser.add_argument(
        "--resident", action="store_true", help="the pairs (restorer.data --enlarged) lie in the device's memory"
    )
    args = parser.parse_args()
    sources = Sources.of(
        parents={"init": args.init}, networks={path.stem: path for path in args.networks.glob("*.safetensors")}
    )
    train(
        chosen(args, RECIPES), args.pairs, args.networks, args.out, args.init, resident=args.resident, sources=sources
    )


if __name__ == "__main__":
    main()
