"""Fits the block transforms of structure tokens: principal components of maps, and of what the coarser one leaves.

Shapes: P = patches; V = cells of a patch; D = digits.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from semcodec_train.structure.model import StructureCodec, rounded

STEPS = (1.2, 0.7)  # of the quantiser, per scale, for maps of 0..1


@torch.no_grad()
def fit_transform(codec: StructureCodec, map_N1HW: Tensor) -> None:
    """Sets the kernels of analysis and synthesis."""
    lacking = map_N1HW
    for scale, (levels, step) in enumerate(zip(codec.spec.levels, STEPS, strict=True)):
        analysis, synthesis = codec.encoder.analysis[scale], codec.decoder.synthesis.kernels[scale]
        assert isinstance(analysis, nn.Conv2d) and isinstance(synthesis, nn.ConvTranspose2d)
        side = analysis.kernel_size[0]
        patches_PV = F.unfold(lacking, side, stride=side).transpose(1, 2).flatten(0, 1)
        _, vectors = torch.linalg.eigh(patches_PV.T @ patches_PV / len(patches_PV))
        basis_DV = vectors.T.flip(0)[: len(levels)]
        analysis.weight.copy_((basis_DV / step).view_as(analysis.weight))
        half = torch.tensor(levels, dtype=torch.float32, device=basis_DV.device)[:, None] / 2
        synthesis.weight.copy_((basis_DV * step * half).view_as(synthesis.weight))
        lacking = lacking - synthesis(rounded(analysis(lacking), levels))
