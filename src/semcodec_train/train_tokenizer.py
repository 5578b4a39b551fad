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
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from semcodec_train import recipes
from semcodec_train.adversary import Adversary
from semcodec_train.data import CropStream, load_frames, load_photos
from semcodec_train.export import weights_of_graphs
from semcodec_train.optim import Muon, split_parameters
from semcodec_train.perceptual import DEPTHS, MobileNetV2, class_divergence, feature_distance
from semcodec_train.rate import RateModel, RateWeights
from semcodec_train.recipes import Stage, TokenizerRecipe
from semcodec_train.tokenizer import Tokenizer, sample_masks, usage_loss
from semcodec_train.transform import fit_residues


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


@dataclass(slots=True)
class Losses:
    """What a batch is judged by besides its pixels."""

    judge: MobileNetV2 | None
    rate: RateModel | None
    prices: RateWeights | None
    adversary: Adversary | None = None


def received_share(masks: list[Tensor], share: tuple[float, ...]) -> Tensor:
    """(N,) weight of the perceptual loss, between the entries of `share` at 0, 1, ... scales received."""
    received = torch.stack([mask.mean(dim=(1, 2, 3)) for mask in masks]).sum(0)
    low = received.floor().long().clamp(max=len(share) - 2)
    table = torch.tensor(share)
    return torch.lerp(table[low], table[low + 1], received - low)


@dataclass(slots=True)
class Step:
    """A batch's loss, its parts, and what is to be done once its gradient was taken (the adversary's own step)."""

    loss: Tensor
    parts: dict[str, float]
    afterwards: Callable[[], dict[str, float]] = dict


def train_step(model: Tokenizer, losses: Losses, crops_u8: Tensor, stage: Stage, rng: torch.Generator) -> Step:
    """One batch through everything."""
    image = crops_u8.float() / 127.5 - 1
    num, _, size, _ = image.shape
    masks = sample_masks(
        num, size // 128, size // 128, len(model.spec.strides), rng, full=stage.full, last_scale=stage.last_scale
    )
    weight_N = stage.perceptual * received_share(masks, stage.perceptual_share)
    inside = torch.ones(num, 1, size, size)
    if float(torch.rand((), generator=rng)) < stage.odd_sizes:
        inside, rectangles = inside_mask(num, size, rng)
        image = repeat_edges(image, rectangles)
        for scale, stride in enumerate(model.spec.strides):
            masks[scale] = masks[scale] * torch.nn.functional.max_pool2d(inside, stride)
    with torch.autocast("cpu", torch.bfloat16, enabled=stage.bf16):
        painted, values, activations = model(image, masks, inside)
        painted = torch.lerp(image, painted.float(), inside)
        l1 = (painted - image).abs().mean()
        mse = (painted - image).square().mean()
        loss = stage.l1 * l1 + stage.mse * mse
        if stage.usage:
            loss = loss + stage.usage * usage_loss(activations)
        parts = {"l1": l1.item(), "mse": mse.item()}
        if losses.rate is not None and losses.prices is not None:
            cost, bits = losses.prices.loss(losses.rate(values[: model.spec.num_learned]))
            loss = loss + cost
            parts |= {f"bits{scale}": mean for scale, mean in enumerate(bits)}
        for scale in range(model.spec.num_learned, len(values)):
            parts[f"nonzero{scale}"] = (values[scale] != 0).float().sum(1).mean().item()
        if losses.judge is not None and stage.perceptual:
            a, b = image, painted
            if stage.half_judge and float(torch.rand((), generator=rng)) < stage.half_judge:
                a, b = (torch.nn.functional.avg_pool2d(t, 2) for t in (a, b))
            last = None if stage.recognition else DEPTHS[-1]
            with torch.no_grad():
                wanted = losses.judge(a, last=last)
            seen = losses.judge(b, last=last)
            distance_N = feature_distance(seen, wanted)
            loss = loss + (weight_N * distance_N).mean()
            parts["distance"] = distance_N.mean().item()
            if stage.recognition:
                unlike_N = class_divergence(seen, wanted)
                loss = loss + stage.recognition * (received_share(masks, stage.perceptual_share) * unlike_N).mean()
                parts["unlike"] = unlike_N.mean().item()
            if losses.adversary is not None and stage.adversarial:
                adversary, share_N = losses.adversary, received_share(masks, stage.adversarial_share)
                fooled_N = adversary.fooled(painted, seen)
                loss = loss + stage.adversarial * (share_N * fooled_N).mean()
                parts["fooled"] = fooled_N.mean().item()

                def learn() -> dict[str, float]:
                    with torch.autocast("cpu", torch.bfloat16, enabled=stage.bf16):
                        return adversary.learn((image, wanted), (painted, seen), share_N)

                return Step(loss, parts, learn)
    return Step(loss, parts)


