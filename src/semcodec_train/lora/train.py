"""Teaches a diffusion painter to repair this codec's pictures: LoRA on pairs (embedded decode, original).

    python -m semcodec_train.lora.train RECIPE --painter hf:ORG/NAME --photos DIR --out DIR
    accelerate launch --multi_gpu -m semcodec_train.lora.train RECIPE ...          (several GPUs)

`DIR/pytorch_lora_weights.safetensors` is what comes out: `semcodec decode ... --painter hf:ORG/NAME --lora DIR`.

**What is learned.** Decoding starts at noise level s (`strength.py`) from `a(s) known + b(s) noise`, where `known` are
the latents of the embedded decode, a the signal's share and b the noise's. A deterministic sampler whose every
prediction were the original z would then walk the line

```text
 x(u) = a(u) z + b(u) e      with      e = noise + (known - z) a(s) / b(s),      0 < u <= s
```

so what the codec did to the picture looks to the network like a part of the noise, the same at every level. Training
is ordinary diffusion training along that line: noise e, levels up to s, the model's own target (noise, velocity, flow).
Only the denoiser is adapted.

Shapes: N = pictures; H, W = pixels; L = latent channels; h, w = latent cells.
"""

from __future__ import annotations

import json
import math
import time
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from semcodec.errors import ModelError
from semcodec.hub.painters.families import known_families
from semcodec.hub.painters.pipeline import PainterOptions, PaintingPipeline, open_pipeline
from semcodec_train.common.loop import Log, say
from semcodec_train.common.recipes import arguments, chosen
from semcodec_train.common.run import RUN, Done, Sources, write_run
from semcodec_train.lora.denoisers import DENOISERS, Denoiser
from semcodec_train.lora.pairs import Pairs, PairStream, Photo, load_pairs_photos
from semcodec_train.lora.recipes import RECIPES, PainterLoraRecipe

CHECKPOINT = "checkpoint.safetensors"


def pair_loss(denoiser: Denoiser, network: nn.Module, pairs: Pairs, size_px: int, rng: torch.Generator) -> Tensor:
    """Mean squared error of the model's prediction on the line from the known picture to the original."""
    device = denoiser.pipeline.device
    original, known = (denoiser.latents(image.to(device)) for image in (pairs.original, pairs.known))
    noise = torch.randn(original.shape, generator=rng).to(device)
    start = denoiser.schedule.level(pairs.strength.to(device))
    share = (1 - torch.rand(len(original), generator=rng)).to(device)  # above 0, up to 1
    level = denoiser.schedule.level(pairs.strength.to(device) * share)
    seen_as_noise = noise + (known - original) * start.signal / start.noise
    noised = level.signal * original + level.noise * seen_as_noise
    conditions = denoiser.conditions(pairs.words, size_px)
    predicted = denoiser.predict(network, noised, level.time, conditions).float()
    return (predicted - denoiser.schedule.target(original, seen_as_noise, level)).square().mean()


def learning_rate(recipe: PainterLoraRecipe, step: int) -> float:
    """Linear warm-up, then cosine to a tenth."""
    warm = min(1.0, (step + 1) / recipe.warm_up_steps)
    return recipe.lr * warm * (0.55 + 0.45 * math.cos(math.pi * step / recipe.num_steps))


def train(
    recipe: PainterLoraRecipe,
    model: PaintingPipeline,
    photos: list[Photo],
    out: Path,
    *,
    num_steps: int | None = None,
    sources: Sources | None = None,
    log: Log = say,
) -> None:
    """Runs a recipe, or goes on where `out` has a checkpoint. `num_steps` stops earlier, as an interruption would.

    Raises `ModelError` for a family that there is no training for.
    """
    from accelerate import Accelerator
    from accelerate.utils import set_seed
    from peft import LoraConfig, get_peft_model_state_dict

    accelerator = Accelerator(
        mixed_precision=recipe.precision,
        gradient_accumulation_steps=recipe.accumulate,
        cpu=model.placement.device == "cpu",
    )
    set_seed(recipe.seed)
    denoiser = _denoiser(model)
    base = denoiser.pipeline
    for part in base.components.values():
        if isinstance(part, nn.Module):
            part.requires_grad_(False)
    network = denoiser.network
    network.add_adapter(  # type: ignore[operator]
        LoraConfig(
            r=recipe.rank,
            lora_alpha=recipe.rank,  # so that files need not say it
            init_lora_weights="gaussian",
            target_modules=list(recipe.targets),
        )
    )
    if recipe.spare_memory:
        network.enable_gradient_checkpointing()  # type: ignore[operator]
    learned = {name: weight for name, weight in network.named_parameters() if weight.requires_grad}
    for weight in learned.values():
        weight.data = weight.data.float()
    optimiser = torch.optim.AdamW(learned.values(), lr=recipe.lr, weight_decay=1e-2)
    out.mkdir(parents=True, exist_ok=True)
    first, spent_s = _restore(out / CHECKPOINT, learned, optimiser)
    began_s = time.monotonic() - spent_s
    if first and accelerator.is_main_process:
        log(f"resumed at step {first}")
    wrapped, prepared = accelerator.prepare(network, optimiser)
    stream = PairStream(photos, recipe, process=accelerator.process_index)
    probe = stream.batch(-1)
    last = min(recipe.num_steps, num_steps or recipe.num_steps)

    def save(step: int) -> None:
        with torch.no_grad(), accelerator.autocast():
            rng = torch.Generator().manual_seed(recipe.seed)
            probed = float(pair_loss(denoiser, network, probe, recipe.size_px, rng))
        if accelerator.is_main_process:
            _save(out / CHECKPOINT, learned, optimiser, step, time.monotonic() - began_s)
            weights = {name: weight.float() for name, weight in get_peft_model_state_dict(network).items()}
            denoiser.save(out, weights)
            log(json.dumps({"step": step, "probe": round(probed, 5)}))
            crops = step * recipe.batch * recipe.accumulate * accelerator.num_processes
            losses["probe"] = round(probed, 5)
            done = Done(model.placement.device, time.monotonic() - began_s, step, crops, losses)
            write_run(out / RUN, recipe, done, sources or Sources(), painter=model.model.name)

    losses: dict[str, float] = {}
    if not first:
        save(0)
    batches = stream.from_number(first * recipe.accumulate)
    sums: list[float] = []
    for step in range(first, last):
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(recipe, step)
        for part in range(recipe.accumulate):
            number = (step * recipe.accumulate + part, accelerator.process_index)
            rng = torch.Generator().manual_seed(hash((recipe.seed, *number)) & (1 << 62) - 1)
            with accelerator.accumulate(wrapped), accelerator.autocast():
                loss = pair_loss(denoiser, wrapped, next(batches), recipe.size_px, rng)
                accelerator.backward(loss)
                if accelerator.sync_gradients:
                    accelerator.clip_grad_norm_(learned.values(), 1.0)
                prepared.step()
                prepared.zero_grad()
            sums.append(float(accelerator.gather(loss.detach()).mean()))
        done = step + 1
        if done % recipe.log_every == 0 and accelerator.is_main_process:
            losses["loss"] = round(sum(sums) / len(sums), 5)
            log(json.dumps({"step": done, "loss": losses["loss"]}))
            sums = []
        if done % recipe.save_every == 0 or done == last:
            save(done)
    batches.close()  # type: ignore[attr-defined]


