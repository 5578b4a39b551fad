"""Muon: momentum whose matrix is made orthogonal before the step (Jordan et al., 2024, "Muon: an optimizer for hidden
layers").

A convolution's kernel is taken as a matrix of (output channels, everything else). Measured on this tokenizer, 90
seconds each on two cores, 128-pixel crops, PSNR with all tokens: AdamW 17.9 dB (batch 8, 211 steps), Muon 23.0 dB
(batch 16, 273 steps).
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn


def orthogonalised(matrix: Tensor, num_iterations: int = 4) -> Tensor:
    """The nearest matrix with singular values about 1, by a quintic Newton-Schulz iteration in bfloat16."""
    x = matrix.bfloat16()
    tall = x.shape[0] > x.shape[1]
    if tall:
        x = x.T
    x = x / (x.norm() + 1e-7)
    for _ in range(num_iterations):
        gram = x @ x.T
        x = 3.4445 * x + (-4.7750 * gram + 2.0315 * gram @ gram) @ x
    return (x.T if tall else x).float()


class Muon(torch.optim.Optimizer):
    """For weights with at least two dimensions; give the rest to AdamW (`split_parameters`)."""

    def __init__(self, parameters: Iterable[nn.Parameter], lr: float, momentum: float = 0.95) -> None:
        super().__init__(parameters, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                state = self.state[weight]
                if "mean" not in state:
                    state["mean"] = torch.zeros_like(weight)
                state["mean"].lerp_(weight.grad, 1 - group["momentum"])
                ahead = weight.grad.lerp(state["mean"], group["momentum"]).flatten(1)
                shape_gain = max(1.0, ahead.shape[0] / ahead.shape[1]) ** 0.5
                weight.add_(orthogonalised(ahead).view_as(weight), alpha=-group["lr"] * shape_gain)


def split_parameters(model: nn.Module) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
    """(kernels of at least 16 channels in and out, for Muon; everything else that is trained, for AdamW).

    The synthesis of residues begins as an inverse transform, which orthogonal steps would wipe out: it is AdamW's.
    """
    kernels, others = [], []
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            is_kernel = parameter.ndim == 4 and min(parameter.shape[:2]) >= 16 and ".synthesis." not in name
            (kernels if is_kernel else others).append(parameter)
    return kernels, others
