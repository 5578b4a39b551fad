"""The training loop of the restorer: losses, checkpoints, resuming, an average of the weights.

    python -m semcodec_train.train_restorer RECIPE --pairs 'DIR/*' --networks DIR --out DIR [--init FILE] [--minutes N]

`--networks` holds mobilenet_v2, efficientnet_lite2 and lpips_alex (.safetensors). Progress is a share of the time, so a
run ends in time on a slow machine too; one that was stopped goes on where it was. It leaves `restorer.safetensors` (the
average, 16 bits) and `run.json` (what it was made with). The same command runs on a GPU.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import subprocess
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor

from semcodec_train.efficientnet import EfficientNetLite
from semcodec_train.lpips_alex import LpipsAlex
from semcodec_train.perceptual import DEPTHS, MobileNetV2
from semcodec_train.recipes import RESTORER_RECIPES, RestorerRecipe
from semcodec_train.restorer import Restorer
from semcodec_train.restorer_losses import (
    ProjectedDiscriminator,
    lattice_energy,
    shifted_and_rescaled,
    unit_distance,
)
from semcodec_train.restorer_pairs import PairStream


class Losses:
    """What a batch is judged by. Calling it gives the loss, its parts, and the feature maps of original and restored
    pictures that a discriminator learns from.
    """

    def __init__(self, networks: Path, recipe: RestorerRecipe, device: str) -> None:
        self.recipe = recipe
        self.lpips = LpipsAlex(networks / "lpips_alex.safetensors").to(device)
        self.mobilenet = MobileNetV2(networks / "mobilenet_v2.safetensors").to(device)
        self.efficientnet = EfficientNetLite(networks / "efficientnet_lite2.safetensors").to(device)
        self.rng = torch.Generator().manual_seed(1)
        self.adversary: ProjectedDiscriminator | None = None
        if recipe.adversary:
            self.adversary = ProjectedDiscriminator(self.efficientnet.feature_channels[1:]).to(device)
            self.optimiser = torch.optim.AdamW(
                self.adversary.heads.parameters(), lr=recipe.adversary_lr, betas=(0.0, 0.99)
            )

    def __call__(self, restored: Tensor, original: Tensor) -> tuple[Tensor, dict[str, Tensor], list[list[Tensor]]]:
        recipe, difference = self.recipe, restored.float() - original
        parts = {
            "pixels": difference.square().mean(),
            "coarse": F.avg_pool2d(difference, 8).square().mean(),
            "lattice": lattice_energy(difference).mean(),
        }
        a, b = (
            image.contiguous(memory_format=torch.channels_last)
            for image in shifted_and_rescaled((restored.float(), original), self.rng)
        )
        with torch.autocast(a.device.type, torch.bfloat16):
            with torch.no_grad():
                lpips, mobilenet, wanted = (
                    self.lpips.features(b), self.mobilenet(b, DEPTHS[-1]), self.efficientnet.features(b)
                )  # fmt: skip
            parts["lpips"] = self.lpips.distance(self.lpips.features(a), lpips).mean()
            seen = self.mobilenet(a, DEPTHS[-1])
            parts["mobilenet"] = unit_distance([seen[d] for d in DEPTHS], [mobilenet[d] for d in DEPTHS]).mean()
            maps = self.efficientnet.features(a)
        parts["efficientnet"] = unit_distance(maps, wanted).mean()
        if self.adversary is not None:
            parts["adversary"] = self.adversary.fooled(maps[1:])
        loss = torch.stack([getattr(recipe, name) * value for name, value in parts.items()]).sum()
        return loss, parts, [wanted[1:], maps[1:]]

    def learn(self, real: list[Tensor], restored: list[Tensor]) -> float:
        """A step of the discriminator; the share of its scores that were right."""
        assert self.adversary is not None
        loss, right = self.adversary.loss([x.float() for x in real], [x.detach().float() for x in restored])
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.optimiser.step()
        return right

    def state(self) -> dict[str, Any]:
        if self.adversary is None:
            return {}
        return {"adversary": self.adversary.state_dict(), "adversary_optimiser": self.optimiser.state_dict()}

    def resume(self, state: dict[str, Any]) -> None:
        if self.adversary is not None and "adversary" in state:
            self.adversary.load_state_dict(state["adversary"])
            self.optimiser.load_state_dict(state["adversary_optimiser"])


class Run:
    """A training with its state: weights, their average, the optimiser, how far it is."""

    def __init__(self, recipe: RestorerRecipe, networks: Path, out: Path, init: Path | None) -> None:
        torch.manual_seed(0)
        self.recipe, self.out = recipe, out
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        size = recipe.size
        model = Restorer(size.widths, size.blocks, size.half, size.last)
        if init is not None:
            model.begin_from({name: value.float() for name, value in load_file(str(init)).items()})
        self.model = model.to(self.device, memory_format=torch.channels_last)
        self.average = {name: value.detach().clone() for name, value in self.model.state_dict().items()}
        self.losses = Losses(networks, recipe, self.device)
        self.optimiser = torch.optim.AdamW(self.model.parameters(), lr=recipe.lr, betas=(0.9, 0.98), weight_decay=0.0)
        self.step, self.spent_s = 0, 0.0
        self.means: dict[str, float] = {}  # of the losses' parts, over the last fifty steps or so
        self.parent = None if init is None else hashlib.sha256(init.read_bytes()).hexdigest()
        if self._checkpoint.exists():
            saved = torch.load(self._checkpoint, weights_only=True, map_location=self.device)
            self.model.load_state_dict(saved["model"])
            self.average, self.means = saved["average"], saved["means"]
            self.step, self.spent_s = saved["step"], saved["spent_s"]
            self.optimiser.load_state_dict(saved["optimiser"])
            self.losses.resume(saved)

    @property
    def _checkpoint(self) -> Path:
        return self.out / "checkpoint.pt"

    @property
    def progress(self) -> float:
        return self.spent_s / 60 / self.recipe.minutes

    def learn(self, original_u8: Tensor, enlarged_u8: Tensor, condition_N2: Tensor) -> None:
        """One step."""
        recipe = self.recipe
        cosine = 0.5 * (1 + math.cos(math.pi * min(1.0, self.progress)))
        rate = recipe.lr * (recipe.final_share + (1 - recipe.final_share) * cosine) * min(1.0, (self.step + 1) / 100)
        self.optimiser.param_groups[0]["lr"] = rate
        original, enlarged = (
            (image.to(self.device).float() / 127.5 - 1).contiguous(memory_format=torch.channels_last)
            for image in (original_u8, enlarged_u8)
        )
        with torch.autocast(self.device, torch.bfloat16):
            restored = self.model(enlarged, condition_N2.to(self.device))
        loss, parts, maps = self.losses(restored, original)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        norm = float(torch.nn.utils.clip_grad_norm_(self.model.parameters(), 2.0))
        if math.isfinite(norm):
            self.optimiser.step()
        told = {name: value.item() for name, value in parts.items()} | {"loss": loss.item(), "norm": norm}
        if self.losses.adversary is not None:
            told["discerned"] = self.losses.learn(*maps)
        self.step += 1
        keep = min(recipe.average, self.step / (self.step + 10))
        with torch.no_grad():
            for name, value in self.model.state_dict().items():
                self.average[name].lerp_(value, 1 - keep)
        for name, number in told.items():
            mean = self.means.get(name, number)
            self.means[name] = mean + 0.02 * (number - mean)

    def save(self) -> None:
        state = {"model": self.model.state_dict(), "average": self.average, "optimiser": self.optimiser.state_dict()}
        state |= {"step": self.step, "spent_s": self.spent_s, "means": self.means, **self.losses.state()}
        torch.save(state, self._checkpoint.with_suffix(".tmp"))
        self._checkpoint.with_suffix(".tmp").rename(self._checkpoint)

    def finish(self, stream: PairStream) -> None:
        """Leaves the weights and what they were made with."""
        weights = {name: value.to("cpu", torch.float16).contiguous() for name, value in self.average.items()}
        save_file(weights, str(self.out / "restorer.safetensors"))
        about = {
            "recipe": asdict(self.recipe), "parent_sha256": self.parent, "commit": _commit(), "device": self.device,
            "pairs": stream.num_pairs, "pairs_sha256": stream.sha256(), "seconds": round(self.spent_s),
            "steps": self.step, "crops": self.step * self.recipe.batch,
            "losses": {name: round(value, 5) for name, value in self.means.items()},
        }  # fmt: skip
        (self.out / "run.json").write_text(json.dumps(about, indent=1) + "\n", "utf-8")


def train(
    recipe: RestorerRecipe,
    pairs: Path,
    networks: Path,
    out: Path,
    init: Path | None = None,
    *,
    save_every_s: float = 180,
) -> None:
    """Runs a recipe to its end."""
    out.mkdir(parents=True, exist_ok=True)
    run = Run(recipe, networks, out, init)
    stream = PairStream(
        pairs, crop_px=recipe.crop_px, batch=recipe.batch, tokens_share=recipe.tokens_share, seed=run.step + 1
    )
    print(
        f"{run.device}, {sum(p.numel() for p in run.model.parameters()):,} weights, {stream.num_pairs} pairs",
        flush=True,
    )
    begun_s, saved_s = time.monotonic() - run.spent_s, time.monotonic()
    with (out / "log.jsonl").open("a") as log:
        while run.progress < 1:
            batch = stream.get()
            run.learn(batch.original, batch.enlarged, batch.condition)
            run.spent_s = time.monotonic() - begun_s
            if run.step % 50 == 0:
                row: dict[str, float] = {"step": run.step, "minutes": round(run.spent_s / 60, 2)}
                print(
                    json.dumps(row | {name: round(value, 5) for name, value in run.means.items()}), file=log, flush=True
                )
            if run.step % 200 == 0:
                stream.look_again()
            if time.monotonic() - saved_s > save_every_s:
                run.save()
                saved_s = time.monotonic()
    run.save()
    run.finish(stream)


def _commit() -> str:
    found = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=Path(__file__).parent, capture_output=True, text=True, check=False
    )
    return found.stdout.strip()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("recipe", choices=sorted(RESTORER_RECIPES))
    parser.add_argument("--pairs", type=Path, required=True)
    parser.add_argument("--networks", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--init", type=Path)
    parser.add_argument("--minutes", type=float)
    args = parser.parse_args()
    recipe = RESTORER_RECIPES[args.recipe]()
    train(
        recipe if args.minutes is None else replace(recipe, minutes=args.minutes),
        args.pairs, args.networks, args.out, args.init,
    )  # fmt: skip


if __name__ == "__main__":
    main()
