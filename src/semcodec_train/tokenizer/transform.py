"""The block transforms of the residual scales, fitted to what paintings lack (Karhunen-Loeve, by closed form).

Shapes: N = pictures; H, W = pixels; S = stride, a block's side; D = digits of a token; P = 3 S S, numbers of a block.

A scale's kernels are the D eigenvectors of largest variance of the residue left by all coarser tokens, over every
block of the given crops. Analysis divides by the quantiser's step; synthesis multiplies a value (-1..1) by step times
half the levels.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from semcodec_train.tokenizer.model import Tokenizer


def principal_kernels(residues: Sequence[Tensor], stride: int, num: int) -> tuple[Tensor, Tensor]:
    """((num, 3, S, S) orthonormal kernels, their standard deviations (num,)), the largest first."""
    size = 3 * stride * stride
    total, count = torch.zeros(size, size, device=residues[0].device), 0
    for residue_NCHW in residues:
        blocks = F.unfold(residue_NCHW, stride, stride=stride).transpose(1, 2).reshape(-1, size)
        total.addmm_(blocks.T, blocks)
        count += len(blocks)
    variances, vectors = largest_eigenvectors(total / count, num)
    return vectors.T.reshape(num, 3, stride, stride), variances.clamp_min(0).sqrt()


def largest_eigenvectors(symmetric: Tensor, num: int) -> tuple[Tensor, Tensor]:
    """The `num` largest eigenvalues, falling, and their vectors (columns), by subspace iteration: all 3,072 of a block
    of 32x32 pixels would take 20 times as long.
    """
    start = torch.randn(len(symmetric), min(len(symmetric), num + 16), generator=torch.Generator().manual_seed(0)).to(
        symmetric
    )
    basis = torch.linalg.qr(start)[0]
    for _ in range(30):
        basis = torch.linalg.qr(symmetric @ basis)[0]
    values, mix = torch.linalg.eigh(basis.T @ symmetric @ basis)
    return values.flip(0)[:num], (basis @ mix).flip(1)[:, :num]


def folded(kernels_D3SS: Tensor) -> Tensor:
    """Kernels as the weight (3 S S, D, 1, 1) of a 1x1 convolution, to be unfolded by `pixel_shuffle`: S / 8, then 8."""
    stride = kernels_D3SS.shape[-1]
    by_block = F.pixel_unshuffle(kernels_D3SS, 8)  # (D, 192, S / 8, S / 8)
    return F.pixel_unshuffle(by_block, stride // 8).flatten(1).T[:, :, None, None]


@torch.no_grad()
def fit_residues(model: Tokenizer, crops: Sequence[Tensor], *, bf16: bool = True) -> list[list[float]]:
    """Fits every residual scale in turn to (N, 3, H, W) crops in -1..1; returns each scale's standard deviations in
    steps.

    The decoder listens to the new digits through the synthesis alone: what it had learned about the old ones is void.
    """
    spec, first = model.spec, model.spec.num_learned
    for scale in range(first, len(spec.strides)):
        model.decoder.embed[scale].weight.zero_()
        model.decoder.synthesis.kernels[scale - first].weight.zero_()
    deviations = []
    for scale in range(first, len(spec.strides)):
        stride, levels, step = spec.strides[scale], spec.levels[scale], spec.steps[scale - first]
        residues = []
        for crop in crops:
            ones = [crop.new_ones(len(crop), 1, crop.shape[2] // s, crop.shape[3] // s) for s in spec.strides]
            masks = [one * float(s < scale) for s, one in enumerate(ones)]
            with torch.autocast(crop.device.type, torch.bfloat16, enabled=bf16):
                residues.append(crop - model(crop, masks)[0].float().clamp(-1, 1))
        kernels, deviation = principal_kernels(residues, stride, len(levels))
        model.encoder.residues.analysis[scale - first].weight.copy_(kernels / step)
        half = torch.tensor(levels, dtype=torch.float32, device=kernels.device).view(-1, 1, 1, 1) / 2
        model.decoder.synthesis.kernels[scale - first].weight.copy_(folded(kernels * half * step))
        deviations.append((deviation / step).tolist())
    return deviations
