"""The tokenizer's training: the stages of a recipe, what a batch is judged by, how it begins from other weights.

    python -m semcodec_train.tokenizer.train RECIPE --photos DIR|TAR --judge mobilenet_v2.safetensors --out DIR
        [--clips DIR] [--init model.pt|GRAPHS] [--minutes N]

It leaves `model.pt` (the average) and `run.json`. The same command runs on a CPU and on a GPU.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from semcodec_train.common.loop import CHECKPOINT, Average, Log, Loop, say, warming
from semcodec_train.common.optim import MuonAdam, split_parameters, warm_cosine
from semcodec_train.common.photos import CropStream, load_frames, load_photos
from semcodec_train.common.recipes import arguments, chosen
from semcodec_train.common.run import RUN, Sources, device, save, write_run
from semcodec_train.judges.mobilenet import DEPTHS, MobileNetV2, class_divergence, feature_distance
from semcodec_train.tokenizer.adversary import Adversary
from semcodec_train.tokenizer.model import Tokenizer, sample_masks, usage_loss
from semcodec_train.tokenizer.rate import RateModel, RateWeights
from semcodec_train.tokenizer.recipes import RECIPES, Stage, TokenizerRecipe
from semcodec_train.tokenizer.transform import fit_residues
from semcodec_train.tokenizer.weights import take_over, weights_of_graphs

KEEP = 0.998  # of the average, at each step


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
    table = torch.tensor(share, device=received.device)
    return torch.lerp(table[low], table[low + 1], received - low)


@dataclass(slots=True)
class Step:
    """A batch's loss, its parts, and what is to be done once its gradient was taken (the adversary's own step)."""

    loss: Tensor
    parts: dict[str, Tensor | float]
    afterwards: Callable[[], dict[str, Tensor]] = dict


def train_step(model: Tokenizer, losses: Losses, crops_u8: Tensor, stage: Stage, rng: torch.Generator) -> Step:
    """One batch through everything."""
    image = crops_u8.float() / 127.5 - 1
    num, _, size, _ = image.shape
    scales = len(model.spec.strides)
    drawn = sample_masks(num, size // 128, size // 128, scales, rng, full=stage.full, last_scale=stage.last_scale)
    masks = [mask.to(image.device) for mask in drawn]
    weight_N = stage.perceptual * received_share(masks, stage.perceptual_share)
    inside = image.new_ones(num, 1, size, size)
    if float(torch.rand((), generator=rng)) < stage.odd_sizes:
        mask, rectangles = inside_mask(num, size, rng)
        inside = mask.to(image.device)
        image = repeat_edges(image, rectangles)
        for scale, stride in enumerate(model.spec.strides):
            masks[scale] = masks[scale] * torch.nn.functional.max_pool2d(inside, stride)
    with torch.autocast(image.device.type, torch.bfloat16, enabled=stage.bf16):
        painted, values, activations = model(image, masks, inside)
        painted = torch.lerp(image, painted.float(), inside)
        l1 = (painted - image).abs().mean()
        mse = (painted - image).square().mean()
        loss = stage.l1 * l1 + stage.mse * mse
        if stage.usage:
            loss = loss + stage.usage * usage_loss(activations)
        parts: dict[str, Tensor | float] = {"l1": l1, "mse": mse}
        if losses.rate is not None and losses.prices is not None:
            cost, bits = losses.prices.loss(losses.rate(values[: model.spec.num_learned]))
            loss = loss + cost
            parts |= {f"bits{scale}": mean for scale, mean in enumerate(bits)}
        for scale in range(model.spec.num_learned, len(values)):
            parts[f"nonzero{scale}"] = (values[scale] != 0).float().sum(1).mean()
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
            parts["distance"] = distance_N.mean()
            if stage.recognition:
                unlike_N = class_divergence(seen, wanted)
                loss = loss + stage.recognition * (received_share(masks, stage.perceptual_share) * unlike_N).mean()
                parts["unlike"] = unlike_N.mean()
            if losses.adversary is not None and stage.adversarial:
                adversary, share_N = losses.adversary, received_share(masks, stage.adversarial_share)
                fooled_N = adversary.fooled(painted, seen)
                loss = loss + stage.adversarial * (share_N * fooled_N).mean()
                parts["fooled"] = fooled_N.mean()

                def learn() -> dict[str, Tensor]:
                    with torch.autocast(image.device.type, torch.bfloat16, enabled=stage.bf16):
                        return adversary.learn((image, wanted), (painted, seen), share_N)

                return Step(loss, parts, learn)
    return Step(loss, parts)


def train(
    recipe: TokenizerRecipe,
    photos: list,
    judge: MobileNetV2 | None,
    out: Path,
    *,
    init: Path | None = None,
    sources: Sources | None = None,
    log: Log = say,
) -> Tokenizer:
    """Runs (or resumes) a recipe; returns the averaged model, also left in `out`/model.pt.

    `init` names weights to begin from, of any tokenizer, as a file or as a folder of exported graphs.
    """
    torch.manual_seed(recipe.seed)
    out.mkdir(parents=True, exist_ok=True)
    where, goes_on = device(), (out / CHECKPOINT).exists()
    model = Tokenizer(recipe.spec, recipe.widths)
    known: dict[str, Tensor] = {}
    if init is not None:
        known = weights_of_graphs(init) if init.is_dir() else torch.load(init, weights_only=True, map_location="cpu")
        log(take_over(model, known))
    model = model.to(where)
    if recipe.spec.steps and "encoder.residues.analysis.0.weight" not in known and not goes_on:
        stage = recipe.stages[0]
        crops = iter(CropStream(photos, size_px=stage.size_px, batch=stage.batch, seed=recipe.seed + 3))
        some = [next(crops).to(where).float() / 127.5 - 1 for _ in range(recipe.fit_crops // stage.batch)]
        fit_residues(model, some, bf16=stage.bf16)
        log("block transforms fitted")
    average = Average(model)
    losses, state = Losses(None if judge is None else judge.to(where), None, None), {}
    if recipe.target_bits is not None:
        losses.rate = RateModel(recipe.spec).to(where)
        losses.prices = RateWeights(recipe.target_bits, start=recipe.first_price)
        state |= {"rate": losses.rate, "prices": losses.prices}
    if any(stage.adversarial for stage in recipe.stages):
        losses.adversary = Adversary(**recipe.adversary).to(where)
        state |= {"adversary": losses.adversary, "adversary_optimiser": losses.adversary.optimiser}
    kernels, others = split_parameters(model)
    first = recipe.stages[0]
    optimiser = MuonAdam(
        kernels,
        [*others, *(losses.rate.parameters() if losses.rate else ())],
        muon_lr=first.muon_lr,
        adam_lr=first.adam_lr,
        clip_at=1.0,
        clipped=model.parameters(),
    )
    loop = Loop(
        out,
        {"model": model, "average": average, "optimiser": optimiser, **state},
        device=where,
        log_every=recipe.log_every,
        save_every_s=300,
        on_save=lambda: save(out / "model.pt", average.state_dict()),
        log=log,
    )
    rng = torch.Generator().manual_seed(recipe.seed + 1 + loop.step)
    for at, stage in enumerate(recipe.stages):
        if not loop.enter(at):
            continue
        optimiser.peaks = (stage.muon_lr, stage.adam_lr)
        stream = iter(
            CropStream(photos, size_px=stage.size_px, batch=stage.batch, seed=recipe.seed + 7 * at + loop.step)
        )
        for progress in loop.through(stage.minutes, stage.num_steps):
            result = train_step(model, losses, next(stream).to(where), stage, rng)
            norm = optimiser.step(result.loss, warm_cosine(progress, stage.final_share))
            average.take(model, KEEP if at else warming(KEEP, loop.step))
            prices = {
                f"price{scale}": price for scale, price in enumerate(losses.prices.prices if losses.prices else ())
            }
            loop.add({**result.parts, **result.afterwards(), **prices, "norm": norm}, crops=stage.batch)
    write_run(out / RUN, recipe, loop, sources or Sources.of(parents={"init": init}))
    return average.model


def main() -> None:
    parser = arguments(__doc__, RECIPES)
    parser.add_argument("--photos", type=Path, nargs="+", required=True, help="folders, or tar archives, of pictures")
    parser.add_argument("--judge", type=Path, required=True, help="mobilenet_v2.safetensors")
    parser.add_argument("--clips", type=Path, help="a folder of MP4 files, whose frames are used too")
    parser.add_argument("--init", type=Path, help="weights to begin from: a model.pt, or a folder of exported graphs")
    parser.add_argument("--limit", type=int, help="use only that many pictures of each source")
    args = parser.parse_args()
    judge = MobileNetV2(args.judge).eval().requires_grad_(False)
    pictures = load_photos(*args.photos, limit=args.limit)
    if args.clips is not None:
        pictures += load_frames(args.clips)
    sources = Sources.of(
        parents={"init": args.init},
        networks={"mobilenet_v2": args.judge},
        data={"clips": args.clips, **{path.name: path for path in args.photos}},
    )
    train(chosen(args, RECIPES), pictures, judge, args.out, init=args.init, sources=sources)


if __name__ == "__main__":
    main()
