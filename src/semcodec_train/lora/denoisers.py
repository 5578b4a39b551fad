"""Noise levels, and how each family's denoiser is called.

Shapes: N = pictures; H, W = pixels; L = latent channels; h, w = latent cells.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn


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
