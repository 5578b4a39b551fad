"""The one training loop of the tokenizer: stages of a recipe, checkpoints, resuming, an average of the weights.

    python -m semcodec_train.train_tokenizer RECIPE --photos DIR --judge mobilenet_v2.safetensors --out DIR

Progress of a stage is the larger of its share of steps and its share of wall time, so a recipe ends in time on a slow
machine too; the log says which.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path

import torch
from torch import Tensor

from semcodec_train import recipes
from semcodec_train.data import CropStream, load_photos
from semcodec_train.optim import Muon, split_parameters
from semcodec_train.perceptual import DEPTHS, MobileNetV2, feature_distance
from semcodec_train.recipes import Stage, TokenizerRecipe
from semcodec_train.tokenizer import Tokenizer, sample_masks, usage_loss


def learning_rate(stage: Stage, progress: float) -> float:
    """Share of the peak rate: linear warm-up over the first 2 %, then cosine down to `final_share`."""
    warm = min(1.0, progress / 0.02 + 0.01)
    cosine = 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))
    return warm * (stage.final_share + (1 - stage.final_share) * cosine)


def inside_mask(num: int, size: int, generator: torch.Generator) -> tuple[Tensor, list[tuple[int, int]]]:
    """(N, 1, H, W) of ones inside a random top-left rectangle (sides above half the crop), and the rectangles (h,
    w).
    """
    sides = torch.randint(size // 2 + 1, size + 1, (num, 2), generator=generator)
    mask = torch.zeros(num, 1, size, size)
    for n, (h, w) in enumerate(sides.tolist()):
        mask[n, :, :h, :w] = 1
    return mask, [(h, w) for h, w in sides.tolist()]


def repeat_edges(image_NCHW: Tensor, rectangles: list[tuple[int, int]]) -> Tensor:
    out = image_NCHW.clone()
    for n, (h, w) in enumerate(rectangles):
        out[n, :, :h, w:] = out[n, :, :h, w - 1 : w]
        out[n, :, h:, :] = out[n, :, h - 1 : h, :]
    return out


def train_step(model: Tokenizer, judge: MobileNetV2 | None, crops_u8: Tensor, stage: Stage, rng: torch.Generator):
    """One batch -> (loss, its parts)."""
    image = crops_u8.float() / 127.5 - 1
    num, _, size, _ = image.shape
    masks = sample_masks(num, size // 128, size // 128, len(model.spec.strides), rng, full=stage.full)
    inside = torch.ones(num, 1, size, size)
    if float(torch.rand((), generator=rng)) < stage.odd_sizes:
        inside, rectangles = inside_mask(num, size, rng)
        image = repeat_edges(image, rectangles)
        for scale, stride in enumerate(model.spec.strides):
            masks[scale] = masks[scale] * torch.nn.functional.max_pool2d(inside, stride)
    with torch.autocast("cpu", torch.bfloat16, enabled=stage.bf16):
        painted, _, activations = model(image, masks)
        painted = torch.lerp(image, painted.float(), inside)
        l1 = (painted - image).abs().mean()
        mse = (painted - image).square().mean()
        loss = stage.l1 * l1 + stage.mse * mse + stage.usage * usage_loss(activations)
        parts = {"l1": l1.item(), "mse": mse.item()}
        if judge is not None and stage.perceptual:
            a, b = image, painted
            if stage.half_judge and float(torch.rand((), generator=rng)) < stage.half_judge:
                a, b = (torch.nn.functional.avg_pool2d(t, 2) for t in (a, b))
            with torch.no_grad():
                wanted = judge(a, last=DEPTHS[-1])
            distance = feature_distance(judge(b, last=DEPTHS[-1]), wanted).mean()
            loss = loss + stage.perceptual * distance
            parts["distance"] = distance.item()
    return loss, parts


def save(path: Path, state: dict) -> None:
    torch.save(state, path.with_suffix(".tmp"))
    path.with_suffix(".tmp").replace(path)


def train(
    recipe: TokenizerRecipe, photos: list, judge: MobileNetV2 | None, out: Path, *, log: Callable[[str], None] = print
) -> Tokenizer:
    """Runs (or resumes) a recipe; returns the averaged model, also left in `out`/model.pt."""
    torch.manual_seed(recipe.seed)
    out.mkdir(parents=True, exist_ok=True)
    model = Tokenizer(recipe.spec, recipe.widths)
    average = deepcopy(model).requires_grad_(False)
    kernels, others = split_parameters(model)
    optimisers = (Muon(kernels, lr=0.0), torch.optim.AdamW(others, lr=0.0, betas=(0.9, 0.98), weight_decay=0.01))
    first_stage, first_step, spent = 0, 0, 0.0
    checkpoint = out / "checkpoint.pt"
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(state["model"])
        average.load_state_dict(state["average"])
        for optimiser, saved in zip(optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(saved)
        first_stage, first_step, spent = state["stage"], state["step"], state["spent"]
        log(f"resumed at stage {first_stage}, step {first_step}")
    rng = torch.Generator().manual_seed(recipe.seed + 1 + first_step)
    for at in range(first_stage, len(recipe.stages)):
        stage = recipe.stages[at]
        stream: Iterator[Tensor] = iter(
            CropStream(photos, size_px=stage.size_px, batch=stage.batch, seed=recipe.seed + 7 * at + first_step)
        )
        began = last_saved = time.monotonic()
        sums: dict[str, float] = {}
        step = first_step
        while True:
            elapsed = spent + time.monotonic() - began
            progress = max(step / stage.num_steps, elapsed / (stage.max_minutes * 60))
            if progress >= 1 or time.monotonic() - last_saved > 300:
                last_saved = time.monotonic()
                done = progress >= 1
                save(
                    checkpoint,
                    {
                        "model": model.state_dict(),
                        "average": average.state_dict(),
                        "optimisers": [optimiser.state_dict() for optimiser in optimisers],
                        "stage": at + 1 if done else at,
                        "step": 0 if done else step,
                        "spent": 0.0 if done else elapsed,
                    },
                )
                save(out / "model.pt", average.state_dict())
                if done:
                    break
            for optimiser, peak in zip(optimisers, (stage.muon_lr, stage.adam_lr), strict=True):
                optimiser.param_groups[0]["lr"] = peak * learning_rate(stage, progress)
            loss, parts = train_step(model, judge, next(stream), stage, rng)
            model.zero_grad(set_to_none=True)
            loss.backward()
            norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            if torch.isfinite(norm):
                for optimiser in optimisers:
                    optimiser.step()
            with torch.no_grad():
                keep = min(0.999, (step + 1) / (step + 10)) if at == 0 else 0.999
                for mine, theirs in zip(average.parameters(), model.parameters(), strict=True):
                    mine.lerp_(theirs, 1 - keep)
            step += 1
            for key, value in {**parts, "norm": float(norm)}.items():
                sums[key] = sums.get(key, 0.0) + value
            if step % recipe.log_every == 0:
                line = {k: round(v / recipe.log_every, 5) for k, v in sums.items()}
                seconds = spent + time.monotonic() - began
                crops = step * stage.batch
                log(json.dumps({"stage": at, "step": step, "crops": crops, "s": round(seconds), **line}))
                sums = {}
        first_step, spent = 0, 0.0
    return average


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("recipe", choices=sorted(recipes.TOKENIZER_RECIPES))
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--judge", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=None, help="use only so many pictures")
    args = parser.parse_args()
    recipe = recipes.TOKENIZER_RECIPES[args.recipe]()
    judge = MobileNetV2(args.judge).eval().requires_grad_(False)
    train(recipe, load_photos(args.photos, limit=args.limit), judge, args.out, log=lambda s: print(s, flush=True))


if __name__ == "__main__":
    main()