def _denoiser(model: PaintingPipeline) -> Denoiser:
    kind = model.family.trains
    if kind is None:
        known = ", ".join(family.title for family in known_families() if family.trains in DENOISERS)
        raise ModelError(f"{model.model.name}: {model.family.title} cannot be trained here; families that can: {known}")
    return DENOISERS[kind](model.base.to(model.placement.device))


def _save(
    path: Path, learned: dict[str, nn.Parameter], optimiser: torch.optim.Optimizer, step: int, seconds: float
) -> None:
    """Weights and both moments of the optimiser, by name; beside and then renamed."""
    tensors = {}
    for name, weight in learned.items():
        moments = optimiser.state.get(weight, {})
        tensors[f"weight/{name}"] = weight.detach().cpu().contiguous()
        for moment in ("exp_avg", "exp_avg_sq"):
            if moment in moments:
                tensors[f"{moment}/{name}"] = moments[moment].detach().cpu().contiguous()
    save_file(tensors, path.with_suffix(".tmp"), metadata={"step": str(step), "seconds": str(seconds)})
    path.with_suffix(".tmp").replace(path)


def _restore(path: Path, learned: dict[str, nn.Parameter], optimiser: torch.optim.Optimizer) -> tuple[int, float]:
    """The step that a checkpoint was saved at, and the seconds until then; 0 where there is none."""
    if not path.exists():
        return 0, 0.0
    with safe_open(path, framework="pt") as file:
        step, seconds = int(file.metadata()["step"]), float(file.metadata()["seconds"])
        names = set(file.keys())
        if {f"weight/{name}" for name in learned} - names:
            raise ModelError(f"{path}: is a checkpoint of another recipe or painter; give another --out")
        for name, weight in learned.items():
            weight.data.copy_(file.get_tensor(f"weight/{name}"))
            if f"exp_avg/{name}" in names:
                optimiser.state[weight] = {
                    "step": torch.tensor(float(step)),
                    "exp_avg": file.get_tensor(f"exp_avg/{name}").to(weight.device),
                    "exp_avg_sq": file.get_tensor(f"exp_avg_sq/{name}").to(weight.device),
                }
    return step, seconds


def main() -> None:
    parser = arguments(__doc__, RECIPES)
    parser.add_argument("--painter", help="hf:ORG/NAME, or a folder; the debug recipe makes a tiny one without")
    parser.add_argument("--photos", type=Path, required=True, help="pictures, and words about them in .txt files")
    parser.add_argument("--device", default="auto", help="auto, cuda, mps, cpu")
    args = parser.parse_args()
    if args.minutes is not None:
        parser.error("a LoRA is counted in steps, which all processes take together: choose them in the recipe")
    recipe, painter = chosen(args, RECIPES), args.painter
    if painter is None:
        if args.recipe != "painter_lora_debug":
            parser.error("--painter is needed: hf:ORG/NAME, or a folder")
        from semcodec_train.lora.tiny_painters import stable_diffusion

        painter = str(stable_diffusion(args.out / "tiny-painter"))
    dtype = {"no": "float32", "fp16": "float16", "bf16": "bfloat16"}[recipe.precision]
    model = open_pipeline(painter, PainterOptions(device=args.device, dtype=dtype), say=print)
    train(recipe, model, load_pairs_photos(args.photos), args.out, sources=Sources.of(data={"photos": args.photos}))


if __name__ == "__main__":
    main()
