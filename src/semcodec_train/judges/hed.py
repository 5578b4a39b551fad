"""HED, holistically-nested edge detection (Xie & Tu, 2015, arXiv 1504.06375): a VGG16 that says where outlines are. A
teacher, never shipped.

Shapes: N = pictures; H, W = pixels. Pictures are RGB in 0..255. The weights are read from a safetensors file.
"""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn

WIDTHS = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))
MEAN_BGR = (104.00699, 116.66877, 122.67892)


class Hed(nn.Module):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self.blocks, self.sides, before = nn.ModuleList(), nn.ModuleList(), 3
        for widths in WIDTHS:
            block = nn.ModuleList()
            for width in widths:
                block.append(nn.Conv2d(before, width, 3, padding=1))
                before = width
            self.blocks.append(block)
            self.sides.append(nn.Conv2d(before, 1, 1))
        self.fuse = nn.Conv2d(len(WIDTHS), 1, 1)
        self.load_state_dict({name: value.float() for name, value in load_file(str(path)).items()})
        self.eval().requires_grad_(False)

    def forward(self, image_NCHW: Tensor) -> Tensor:
        """(N, 1, H, W) 0..1."""
        x = image_NCHW.flip(1) - torch.tensor(MEAN_BGR, device=image_NCHW.device).view(1, 3, 1, 1)
        said = []
        for at, (block, side) in enumerate(zip(self.blocks, self.sides, strict=True)):
            x = F.max_pool2d(x, 2, ceil_mode=True) if at else x
            for convolution in block:  # type: ignore[attr-defined]
                x = F.relu(convolution(x))
            said.append(F.interpolate(side(x), size=image_NCHW.shape[2:], mode="bilinear", align_corners=False))
        return torch.sigmoid(self.fuse(torch.cat(said, 1)))
