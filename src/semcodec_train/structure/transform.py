"""Fits the block transforms of structure tokens: principal components of maps, and of what the coarser one leaves.

Shapes: P = patches; V = cells of a patch; D = digits.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from semcodec_train.structure.model import Transform

# Of the quantiser, per scale, for maps of 0..1. Others lie on the same curve of F-measure over bytes (8 pictures, coded
# without contexts: 1.2 and 0.7 give 0.585 at 156 bytes and 0.660 at 309, these 0.627 at 187, 2.0 and 1.3 0.602 at 153
# and 0.650 at 265); these have budgets from 40 to 400 bytes on it.
STEPS = (1.6, 1.0)


@torch.no_grad()
def fit_transform(transform: Transform, map_N1HW: Tensor) -> None:
    """Sets the kernels of analysis and synthesis."""
    lacking, spend = map_N1HW, map_N1HW.new_ones(len(map_N1HW), 1)
    for scale, (levels, step) in enumerate(zip(transform.spec.levels, STEPS, strict=True)):
        analysis, synthesis = transform.analysis[scale], transform.synthesis[scale]
        assert isinstance(analysis, nn.Conv2d) and isinstance(synthesis, nn.ConvTranspose2d)
        side = analysis.kernel_size[0]
        patches_PV = F.unfold(lacking, side, stride=side).transpose(1, 2).flatten(0, 1)
        _, vectors = torch.linalg.eigh(patches_PV.T @ patches_PV / len(patches_PV))
        basis_DV = vectors.T.flip(0)[: len(levels)]
        analysis.weight.copy_((basis_DV / step).view_as(analysis.weight))
        synthesis.weight.copy_((basis_DV * step).view_as(synthesis.weight))
        lacking = lacking - synthesis(transform.steps_of(scale, lacking, spend))
