"""Teaches a diffusion painter to repair this codec's pictures: LoRA on pairs (embedded decode, original).

    python -m semcodec_train.painter_lora RECIPE --painter hf:ORG/NAME --photos DIR --out DIR
    accelerate launch --multi_gpu -m semcodec_train.painter_lora RECIPE ...          (several GPUs)

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

import argparse
import json
import math
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

import semcodec
from semcodec.errors import BudgetError, ModelError
from semcodec.hub.painters.families import known_families
from semcodec.hub.painters.pipeline import PainterOptions, PaintingPipeline, open_pipeline
from semcodec.hub.painters.strength import strength_for
from semcodec_train import recipes
from semcodec_train.data import PICTURE_ENDINGS, random_crop
from semcodec_train.recipes import PainterLoraRecipe

CHECKPOINT = "checkpoint.safetensors"
Log = Callable[[str], None]


# ---- pairs


@dataclass(frozen=True, slots=True)
class Photo:
    image: Image.Image
    words: str = ""


@dataclass(frozen=True, slots=True)
class Pairs:
    """`original` and `known` (what the codec made of it) are (N, 3, H, W) in -1..1; `strength` (N,) as in decoding."""

    original: Tensor
    known: Tensor
    strength: Tensor
    words: list[str]


def load_pairs_photos(folder: Path) -> list[Photo]:
    """The pictures of a folder, each with the words in the .txt file of its name, if there is one."""
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in PICTURE_ENDINGS)
    if not paths:
        raise FileNotFoundError(f"{folder}: no pictures ({', '.join(PICTURE_ENDINGS)}) in this folder")
    photos = []
    for path in paths:
        beside = path.with_suffix(".txt")
        words = " ".join(beside.read_text("utf-8").split()) if beside.exists() else ""
        with Image.open(path) as image:
            photos.append(Photo(image.convert("RGB"), words))
    return photos


class PairStream:
    """Batches by number: recipe, number and process settle the pairs, so a run that is resumed repeats none."""

    def __init__(self, photos: list[Photo], recipe: PainterLoraRecipe, *, process: int = 0) -> None:
        self._photos, self._recipe, self._process = photos, recipe, process

    def batch(self, number: int) -> Pairs:
        """Batch 0, 1, ...; number -1 is the probe that progress is measured on."""
        recipe = self._recipe
        rng = np.random.default_rng((recipe.seed, number + 1, self._process))
        made = [self._pair(rng) for _ in range(recipe.batch)]
        original, known = (
            torch.from_numpy(np.stack([pair[at] for pair in made]).transpose(0, 3, 1, 2).copy()).float() / 127.5 - 1
            for at in (0, 1)
        )
        return Pairs(original, known, torch.tensor([pair[2] for pair in made]), [pair[3] for pair in made])

    def from_number(self, number: int) -> Iterator[Pairs]:
        """Batches `number`, `number` + 1, ... for ever, one ahead in a thread."""
        with ThreadPoolExecutor(1) as ahead:
            coming = ahead.submit(self.batch, number)
            while True:
                number += 1
                ready, coming = coming, ahead.submit(self.batch, number)
                yield ready.result()

    def _pair(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, float, str]:
        recipe = self._recipe
        photo = self._photos[int(rng.integers(len(self._photos)))]
        crop_HWC = random_crop(photo.image, recipe.size_px, rng)
        least, most = (math.log(num_bytes) for num_bytes in recipe.max_bytes)
        num_bytes = round(math.exp(rng.uniform(least, most)))
        words = photo.words if rng.random() < recipe.words else ""
        try:
            data = semcodec.encode(crop_HWC, bytes=num_bytes, picture="tokens").data
        except BudgetError as error:
            data = semcodec.encode(crop_HWC, bytes=error.least_bytes, picture="tokens").data
        scene = semcodec.read(data).scene
        return crop_HWC, semcodec.render(scene, restore=False), strength_for(scene), words


# ---- the noise schedule


@dataclass(frozen=True, slots=True)
class Level:
    """A noise level: shares of signal and noise, and the model's name for it; each (N, 1, 1, 1), `time` (N,)."""

    signal: Tensor
    noise: Tensor
    time: Tensor