def take_over(model: Tokenizer, weights: dict[str, Tensor]) -> str:
    """Copies what fits, so that the model does at first what the other did. A residual block that is new begins as the
    identity; digits that are new are not listened to yet. Says what is new.
    """
    new = []
    with torch.no_grad():
        for name, mine in model.state_dict().items():
            theirs = weights.get(name)
            if theirs is None:
                new.append(name)
                if name.endswith("second.weight"):
                    mine.zero_()
            elif mine.shape == theirs.shape:
                mine.copy_(theirs)
            elif ".to_digits." in name:  # theirs may also have more: the last ones were the least used
                count = min(len(mine), len(theirs))
                mine[:count] = theirs[:count]
                mine[count:] *= 0.75
                new.append(f"{name}[{count}:]")
            elif ".from_digits." in name:
                count = min(mine.shape[1], theirs.shape[1])
                mine.zero_()
                mine[:, :count] = theirs[:, :count]
            elif ".embed." in name:  # the last column is that of the mask
                count = min(mine.shape[1], theirs.shape[1]) - 1
                mine.zero_()
                mine[:, :count] = theirs[:, :count]
                mine[:, -1] = theirs[:, -1]
            else:
                raise ValueError(f"{name}: a shape of {tuple(theirs.shape)} cannot become {tuple(mine.shape)}")
    return f"begun from other weights; new: {', '.join(new) or 'nothing'}"


def save(path: Path, state: dict) -> None:
    torch.save(state, path.with_suffix(".tmp"))
    path.with_suffix(".tmp").replace(path)


def train(
    recipe: TokenizerRecipe,
    photos: list,
    judge: MobileNetV2 | None,
    out: Path,
    *,
    init: Path | None = None,
    log: Callable[[str], None] = print,
) -> Tokenizer:
    """Runs (or resumes) a recipe; returns the averaged model, also left in `out`/model.pt.

    `init` names weights to begin from, of any tokenizer, as a file or as a folder of exported graphs.
    """
    torch.manual_seed(recipe.seed)
    out.mkdir(parents=True, exist_ok=True)
    model = Tokenizer(recipe.spec, recipe.widths)
    known: dict[str, Tensor] = {}
    if init is not None:
        known = weights_of_graphs(init) if init.is_dir() else torch.load(init, weights_only=True)
        log(take_over(model, known))
    checkpoint = out / "checkpoint.pt"
    if recipe.spec.steps and "encoder.residues.analysis.0.weight" not in known and not checkpoint.exists():
        stage = recipe.stages[0]
        crops = iter(CropStream(photos, size_px=stage.size_px, batch=stage.batch, seed=recipe.seed + 3))
        some = [next(crops).float() / 127.5 - 1 for _ in range(recipe.fit_crops // stage.batch)]
        fit_residues(model, some, bf16=stage.bf16)
        log("block transforms fitted")
    average = deepcopy(model).requires_grad_(False)
    losses = Losses(judge, None, None)
    kernels, others = split_parameters(model)
    if recipe.target_bits is not None:
        losses.rate = RateModel(recipe.spec)
        losses.prices = RateWeights(recipe.target_bits, start=recipe.first_price)
        others += losses.rate.parameters()
    if any(stage.adversarial for stage in recipe.stages):
        losses.adversary = Adversary(**recipe.adversary)
    optimisers = (Muon(kernels, lr=0.0), torch.optim.AdamW(others, lr=0.0, betas=(0.9, 0.98), weight_decay=0.01))
    first_stage, first_step, spent = 0, 0, 0.0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(state["model"])
        average.load_state_dict(state["average"])
        for optimiser, saved in zip(optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(saved)
        if losses.rate is not None and losses.prices is not None:
            losses.rate.load_state_dict(state["rate"])
            losses.prices.prices = state["prices"]
        if losses.adversary is not None and state.get("adversary"):
            losses.adversary.load_state_dict(state["adversary"][0])
            losses.adversary.optimiser.load_state_dict(state["adversary"][1])
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
                        "rate": losses.rate.state_dict() if losses.rate else {},
                        "prices": losses.prices.prices if losses.prices else [],
                        "adversary": [losses.adversary.state_dict(), losses.adversary.optimiser.state_dict()]
                        if losses.adversary
                        else [],
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
            result = train_step(model, losses, next(stream), stage, rng)
            for optimiser in optimisers:
                optimiser.zero_grad(set_to_none=True)
            result.loss.backward()
            norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            if torch.isfinite(norm):
                for optimiser in optimisers:
                    optimiser.step()
            with torch.no_grad():
                keep = min(0.998, (step + 1) / (step + 10)) if at == 0 else 0.998
                for mine, theirs in zip(average.parameters(), model.parameters(), strict=True):
                    mine.lerp_(theirs, 1 - keep)
            step += 1
            for key, value in {**result.parts, **result.afterwards(), "norm": float(norm)}.items():
                sums[key] = sums.get(key, 0.0) + value
            if step % recipe.log_every == 0:
                line = {k: float(f"{v / recipe.log_every:.4g}") for k, v in sums.items()}
                if losses.prices:
                    line["prices"] = [float(f"{price:.3g}") for price in losses.prices.prices]
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
    parser.add_argument("--clips", type=Path, default=None, help="a folder of MP4 files, whose frames are used too")
    parser.add_argument(
        "--init", type=Path, default=None, help="weights to begin from: a model.pt, or a folder of exported graphs"
    )
    parser.add_argument("--limit", type=int, default=None, help="use only so many pictures")
    args = parser.parse_args()
    recipe = recipes.TOKENIZER_RECIPES[args.recipe]()
    judge = MobileNetV2(args.judge).eval().requires_grad_(False)
    pictures = load_photos(args.photos, limit=args.limit)
    if args.clips is not None:
        pictures += load_frames(args.clips)
    train(recipe, pictures, judge, args.out, init=args.init, log=lambda s: print(s, flush=True))


if __name__ == "__main__":
    main()
