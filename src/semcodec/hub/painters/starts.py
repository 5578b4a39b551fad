"""Image-to-image for flow-matching pipelines that diffusers has no such pipeline for (SANA).

A flow goes from noise to a picture in straight lines: at time t a latent is (1 - t) * picture + t * noise. So a
painting that starts from a picture is the family's own text-to-image call, given that mixture and the times below t.

Shapes: N = pictures; L = latent channels; h, w = latent cells; H, W = pixels.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from semcodec.hub.devices import Placement
from semcodec.hub.require import require


class LatentStart:
    """For pipelines with `vae`, `scheduler`, and calls that take `latents` and `sigmas`."""

    def __init__(self, pipeline: Any, placement: Placement) -> None:
        self._pipeline, self._placement = pipeline, placement

    def arguments(self, known_NHWC: np.ndarray[Any, Any], strength: float, steps: int, noise: Any) -> dict[str, Any]:
        """What to call the pipeline with. `known_NHWC` is float, 0..1; `noise` is a torch.Generator."""
        torch, diffusers = require("torch"), require("diffusers")
        config = self._pipeline.scheduler.config
        shift = config.get("flow_shift") or config.get("shift") or 3.0
        scheduler = diffusers.FlowMatchEulerDiscreteScheduler(shift=shift)
        num_walked = max(1, round(steps * strength))
        # (evenly spaced in unshifted time, as the whole schedule is; the scheduler shifts them)
        sigmas = np.linspace(strength, strength / num_walked, num_walked)
        scheduler.set_timesteps(sigmas=sigmas)
        first = float(scheduler.sigmas[0])
        self._pipeline.scheduler = scheduler
        vae = self._pipeline.vae.to(self._placement.device)
        pixels = torch.from_numpy(known_NHWC.transpose(0, 3, 1, 2) * 2 - 1).to(vae.device, vae.dtype)
        with torch.no_grad():
            encoded = vae.encode(pixels)
        latents = encoded.latent if hasattr(encoded, "latent") else encoded.latent_dist.mode()
        latents = (latents * vae.config.scaling_factor).float().cpu()
        mixed = (1 - first) * latents + first * torch.randn(latents.shape, generator=noise)
        return {
            "latents": mixed.to(self._placement.device),
            "sigmas": sigmas.tolist(),
            "num_inference_steps": num_walked,
        }