class Diffusion:
    """Schedules with `alphas_cumprod`: u in (0, 1] is the part of the training steps."""

    def __init__(self, scheduler: Any) -> None:
        self._kept = scheduler.alphas_cumprod.float()
        self._target = scheduler.config.prediction_type

    def level(self, u: Tensor) -> Level:
        step = (u * len(self._kept)).ceil().long().clamp(1, len(self._kept)) - 1
        kept = self._kept.to(u.device)[step].view(-1, 1, 1, 1)
        return Level(kept.sqrt(), (1 - kept).sqrt(), step)

    def target(self, original: Tensor, noise: Tensor, level: Level) -> Tensor:
        targets = {
            "epsilon": lambda: noise,
            "v_prediction": lambda: level.signal * noise - level.noise * original,
            "sample": lambda: original,
        }
        return targets[self._target]()


class Flow:
    """Flow matching: u in (0, 1] is time before the scheduler's shift."""

    def __init__(self, scheduler: Any) -> None:
        self._shift, self._num_steps = float(scheduler.config.shift), scheduler.config.num_train_timesteps

    def level(self, u: Tensor) -> Level:
        time = (self._shift * u / (1 + (self._shift - 1) * u)).clamp(min=1 / self._num_steps, max=0.9999)
        noise = time.view(-1, 1, 1, 1)
        return Level(1 - noise, noise, time * self._num_steps)

    def target(self, original: Tensor, noise: Tensor, level: Level) -> Tensor:
        return noise - original


# ---- denoisers: how each family's is called


class Denoiser:
    """A family's denoiser, its schedule, and what it is told of the words."""

    part = "unet"
    schedule: Diffusion | Flow

    def __init__(self, pipeline: Any) -> None:
        self.pipeline = pipeline
        self.schedule = Diffusion(pipeline.scheduler)

    @property
    def network(self) -> nn.Module:
        return getattr(self.pipeline, self.part)  # type: ignore[no-any-return]

    @torch.no_grad()
    def latents(self, image_NCHW: Tensor) -> Tensor:
        """(N, L, h, w), scaled and shifted as the denoiser has them."""
        vae = self.pipeline.vae
        latents = vae.encode(image_NCHW.to(vae.dtype)).latent_dist.mode().float()
        return (latents - (vae.config.get("shift_factor") or 0.0)) * vae.config.scaling_factor

    @torch.no_grad()
    def conditions(self, words: list[str], size_px: int) -> dict[str, Any]:
        told, _ = self.pipeline.encode_prompt(words, self.pipeline.device, 1, False)
        return {"encoder_hidden_states": told}

    def predict(self, network: nn.Module, noised: Tensor, time: Tensor, conditions: dict[str, Any]) -> Tensor:
        return network(noised, time, **conditions, return_dict=False)[0]  # type: ignore[no-any-return]

    def save(self, folder: Path, weights: dict[str, Tensor]) -> None:
        layers = {f"{self.part}_lora_layers": weights}
        type(self.pipeline).save_lora_weights(folder, **layers, safe_serialization=True)


class DenoiserXL(Denoiser):
    @torch.no_grad()
    def conditions(self, words: list[str], size_px: int) -> dict[str, Any]:
        told, _, pooled, _ = self.pipeline.encode_prompt(
            words, device=self.pipeline.device, num_images_per_prompt=1, do_classifier_free_guidance=False
        )
        # original size, crop, target size
        sizes = torch.tensor([[size_px, size_px, 0, 0, size_px, size_px]] * len(words), device=told.device)
        return {"encoder_hidden_states": told, "added_cond_kwargs": {"text_embeds": pooled, "time_ids": sizes}}


class DenoiserSD3(Denoiser):
    part = "transformer"

    def __init__(self, pipeline: Any) -> None:
        self.pipeline = pipeline
        self.schedule = Flow(pipeline.scheduler)

    @torch.no_grad()
    def conditions(self, words: list[str], size_px: int) -> dict[str, Any]:
        told, _, pooled, _ = self.pipeline.encode_prompt(
            words, None, None, device=self.pipeline.device, do_classifier_free_guidance=False
        )
        return {"encoder_hidden_states": told, "pooled_projections": pooled}

    def predict(self, network: nn.Module, noised: Tensor, time: Tensor, conditions: dict[str, Any]) -> Tensor:
        return network(noised, timestep=time, **conditions, return_dict=False)[0]  # type: ignore[no-any-return]


# `trains` in semcodec/hub/painters/families.json names one of these.
DENOISERS: dict[str, type[Denoiser]] = {"unet": Denoiser, "unet-xl": DenoiserXL, "sd3": DenoiserSD3}


# ---- training


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
    log: Log = print,
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
    first = _restore(out / CHECKPOINT, learned, optimiser)
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
            _save(out / CHECKPOINT, learned, optimiser, step)
            weights = {name: weight.float() for name, weight in get_peft_model_state_dict(network).items()}
            denoiser.save(out, weights)
            log(json.dumps({"step": step, "probe": round(probed, 5)}))

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
            log(json.dumps({"step": done, "loss": round(sum(sums) / len(sums), 5)}))
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


def _save(path: Path, learned: dict[str, nn.Parameter], optimiser: torch.optim.Optimizer, step: int) -> None:
    """Weights and both moments of the optimiser, by name; beside and then renamed."""
    tensors = {}
    for name, weight in learned.items():
        moments = optimiser.state.get(weight, {})
        tensors[f"weight/{name}"] = weight.detach().cpu().contiguous()
        for moment in ("exp_avg", "exp_avg_sq"):
            if moment in moments:
                tensors[f"{moment}/{name}"] = moments[moment].detach().cpu().contiguous()
    save_file(tensors, path.with_suffix(".tmp"), metadata={"step": str(step)})
    path.with_suffix(".tmp").replace(path)


def _restore(path: Path, learned: dict[str, nn.Parameter], optimiser: torch.optim.Optimizer) -> int:
    """The step that a checkpoint was saved at, 0 where there is none."""
    if not path.exists():
        return 0
    with safe_open(path, framework="pt") as file:
        step = int(file.metadata()["step"])
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
    return step


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("recipe", choices=sorted(recipes.PAINTER_LORA_RECIPES))
    parser.add_argument(
        "--painter", help="hf:ORG/NAME, or a folder; the debug recipe makes a tiny one if none is given"
    )
    parser.add_argument("--photos", type=Path, required=True, help="pictures, and words about them in .txt files")
    parser.add_argument("--out", type=Path, required=True, help="weights and checkpoint; an unfinished run goes on")
    parser.add_argument("--device", default="auto", help="auto, cuda, mps, cpu")
    args = parser.parse_args()
    recipe = recipes.PAINTER_LORA_RECIPES[args.recipe]()
    painter = args.painter
    if painter is None:
        if args.recipe != "painter_lora_debug":
            parser.error("--painter is needed: hf:ORG/NAME, or a folder")
        from semcodec_train.tiny_painters import stable_diffusion

        painter = str(stable_diffusion(args.out / "tiny-painter"))
    dtype = {"no": "float32", "fp16": "float16", "bf16": "bfloat16"}[recipe.precision]
    model = open_pipeline(painter, PainterOptions(device=args.device, dtype=dtype), say=print)
    train(recipe, model, load_pairs_photos(args.photos), args.out, log=lambda line: print(line, flush=True))


if __name__ == "__main__":
    main()
